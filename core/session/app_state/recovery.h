// Repairs a collection that we cannot trust even when we fetch it from scratch: the phone, whose
// data it is, sends us an unsealed copy of it (COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY). Facts:
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

// The message that asks our phone for the copy.
pb::Message recovery_request(std::string_view collection, UnixSeconds now);

// Takes in the phone's copy of a damaged collection, in the caller's transaction: an entry that the
// copy lacks is gone. Returns whether the collection is whole again; if so, ask the server for what
// came after the copy. An answer changes nothing when it is malformed, older than what we have, or
// about a collection that is not damaged.
bool take_recovery(const pb::PeerDataOperationRequestResponseMessage& response, Database& database,
                   InboxWriter& inbox);

}  // namespace wasync
