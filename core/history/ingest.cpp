#include "history/ingest.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/inflate.h"
#include "base/sqlite.h"
#include "history/conversation.h"
#include "inbox/account.h"
#include "inbox/history_queue.h"
#include "inbox/ids.h"
#include "inbox/queries.h"
#include "inbox/store.h"
#include "proto/history_sync.pb.h"

namespace wasync {
namespace {

// What one transaction added, for the account's totals.
struct Tally {
  std::int64_t seen = 0;
  std::int64_t nothing = 0;
  std::int64_t dropped = 0;
  std::int64_t errors = 0;
};

class Ingestion final : public HistoryParts {
 public:
  Ingestion(Database& database, const IngestOptions& options)
      : database_(database), options_(options) {
    result_.sync_type = options.sync_type;
  }

  IngestResult run(const ChunkSource& source);

  bool conversation(const pb::Conversation& header, std::uint64_t ordinal,
                    std::size_t messages) override;
  void message(const pb::WebMessageInfo& info) override;
  void status_message(const pb::WebMessageInfo& info) override;
  void push_name(const pb::Pushname& name) override;
  void lid_mapping(const pb::PhoneNumberToLidMapping& mapping) override;
  void inline_contact(const pb::InlineContact& contact) override;
  void damaged() override;

  // What a message of history turns into.
  void operator()(Message& message);
  void operator()(Reaction& reaction) { inbox().put_reaction(reaction); }
  void operator()(Edit& edit) { inbox().put_edit(edit); }
  void operator()(Revoke& revoke) { inbox().put_revoke(revoke); }
  void operator()(VerifiedName& verified);
  void operator()(Notice) { ++tally_.nothing; }
  void operator()(NothingToShow) { ++tally_.nothing; }
  void operator()(Unusable) { ++tally_.errors; }

 private:
  void pass(const ChunkSource& source);
  bool on_demand() const;
  bool waits_for_mapping(const Conversation& conversation);
  bool answered_conversation(const Conversation& conversation, const pb::Conversation& header,
                             std::size_t messages);
  void learn(const Jid& one, const Jid& other);
  void learn_from_receipts(const pb::WebMessageInfo& info);
  void learn_business_name(const pb::WebMessageInfo& info);
  InboxWriter& inbox();
  void written();
  void commit(bool last);
  void add_counts(const InboxWriter::Counts& counts);
  void update_totals(const InboxWriter::Counts& counts, bool last);

  Database& database_;
  const IngestOptions& options_;
  IngestResult result_;
  const HistoryParser* parser_ = nullptr;

  // Conversations under a LID whose phone is unknown: the mapping usually lies behind them.
  std::vector<std::uint64_t> deferred_;
  bool second_pass_ = false;
  std::set<Jid> businesses_;  // whose name this chunk has told

