// Messages to our own phone, device to device ("peer" messages): no other device gets them, and no
// conversation shows them. Facts: whatsmeow send.go (preparePeerMessageNode).
#pragma once

#include <optional>
#include <string>

#include "session/device/device.h"
#include "wire/node.h"

namespace wasync {

class SignalStore;
struct PhoneRequest;
namespace pb {
class Message;
}

// Encrypts `content` for the phone and remembers it (phone_requests.h), in the caller's
// transaction; send it once that is committed. Nothing when the phone has never written to us,
// because then there is no session with it.
//   Its urgency depends on what it asks for: a phone in the background wakes only for a push with
// the right priority.
std::optional<Node> peer_message(SignalStore& store, const Device& device,
                                 const pb::Message& content);

// Encrypts the same request again, because the phone could not read it. `count` is the one that its
// retry receipt states.
std::optional<Node> peer_message_again(SignalStore& store, const Device& device,
                                       const PhoneRequest& request, const std::string& count);

}  // namespace wasync
