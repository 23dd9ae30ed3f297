// What makes this host a linked device: the keys it registers with, and the identity it got.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/curve25519.h"
#include "base/jid.h"
#include "signal/pre_key.h"
#include "signal/store.h"

namespace wasync {

class Database;

// Every attempt to link makes new keys. They stay in memory until the phone has vouched for them,
// so an abandoned attempt leaves nothing behind.
struct DeviceKeys {
  KeyPair noise{};
  LocalIdentity identity{};
  KeyPair signed_pre_key{};
  SignedPreKey signed_pre_key_public{};
  Bytes adv_secret{};  // 32 bytes: the QR shows it; it keys the MAC of what the phone signs

  static DeviceKeys generate();
};

// A linked device, as the account file stores it (next to its Signal tables).
struct Device {
  KeyPair noise{};
  Jid jid{};  // with our device number
  Jid lid{};  // with our device number; empty when the server told none
  // Our earlier LIDs, bare. Not stored with the device: see lids_for_phone.
  std::vector<Jid> former_lids{};
  std::string platform{};       // what the phone runs: "android", "iphone", "smba", …
  std::string business_name{};  // empty for ordinary accounts
  Bytes signed_identity{};      // serialised pb::SignedDeviceIdentity, both signatures inside
  Bytes routing_info{};         // the server's last <edge_routing>; we quote it when dialling
  UnixSeconds paired_at{};
  bool full_history_requested = false;
  // The phone has more history to send, as far as we know: an interrupted pairing continues.
  bool history_awaited = true;
  UnixSeconds phone_heard_at{};  // see receive/phone_heard.h; unknown: not since linking
  // The media servers may demand it from a client that deletes a blob. Empty: the phone told none.
  std::string deletion_secret{};
  // When this file was seen to be a backup that was put back; see generation.h. Unknown: not since
  // linking.
  UnixSeconds restored_at{};
  bool phone_session_due = false;  // a new session with our phone is to begin, because of that

  std::string phone() const;  // "+40737123397"
  // The key that signed our pairing: the phone's Signal identity as long as the link lasts.
  std::optional<PublicKey> phone_identity() const;
};

// Nothing when this account file has never been linked, or was unlinked since.
std::optional<Device> load_device(Database& database);
// Replaces the stored device, with its Signal keys, sessions, identities and keys of app state, by
// the new one: afterwards the SignalStore's keys are `keys`. In the caller's transaction.
void replace_device(SignalStore& store, const Device& device, const DeviceKeys& keys);
// In the caller's transaction.
void store_lid(Database& database, const Jid& lid);
void store_routing_info(Database& database, BytesView routing_info);
void store_history_awaited(Database& database, bool awaited);
void store_phone_heard_at(Database& database, UnixSeconds at);
void store_phone_session_begun(Database& database);  // it is no longer due
void store_deletion_secret(Database& database, std::string_view secret);
// Forgets the device, its Signal state and its keys of app state; keeps the inbox. In the caller's
// transaction.
void forget_device(SignalStore& store);

}  // namespace wasync
