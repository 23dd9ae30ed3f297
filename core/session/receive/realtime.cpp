#include "session/receive/realtime.h"

#include <variant>

#include "history/content.h"
#include "history/sealed_content.h"
#include "history/web_message.h"
#include "inbox/store.h"
#include "proto/web_message.pb.h"

namespace wasync {
namespace {

Jid author(const IncomingMessage& incoming) {
  return incoming.from_me ? Jid{} : incoming.sender.bare();
}

// All but the content.
Message envelope(const IncomingMessage& incoming) {
  return {.key = key_of(incoming),
          .chat = incoming.chat,
          .sender = author(incoming),
          .sender_name = incoming.from_me ? "" : incoming.push_name,
          .sent_at = incoming.sent_at,
          .status = incoming.from_me ? DeliveryStatus::kSent : DeliveryStatus::kDelivered,
          .source = SyncSource::kRealtime};
}

bool is_there(PutMessage put) {
  return put != PutMessage::kNoChat && put != PutMessage::kNoThread;
}

struct StoreMeaning {
  const IncomingMessage& incoming;
  const OwnIdentity& own;
  InboxWriter& inbox;

  MessageKey our_view(const MessageKey& target) const {
    return from_our_view(target, author(incoming), own);
  }

  bool operator()(const NothingToShow&) const { return false; }

  bool operator()(Content content) const {
    Message message = envelope(incoming);
    set_content(message, std::move(content));
    return is_there(inbox.put_message(std::move(message)));
  }

  bool operator()(const ReactionTo& reaction) const {
    inbox.put_reaction({.chat = incoming.chat,
                        .target = our_view(reaction.target),
                        .by = author(incoming),
                        .emoji = reaction.emoji,
                        .at = reaction.at.known() ? reaction.at : incoming.sent_at});
    return true;
  }

  bool operator()(const EditOf& edit) const {
    inbox.put_edit({.chat = incoming.chat,
                    .target = our_view(edit.target),
                    .by = author(incoming),
                    .body = edit.content.body,
                    .at = edit.at.known() ? edit.at : incoming.sent_at,
                    .poll_options = edit.content.poll_options,
                    .media_facts = edit.content.media_facts});
    return true;
  }

  bool operator()(const PollOptionFor& added) const {
    inbox.put_poll_option({.chat = incoming.chat,
                           .target = our_view(added.target),
                           .by = author(incoming),
                           .name = added.name,
                           .at = incoming.sent_at});
    return true;
  }

  bool operator()(SealedFor told) const {
    Sealed sealed =
        sealed_from(std::move(told), incoming.chat, key_of(incoming), author(incoming), own);
    if (!sealed.at.known()) sealed.at = incoming.sent_at;
    if (!incoming.from_me) sealed.sender_name = incoming.push_name;
    store_sealed(sealed, inbox);
    return true;
  }

  bool operator()(const RevocationOf& revocation) const {
    inbox.put_revoke({.chat = incoming.chat,
                      .target = our_view(revocation.target),
                      .by = author(incoming),
                      .by_admin = incoming.by_admin,
                      .at = incoming.sent_at});
    return true;
  }
};

}  // namespace

bool store_realtime(const IncomingMessage& incoming, const pb::Message& content,
                    const OwnIdentity& own, InboxWriter& inbox) {
  const Meaning meaning = meaning_of(content);
  bool stored = false;
  if (incoming.recipients.empty()) {
    stored = std::visit(StoreMeaning{incoming, own, inbox}, meaning);
  }
  for (const LidMapping& recipient : incoming.recipients) {
    IncomingMessage to_one = incoming;
    to_one.chat = recipient.phone.empty() ? recipient.lid : recipient.phone;
    stored = std::visit(StoreMeaning{to_one, own, inbox}, meaning) || stored;
  }
  open_kept(inbox);
  return stored;
}

bool store_placeholder(const IncomingMessage& incoming, InboxWriter& inbox) {
  Message message = envelope(incoming);
  message.type = message_type::kUndecryptable;
  return is_there(inbox.put_message(std::move(message)));
}

bool store_withheld(const IncomingMessage& incoming, std::string_view what, InboxWriter& inbox) {
  Message message = envelope(incoming);
  message.type = message_type::kWithheld;
  message.body = what;
  return is_there(inbox.put_message(std::move(message)));
}

std::optional<bool> store_resent(const IncomingMessage& incoming, const pb::WebMessageInfo& info,
                                 const OwnIdentity& own, InboxWriter& inbox) {
  if (info.has_message()) return store_realtime(incoming, info.message(), own, inbox);
  const HistoryEntry entry = read_web_message(info, {.own = own,
                                                     .chat = incoming.chat,
                                                     .fallback_time = incoming.sent_at,
                                                     .now = UnixSeconds::now(),
                                                     .source = SyncSource::kRealtime});
  const Message* told = std::get_if<Message>(&entry);  // a missed call, or a revoked message
  if (told == nullptr) return std::nullopt;
  Message message = envelope(incoming);
  message.type = told->type;
  message.body = told->body;
  message.deleted_at = told->deleted_at;
  return is_there(inbox.put_message(std::move(message)));
}

void drop_placeholder(const IncomingMessage& incoming, InboxWriter& inbox) {
  inbox.put_revoke({.chat = incoming.chat,
                    .target = key_of(incoming),
                    .by = author(incoming),
                    .at = UnixSeconds::now()});
}

}  // namespace wasync
