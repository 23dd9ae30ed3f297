// Asks our phone for messages that we could not decrypt, and takes what it answers. Facts:
// whatsmeow send.go (BuildUnavailableMessageRequest), message.go.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "session/device/device.h"
#include "session/receive/awaited_messages.h"
#include "session/receive/stanza_group.h"
#include "wire/node.h"

namespace wasync {

class SignalStore;
namespace pb {
class PeerDataOperationRequestResponseMessage;
}

// At most this many in one request.
inline constexpr std::size_t kMostAskedTogether = 32;

// The request for these messages. Counts them as asked for, in the caller's transaction; send it
// once that is committed. Nothing when we have no session with the phone.
std::optional<Node> placeholder_request(SignalStore& store, const Device& device,
                                        const std::vector<AwaitedMessage>& wanted, UnixSeconds now);

// Stores, in the group's transaction, what the phone has of them; takes only messages that we
// await. Returns how many were malformed. Call it for an answer of our own phone.
std::int64_t take_resent(const pb::PeerDataOperationRequestResponseMessage& response,
                         StanzaGroup& group);

}  // namespace wasync
