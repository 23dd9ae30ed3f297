// Asking our phone for the messages of a chat before one that we have: it answers with a history
// chunk of type ON_DEMAND that quotes the request's id. Facts: whatsmeow send.go
// (BuildHistorySyncRequest), Baileys messages-recv.ts (fetchMessageHistory).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/jid.h"
#include "inbox/queries.h"
#include "wire/node.h"

namespace wasync {

class Database;
class LiveConnection;

// Phones are known to answer for so many (whatsmeow recommends it).
inline constexpr int kMostOlderMessages = 50;

// A message to ask from, and how to name its chat (receive/chat_addresses.h).
struct AnchorChoice {
  Anchor anchor{};
  Jid chat{};
  int older_known = 0;  // messages before it that we have already, and get once more

  // What need not be tried twice.
  std::string key() const { return anchor.key.id + " " + chat.to_string(); }
};

// The request, remembered (history/history_requests.h): in the caller's transaction, to be sent
// once that is committed. Nothing when we have no session with the phone.
std::optional<Node> older_messages_request(LiveConnection& connection, Database& database,
                                           const AnchorChoice& from, int count, UnixSeconds now);

// The better address of the chat: its LID where that is known, or its phone number.
Jid chat_to_ask(Database& database, const Jid& chat, bool by_phone_number);

// The best first: the oldest that the phone made, for which it has answered in all known cases,
// then those of linked devices ("3EB0…"). The first one stands there under each address of the
// chat, the others under the better one.
// `elsewhere`: more of the thread's messages, that are not in `database`.
std::vector<AnchorChoice> anchor_choices(Database& database, const ThreadId& thread,
                                         const std::vector<Anchor>& elsewhere = {},
                                         bool by_phone_number = false);

}  // namespace wasync
