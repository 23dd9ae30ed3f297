#include "history/reader.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "base/inflate.h"
#include "history/conversation.h"
#include "inbox/ids.h"
#include "proto/history_sync.pb.h"

namespace wasync {
namespace {

// A later version may read more in the same bytes.
std::uint64_t telling_of(BytesView wire) {
  static const std::size_t version = std::hash<std::string_view>{}(WASYNC_VERSION);
  return std::hash<std::string_view>{}(as_text(wire)) ^ version;
}

class Reader final : public HistoryParts {
 public:
  Reader(const ReadOptions& options, const EventSink& sink) : options_(options), sink_(sink) {}

  ChunkHeader run(const ChunkSource& source);

  bool conversation(const pb::Conversation& header, std::uint64_t ordinal,
                    std::size_t messages) override;
  void large_conversation(const pb::Conversation& header, std::uint64_t ordinal,
                          std::size_t messages) override;
  bool streams(std::uint64_t ordinal) override;
  void message(const pb::WebMessageInfo& info, BytesView wire) override;
  void status_message(const pb::WebMessageInfo& info) override;
  void push_name(const pb::Pushname& name) override;
  void lid_mapping(const pb::PhoneNumberToLidMapping& mapping) override;
  void inline_contact(const pb::InlineContact& contact) override;
  void message_too_large() override { say(TooLargeEvent{}); }
  // The first reading told it, but it has not seen the messages of large conversations.
  void damaged() override {
    if (streaming_) {
      say(DamageEvent{});
    } else {
      say_unless_partial(DamageEvent{});
    }
  }

 private:
  void say(HistoryEvent event) { sink_(event); }
  void say_unless_partial(HistoryEvent event) {
    if (options_.only == nullptr) sink_(event);
  }
  bool on_demand() const;
  ConversationEvent read(const pb::Conversation& header, std::uint64_t ordinal,
                         std::size_t messages) const;
  bool begin(ConversationEvent event);
  void say_business_name(const pb::WebMessageInfo& info);

