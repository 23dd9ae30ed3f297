// What we tell our own phone, device to device ("peer" messages): nobody else gets it, and no
// conversation shows it. Facts: whatsmeow send.go (preparePeerMessageNode).
#pragma once

#include <optional>

#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

class SignalStore;
namespace pb {
class Message;
}

// Encrypted for the phone, in the caller's transaction: to be sent once that is committed. Nothing
// when the phone has never written to us, so that there is no session with it.
std::optional<Node> peer_message(SignalStore& store, const Device& device,
                                 const pb::Message& content);

}  // namespace wasync
