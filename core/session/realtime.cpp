#include "session/realtime.h"

#include <variant>

#include "history/content.h"
#include "history/web_message.h"
#include "inbox/store.h"

namespace wasync {
namespace {

Jid author(const IncomingMessage& incoming) {
  return incoming.from_me ? Jid{} : incoming.sender.bare();
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
    Message message{
        .key = {.id = incoming.id,
                .remote_jid = incoming.chat.to_string(),
                .from_me = incoming.from_me,
                .participant = incoming.group ? incoming.sender.bare().to_string() : ""},
        .chat = incoming.chat,
        .sender = author(incoming),
        .sender_name = incoming.from_me ? "" : incoming.push_name,
        .sent_at = incoming.sent_at,
        .status = incoming.from_me ? DeliveryStatus::kSent : DeliveryStatus::kDelivered,
        .source = SyncSource::kRealtime};
    set_content(message, std::move(content));
    const PutMessage put = inbox.put_message(message);
    return put != PutMessage::kNoChat && put != PutMessage::kNoThread;
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
                    .at = edit.at.known() ? edit.at : incoming.sent_at});
    return true;
  }

  bool operator()(const RevocationOf& revocation) const {
    inbox.put_revoke({.chat = incoming.chat,
                      .target = our_view(revocation.target),
                      .by = author(incoming),
                      .at = incoming.sent_at});
    return true;
  }
};

}  // namespace

bool store_realtime(const IncomingMessage& incoming, const pb::Message& content,
                    const OwnIdentity& own, InboxWriter& inbox) {
  return std::visit(StoreMeaning{incoming, own, inbox}, meaning_of(content));
}

}  // namespace wasync