  const ReadOptions& options_;
  const EventSink& sink_;
  HistoryParser parser_{*this, options_.limits};
  // This time is from a peer too, so check it.
  const UnixSeconds oldest_ =
      plausible_time(static_cast<std::uint64_t>(options_.oldest_message_at.value), options_.now);
  std::set<Jid> businesses_;  // whose name the events have told
  bool streaming_ = false;    // a large conversation
  MessageContext context_{.own = options_.own, .now = options_.now};
};

ChunkHeader Reader::run(const ChunkSource& source) {
  InflateStream inflate(options_.limits.total_bytes);
  const InflateStream::Sink parse = [&](BytesView inflated) { parser_.feed(inflated); };
  source([&](BytesView compressed) { inflate.feed(compressed, parse); });
  inflate.finish();
  parser_.finish();
  return parser_.header();
}

// The notification and the chunk both say what it is. If either says "on demand", create no thread.
bool Reader::on_demand() const {
  return options_.sync_type == pb::HISTORY_SYNC_ON_DEMAND ||
         parser_.header().sync_type == pb::HISTORY_SYNC_ON_DEMAND;
}

ConversationEvent Reader::read(const pb::Conversation& header, std::uint64_t ordinal,
                               std::size_t messages) const {
  return {.ordinal = ordinal,
          .messages = messages,
          .conversation = read_conversation(header, options_.now),
          .on_demand = on_demand(),
          .older_denied = older_messages_denied(header)};
}

// Whether its messages are wanted.
bool Reader::begin(ConversationEvent event) {
  const Conversation& conversation = event.conversation;
  context_.chat = conversation.chat;
  context_.fallback_time =
      conversation.last_activity.known() ? conversation.last_activity : oldest_;
  context_.source = event.on_demand ? SyncSource::kBackfill : SyncSource::kHistorySync;
  const bool wanted = takes_messages(conversation.chat);
  say(std::move(event));
  return wanted;
}

bool Reader::conversation(const pb::Conversation& header, std::uint64_t ordinal,
                          std::size_t messages) {
  streaming_ = false;
  if (options_.only != nullptr &&
      !std::binary_search(options_.only->begin(), options_.only->end(), ordinal)) {
    return false;
  }
  return begin(read(header, ordinal, messages));
}

void Reader::large_conversation(const pb::Conversation& header, std::uint64_t ordinal,
                                std::size_t messages) {
  ConversationEvent event = read(header, ordinal, messages);
  event.large = true;
  say_unless_partial(std::move(event));
}

bool Reader::streams(std::uint64_t ordinal) {
  streaming_ = false;
  if (options_.large == nullptr) return false;
  const auto told = options_.large->find(ordinal);
  if (told == options_.large->end()) return false;
  streaming_ = begin(told->second);
  return streaming_;
}

void Reader::message(const pb::WebMessageInfo& info, BytesView wire) {
  if (!info.verified_biz_name().empty()) say_business_name(info);
  MessageEvent event{.entry = read_web_message(info, context_),
                     .sealed = sealed_beside(info, context_)};
  if (auto* message = std::get_if<Message>(&event.entry)) message->telling = telling_of(wire);
  if (context_.chat.is_lid() && info.key().from_me() && info.user_receipt_size() > 0) {
    event.receiver = bare_jid(info.user_receipt(0).user_jid());
  }
  if (context_.source == SyncSource::kBackfill) {
    event.key = {.id = info.key().id(),
                 .remote_jid = info.key().remote_jid(),
                 .from_me = info.key().from_me(),
                 .participant = info.key().participant()};
    event.sent_at = plausible_time(info.message_timestamp(), options_.now);
  }
  say(std::move(event));
}

void Reader::say_business_name(const pb::WebMessageInfo& info) {
  const Jid author = author_of(info, context_.chat);
  if (author.is_person() && businesses_.insert(author).second) {
    say(BusinessNameEvent{.jid = author, .name = info.verified_biz_name()});
  }
}

void Reader::status_message(const pb::WebMessageInfo& info) {
  StatusEvent event;
  if (!info.key().from_me() && !info.push_name().empty()) {
    event.author =
        bare_jid(info.participant().empty() ? info.key().participant() : info.participant());
    event.push_name = info.push_name();
  }
  say_unless_partial(std::move(event));
}

void Reader::push_name(const pb::Pushname& name) {
  PushNameEvent event{.jid = bare_jid(name.id()), .push_name = name.pushname()};
  if (event.jid.is_person() && !event.push_name.empty() && !options_.own.is(event.jid)) {
    say_unless_partial(std::move(event));
  }
}

void Reader::lid_mapping(const pb::PhoneNumberToLidMapping& mapping) {
  auto pair = wasync::lid_mapping(bare_jid(mapping.lid_jid()), bare_jid(mapping.pn_jid()));
  if (pair) say_unless_partial(std::move(*pair));
}

void Reader::inline_contact(const pb::InlineContact& inlined) {
  const Jid phone = bare_jid(inlined.pn_jid());
  const Jid lid = bare_jid(inlined.lid_jid());
  if (auto pair = wasync::lid_mapping(lid, phone)) say_unless_partial(std::move(*pair));
  Contact contact;
  contact.jid = phone.empty() ? lid : phone;
  contact.saved_name = inlined.full_name().empty() ? inlined.first_name() : inlined.full_name();
  if (!phone.empty() && lid.is_lid()) contact.lid = lid;
  if (contact.jid.is_person()) say_unless_partial(std::move(contact));
}

}  // namespace

ChunkSource chunk_source(Bytes inline_payload) {
  return [payload = std::move(inline_payload)](const ByteSink& sink) { sink(payload); };
}

ChunkSource chunk_source(VerifiedBlob blob) {
  const auto shared = std::make_shared<const VerifiedBlob>(std::move(blob));
  return [shared](const ByteSink& sink) { shared->read(sink); };
}

ChunkHeader read_history(const ChunkSource& source, const ReadOptions& options,
                         const EventSink& sink) {
  return Reader(options, sink).run(source);
}

}  // namespace wasync
