// What we tell our own phone, device to device ("peer" messages): nobody else gets it, and no
// conversation shows it. Facts: whatsmeow send.go (preparePeerMessageNode).
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

// Encrypted for the phone and remembered (phone_requests.h), in the caller's transaction: to be
// sent once that is committed. Nothing when the phone has never written to us, so that there is no
// session with it.
//   How urgent it is depends on what it asks for: a phone in the background wakes only for what is
// pushed with the right priority.
std::optional<Node> peer_message(SignalStore& store, const Device& device,
                                 const pb::Message& content);

// The same request once more, encrypted anew: the phone could not read it. `count` is the one that
// its retry receipt states.
std::optional<Node> peer_message_again(SignalStore& store, const Device& device,
                                       const PhoneRequest& request, const std::string& count);

}  // namespace wasync