  MessageContext context_{.own = options_.own, .now = options_.now};

  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<InboxWriter> inbox_;  // belongs to the transaction: destroyed before it
  std::size_t since_commit_ = 0;
  Tally tally_;
};

IngestResult Ingestion::run(const ChunkSource& source) {
  if (source) {
    pass(source);
    if (!deferred_.empty()) {
      second_pass_ = true;
      pass(source);
    }
  }
  commit(true);
  return std::move(result_);
}

void Ingestion::pass(const ChunkSource& source) {
  InflateStream inflate(options_.limits.total_bytes);
  HistoryParser parser(*this, options_.limits);
  parser_ = &parser;
  const InflateStream::Sink parse = [&](BytesView inflated) { parser.feed(inflated); };
  source([&](BytesView compressed) { inflate.feed(compressed, parse); });
  inflate.finish();
  parser.finish();
  result_.chunk_order = parser.header().chunk_order;
  result_.percent = parser.header().progress;
  parser_ = nullptr;
}

// The notification and the chunk both say so; either suffices to create no thread.
bool Ingestion::on_demand() const {
  return options_.sync_type == pb::HISTORY_SYNC_ON_DEMAND ||
         (parser_ != nullptr && parser_->header().sync_type == pb::HISTORY_SYNC_ON_DEMAND);
}

bool Ingestion::conversation(const pb::Conversation& header, std::uint64_t ordinal,
                             std::size_t messages) {
  if (second_pass_ && !std::binary_search(deferred_.begin(), deferred_.end(), ordinal)) {
    return false;
  }
  const Conversation conversation = read_conversation(header, options_.now);
  if (conversation.chat.empty() || !can_be_thread(conversation.chat)) {
    if (conversation.chat.empty()) ++tally_.errors;
    tally_.seen += static_cast<std::int64_t>(messages);
    tally_.dropped += static_cast<std::int64_t>(messages);
    return false;
  }
  if (!second_pass_ && waits_for_mapping(conversation)) {
    deferred_.push_back(ordinal);
    return false;
  }
  ++result_.conversations;
  context_.chat = conversation.chat;
  context_.fallback_time =
      conversation.last_activity.known() ? conversation.last_activity : options_.oldest_message_at;
  context_.source = on_demand() ? SyncSource::kBackfill : SyncSource::kHistorySync;
  if (on_demand()) return answered_conversation(conversation, header, messages);
  if (!options_.dry_run) inbox().put_conversation(conversation);
  written();
  return true;
}

bool Ingestion::waits_for_mapping(const Conversation& conversation) {
  return conversation.chat.is_lid() && conversation.phone_alias.empty() && !options_.dry_run &&
         inbox().canonical(conversation.chat).is_lid();
}

// An answer adds to a thread that exists, and to nothing else.
bool Ingestion::answered_conversation(const Conversation& conversation,
                                      const pb::Conversation& header, std::size_t messages) {
  AnsweredChat answer{.chat = conversation.chat,
                      .messages = static_cast<std::int64_t>(messages),
                      .exhausted = conversation.history_exhausted,
                      .no_access = older_messages_denied(header)};
  if (!options_.dry_run) {
    learn(conversation.chat, conversation.phone_alias);
    learn(conversation.chat, conversation.lid_alias);
    answer.known = inbox().has_thread(conversation.chat);
    if (answer.known) inbox().set_backfilled(conversation.chat, options_.now, answer.exhausted);
  }
  if (!answer.known) {
    tally_.seen += answer.messages;
    tally_.dropped += answer.messages;
  }
  result_.answered.push_back(answer);
  return answer.known;
}

void Ingestion::message(const pb::WebMessageInfo& info) {
  ++tally_.seen;
  if (second_pass_) learn_from_receipts(info);
  HistoryEntry entry = read_web_message(info, context_);
  if (options_.dry_run) {
    if (std::holds_alternative<Unusable>(entry)) ++tally_.errors;
  } else {
    learn_business_name(info);
    std::visit(*this, entry);
  }
  written();
}

// Every message of a business tells the name that WhatsApp had verified when it was sent.
// History tells the newest first, so that the first one told is the one that counts.
void Ingestion::learn_business_name(const pb::WebMessageInfo& info) {
  if (info.verified_biz_name().empty()) return;
  const Jid author = author_of(info, context_.chat);
  if (!author.is_person() || !businesses_.insert(author).second) return;
  const auto known = find_contact(database_, author);
  if (known && !known->verified_name.empty()) return;
  inbox().put_contact(Contact{.jid = author, .verified_name = info.verified_biz_name()});
}

void Ingestion::operator()(Message& message) {
  inbox().put_message(message);
}

void Ingestion::operator()(VerifiedName& verified) {
  ++tally_.nothing;
  inbox().put_contact(
      Contact{.jid = std::move(verified.jid), .verified_name = std::move(verified.name)});
}

// A status is nobody's conversation, but it tells how its author is called.
void Ingestion::status_message(const pb::WebMessageInfo& info) {
  if (second_pass_) return;
  ++result_.statuses;
  const Jid author =
      bare_jid(info.participant().empty() ? info.key().participant() : info.participant());
  if (author.empty() || info.key().from_me() || info.push_name().empty()) return;
  if (!options_.dry_run) inbox().put_push_name(author, info.push_name());
  written();
}

void Ingestion::push_name(const pb::Pushname& name) {
  if (second_pass_) return;
  const Jid jid = bare_jid(name.id());
  if (!jid.is_person() || name.pushname().empty() || options_.own.is(jid)) return;
  ++result_.push_names;
  if (!options_.dry_run) inbox().put_push_name(jid, name.pushname());
  written();
}

void Ingestion::lid_mapping(const pb::PhoneNumberToLidMapping& mapping) {
  if (!second_pass_) learn(bare_jid(mapping.lid_jid()), bare_jid(mapping.pn_jid()));
}

void Ingestion::inline_contact(const pb::InlineContact& contact) {
  if (second_pass_) return;
  const Jid phone = bare_jid(contact.pn_jid());
  const Jid lid = bare_jid(contact.lid_jid());
  learn(lid, phone);
  Contact out{
      .jid = phone.empty() ? lid : phone,
      .saved_name = contact.full_name().empty() ? contact.first_name() : contact.full_name()};
  if (!out.jid.is_person()) return;
  if (!phone.empty() && lid.is_lid()) out.lid = lid;
  if (!options_.dry_run) inbox().put_contact(out);
  written();
}

void Ingestion::damaged() {
  if (!second_pass_) ++tally_.errors;
}

void Ingestion::learn(const Jid& one, const Jid& other) {
  const std::optional<LidMapping> mapping = wasync::lid_mapping(one, other);
  if (!mapping || options_.dry_run) return;
  if (inbox().put_lid_mapping(*mapping)) ++result_.mappings_learned;
  written();
}

// Old chunks have no mapping list; who received our own message says which phone a LID is
// (the same source Baileys uses).
void Ingestion::learn_from_receipts(const pb::WebMessageInfo& info) {
  if (!context_.chat.is_lid() || !info.key().from_me() || info.user_receipt().empty()) return;
  const Jid receiver = bare_jid(info.user_receipt(0).user_jid());
  if (options_.own.is(receiver) || !inbox().canonical(context_.chat).is_lid()) return;
  learn(context_.chat, receiver);
}

InboxWriter& Ingestion::inbox() {
  if (!inbox_) {
    transaction_ = std::make_unique<Transaction>(database_);
    inbox_ = std::make_unique<InboxWriter>(database_, options_.now);
  }
  return *inbox_;
}

void Ingestion::written() {
  if (++since_commit_ >= options_.messages_per_transaction) commit(false);
}

void Ingestion::commit(bool last) {
  InboxWriter& writer = inbox();
  writer.flush();
  const InboxWriter::Counts counts = writer.counts();
  add_counts(counts);
  update_totals(counts, last);
  if (last) {
    if (options_.before_last_commit) options_.before_last_commit(writer, result_);
    if (options_.queue_item) HistoryQueue(database_).done(*options_.queue_item, options_.now);
  }
  inbox_.reset();
  transaction_->commit();
  transaction_.reset();
  since_commit_ = 0;
  tally_ = {};
  if (options_.on_progress) {
    const ChunkHeader header = parser_ != nullptr ? parser_->header() : ChunkHeader{};
    options_.on_progress({.sync_type = options_.sync_type,
                          .chunk_order = last ? result_.chunk_order : header.chunk_order,
                          .percent = last ? result_.percent : header.progress,
                          .threads = result_.conversations,
                          .messages = result_.messages_inserted + result_.messages_updated,
                          .contacts = result_.contacts_changed});
  }
  if (!last && options_.interrupted && options_.interrupted()) {
    throw Error(ErrorCode::kInterrupted, "interrupted while reading history",
                "what was read is kept; the rest is read when the program runs again");
  }
}

void Ingestion::add_counts(const InboxWriter::Counts& counts) {
  result_.threads_created += counts.threads_created;
  result_.placeholders += counts.placeholders;
  result_.messages_inserted += counts.messages_inserted;
  result_.messages_updated += counts.messages_updated;
  result_.messages_known += counts.messages_unchanged;
  result_.contacts_changed += counts.contacts_changed;
  result_.messages_seen += tally_.seen;
  result_.messages_nothing += tally_.nothing;
  result_.messages_dropped += tally_.dropped + counts.messages_dropped;
  result_.errors += tally_.errors;
}

// In the same transaction as the rows: after a crash the repeated part is counted as known,
// never as saved twice.
void Ingestion::update_totals(const InboxWriter::Counts& counts, bool last) {
  if (options_.sync_type == pb::HISTORY_SYNC_ON_DEMAND) return;
  update_account(database_, [&](Account& account) {
    HistoryResult& total = account.last_history_result;
    total.saved += counts.messages_inserted + counts.messages_updated;
    total.skipped +=
        counts.messages_unchanged + counts.messages_dropped + tally_.nothing + tally_.dropped;
    total.errors += tally_.errors;
    total.total += tally_.seen;
    total.placeholders += counts.placeholders;
    total.dry_run = options_.dry_run;
    if (!last) return;
    ++total.chunks;
    total.progress = static_cast<int>(result_.percent);
    account.last_history_sync_at = options_.now;
    ++account.history_sync_count;
    if (options_.sync_type == pb::HISTORY_SYNC_RECENT ||
        options_.sync_type == pb::HISTORY_SYNC_FULL) {
      account.history_complete = result_.percent >= 100;
    }
  });
}

}  // namespace

ChunkSource chunk_source(Bytes inline_payload) {
  return [payload = std::move(inline_payload)](const ByteSink& sink) { sink(payload); };
}

ChunkSource chunk_source(VerifiedBlob blob) {
  const auto shared = std::make_shared<const VerifiedBlob>(std::move(blob));
  return [shared](const ByteSink& sink) { shared->read(sink); };
}

IngestResult ingest(Database& database, const ChunkSource& source, const IngestOptions& options) {
  return Ingestion(database, options).run(source);
}

}  // namespace wasync
