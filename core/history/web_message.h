// One message of history: from the phone's WebMessageInfo to what the inbox writes.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/jid.h"
#include "history/content.h"
#include "inbox/amendment.h"
#include "inbox/message.h"
#include "inbox/sealed.h"

namespace wasync {

namespace pb {
class EventResponseMessage;
class PollVoteMessage;
class WebMessageInfo;
}  // namespace pb

// The linked account's two addresses, bare; `lid` may be empty.
struct OwnIdentity {
  Jid phone;
  Jid lid;

  bool is(const Jid& bare) const { return bare == phone || (!lid.empty() && bare == lid); }
};

// The place of the message in the history, and what stands in for what it lacks.
struct MessageContext {
  const OwnIdentity& own;
  Jid chat{};                   // the conversation, bare
  UnixSeconds fallback_time{};  // the conversation's or the chunk's; used when it has no time
  UnixSeconds now{};
  SyncSource source = SyncSource::kHistorySync;
};

// A business's name, from the notice that the chat is with a verified business.
struct VerifiedName {
  Jid jid;
  std::string name;
};
// A notice of the app itself ("the group's subject changed"), which no person wrote.
struct Notice {};
// Without an id, without any time, or without an author: the inbox cannot store it.
struct Unusable {};

using HistoryEntry = std::variant<Message, Reaction, Edit, Revoke, AddedOption, Sealed,
                                  VerifiedName, Notice, NothingToShow, Unusable>;

// Who wrote it, bare; empty for our own, and where a group's message does not say.
Jid author_of(const pb::WebMessageInfo& info, const Jid& chat);

HistoryEntry read_web_message(const pb::WebMessageInfo& info, const MessageContext& context);

// What was picked, as Answer in inbox/message.h has it.
std::string picks_of(const pb::PollVoteMessage& vote);
std::string picks_of(const pb::EventResponseMessage& answer);

// Votes and answers that the phone tells beside their message, still sealed.
std::vector<Sealed> sealed_beside(const pb::WebMessageInfo& info, const MessageContext& context);

// With the target from our point of view. `by` is who sealed it, bare; empty for ourselves.
Sealed sealed_from(SealedFor told, const Jid& chat, MessageKey key, const Jid& by,
                   const OwnIdentity& own);

// The sender of a reaction, edit or revoke writes the key inside from their own point of view; this
// turns it into ours. `by` is the sender, bare; empty for ourselves.
MessageKey from_our_view(MessageKey target, const Jid& by, const OwnIdentity& own);

}  // namespace wasync
