// What to do about a collection that cannot be trusted, also when fetched from scratch: the phone,
// whose word it is, sends us an open copy of it (COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY). Facts:
// whatsmeow appstate.go, send.go and appstate/recovery.go.
#pragma once

#include <string_view>

#include "base/clock.h"

namespace wasync {

class Database;
class InboxWriter;
namespace pb {
class Message;
class PeerDataOperationRequestResponseMessage;
}  // namespace pb

// What asks our phone for it.
pb::Message recovery_request(std::string_view collection, UnixSeconds now);

// Takes in what the phone has of a damaged collection, in the caller's transaction: what is not in
// it is gone. Returns whether the collection is whole again, and the server to be asked for what
// came after it. An answer that is malformed, older than what we have, or about a collection that
// is not damaged changes nothing.
bool take_recovery(const pb::PeerDataOperationRequestResponseMessage& response, Database& database,
                   InboxWriter& inbox);

}  // namespace wasync
