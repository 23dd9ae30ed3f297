// Asks our phone for the messages of a chat before one that we have. The phone answers with a
// history chunk of type ON_DEMAND that quotes the request's id. Facts: whatsmeow send.go
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

// Phones are known to answer requests for this many (whatsmeow recommends it).
inline constexpr int kMostOlderMessages = 50;

// A message to ask from, and how to name its chat (receive/chat_addresses.h).
struct AnchorChoice {
  Anchor anchor{};
  Jid chat{};
  int older_known = 0;  // messages before it that we have already; the answer repeats them

  // Identifies the choice: we try each key once.
  std::string key() const { return anchor.key.id + " " + chat.to_string(); }
};

// The request. Remembers it (history/history_requests.h) in the caller's transaction; send it once
// that is committed. Nothing when we have no session with the phone.
std::optional<Node> older_messages_request(LiveConnection& connection, Database& database,
                                           const AnchorChoice& from, int count, UnixSeconds now);

// The address to name the chat by, as far as we know it: its LID, or its phone number when
// `by_phone_number`.
Jid chat_to_ask(Database& database, const Jid& chat, bool by_phone_number);

// The choices, the best first: the oldest messages that the phone made, for which it has answered
// in all known cases, then those of linked devices ("3EB0…"). The first message appears under each
// address of the chat, the others only under the address from chat_to_ask.
// `elsewhere`: more of the thread's messages, which `database` lacks.
std::vector<AnchorChoice> anchor_choices(Database& database, const ThreadId& thread,
                                         const std::vector<Anchor>& elsewhere = {},
                                         bool by_phone_number = false);

}  // namespace wasync
