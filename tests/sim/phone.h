// What the user's phone does: scans QR codes, vouches for companions, sends them history.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "wire/node.h"

namespace wasync::pb {
class HistorySync;
class HistorySyncNotification;
class Message;
}  // namespace wasync::pb

namespace wasync::sim {

class World;
struct Companion;

// What a QR code says.
struct ScannedQr {
  std::string ref;
  PublicKey noise_key{};
  PublicKey identity{};
  Bytes adv_secret;
};
// Both forms: the link and the bare list. Throws Error(kProtocol) naming what is wrong.
ScannedQr parse_qr(std::string_view text);

// The device identity that the phone signs for a companion: the content of the
// <device-identity> of pair-success (a SignedDeviceIdentityHmac).
Bytes sign_device(const World& world, const PublicKey& companion_identity, BytesView adv_secret,
                  std::uint32_t key_index);

// Whether the companion answered with a valid signature of its own; `signed_identity` is the
// content of its <device-identity>, `offered` what sign_device made.
bool verify_device_signature(const World& world, const PublicKey& companion_identity,
                             BytesView offered, BytesView signed_identity);

// Encrypts for the companion and queues the stanza. `extra` attributes go on the <message>.
void send_from_phone(World& world, Companion& companion, const pb::Message& message,
                     const Node::Attributes& extra);

// Shares the keys of app state and pushes the whole history, each once per companion; nothing
// unless its pre-keys are uploaded.
void send_history(World& world, Companion& companion);
// One chunk as a notification, inline or as a blob.
void send_history_chunk(World& world, Companion& companion, const pb::HistorySync& chunk,
                        std::string_view request_id);

// A companion says that it cannot have a chunk's blob: uploads and announces it again.
void receive_server_error(World& world, Companion& companion, const Node& receipt);

}  // namespace wasync::sim
