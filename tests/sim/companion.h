// What the server and the phone remember about one linked device.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/curve25519.h"
#include "base/jid.h"
#include "signal/pre_key.h"
#include "wire/node.h"

namespace wasync::sim {

class ClientSession;

struct Companion {
  std::uint16_t number = 0;  // the device part of its JID
  std::uint32_t key_index = 0;
  PublicKey noise_key{};
  PublicKey identity{};
  std::uint32_t registration_id = 0;
  SignedPreKey signed_pre_key;
  std::deque<PreKey> pre_keys;
  bool keys_uploaded = false;
  // By id, all that it has ever offered.
  std::map<std::uint32_t, PublicKey> offered_keys;
  std::map<std::uint32_t, PublicKey> offered_signed_keys;
  Bytes device_props;  // serialised DeviceProps, as it registered

  bool app_state_keys_sent = false;
  bool history_sent = false;
  bool forgotten = false;  // the phone has lost its session with it, on purpose
  // How often the phone has asked for a message again, by its id.
  std::map<std::string, unsigned> retries;
  // Stanzas it has not acknowledged, oldest first: sent again at the next login.
  std::deque<Node> pending;
  // Whose key to which group it was given, by the group's JID and the sender's user part.
  std::set<std::pair<std::string, std::string>> sender_keys;
  // Of those, by tag and id, what it refused and has not acked since: it holds up all others.
  std::set<std::pair<std::string, std::string>> refused;
  // When it asked about groups and people, the latest questions.
  std::deque<std::chrono::steady_clock::time_point> asked_about_people;
  // Its connection while it is active (logged in and not passive); not owned.
  ClientSession* active = nullptr;

  // An id names one key for ever: throw Error(kProtocol) when it named another. The signed one is
  // handed out from now on.
  void offer(const PreKey& key);
  void offer(const SignedPreKey& key);
  // For the phone and contacts: uses up a one-time pre-key. Nothing before the upload.
  std::optional<PreKeyBundle> take_bundle();
};

}  // namespace wasync::sim
