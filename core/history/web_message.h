// One message of history: from the phone's WebMessageInfo to what the inbox writes.
#pragma once

#include <string>
#include <variant>

#include "base/clock.h"
#include "base/jid.h"
#include "history/content.h"
#include "inbox/amendment.h"
#include "inbox/message.h"

namespace wasync {

namespace pb {
class WebMessageInfo;
}

// The linked account's two addresses, bare; `lid` may be empty.
struct OwnIdentity {
  Jid phone;
  Jid lid;

  bool is(const Jid& bare) const { return bare == phone || (!lid.empty() && bare == lid); }
};

// Where the message was found, and what stands in for what it lacks.
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
// A notice of the app itself ("the group's subject changed"): nobody wrote it.
struct Notice {};
// Without an id, without any time, or from nobody: cannot be stored.
struct Unusable {};

using HistoryEntry =
    std::variant<Message, Reaction, Edit, Revoke, VerifiedName, Notice, NothingToShow, Unusable>;

// Who wrote it, bare; empty for our own, and where a group's message does not say.
Jid author_of(const pb::WebMessageInfo& info, const Jid& chat);

HistoryEntry read_web_message(const pb::WebMessageInfo& info, const MessageContext& context);

// A key inside a reaction, edit or revoke is written from its sender's point of view; this
// turns it into ours. `by` is the sender, bare; empty when it is ourselves.
MessageKey from_our_view(MessageKey target, const Jid& by, const OwnIdentity& own);

}  // namespace wasync
