// App state: the encrypted, MAC-chained log in which the phone shares contact names and chat
// flags. Written from the protocol's description; the client's own implementation is checked
// against it and against Baileys.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "wire/node.h"

namespace wasync::pb {
class Message;
class SyncActionValue;
class SyncdMutation;
}  // namespace wasync::pb

namespace wasync::sim {

class World;
struct Companion;
struct Dataset;

// The five keys of one app-state key.
struct AppStateKeys {
  Bytes index, value_encryption, value_mac, snapshot_mac, patch_mac;  // 32 bytes each
  static AppStateKeys expand(BytesView key_data);
};

// The summation hash over all value MACs of a collection: 64 little-endian 16-bit words.
class LtHash {
 public:
  void add(BytesView value_mac);
  void subtract(BytesView value_mac);
  const std::array<std::uint8_t, 128>& bytes() const { return words_; }

 private:
  std::array<std::uint8_t, 128> words_{};
};

// One change that the phone made.
struct AppStateChange {
  std::vector<std::string> index;  // such as {"contact", jid}
  std::int32_t version = 0;        // of this kind of action
  Bytes value;                     // serialised SyncActionValue; empty: removed
};

// The phone's collections, and the server's copy of them.
class AppState {
 public:
  // Names of contacts, chat flags and the owner's own name, each collection in one patch.
  AppState();
  void fill(const Dataset& dataset);

  void apply(const std::string& collection, const std::vector<AppStateChange>& changes);

  BytesView key_id() const { return key_id_; }
  BytesView key_data() const { return key_data_; }
  std::uint64_t version(const std::string& collection) const;

  // Serialised SyncdPatches after `version`.
  std::vector<Bytes> patches_after(const std::string& collection, std::uint64_t version) const;
  // A serialised SyncdSnapshot of the newest version.
  Bytes snapshot(const std::string& collection) const;
  // The same as the phone has it: a serialised SyncdSnapshotRecovery. Nothing of what is not there.
  Bytes open_copy(const std::string& collection) const;

 private:
  struct Record {
    Bytes index_mac;
    Bytes value_blob;  // sealed value, then its MAC
    Bytes action;      // what is sealed in it
  };
  struct Collection {
    std::uint64_t version = 0;
    LtHash hash;
    std::map<Bytes, Record> records;  // by index MAC
    std::vector<Bytes> patches;       // patch i leads to version i + 1
  };
  pb::SyncdMutation seal_change(Collection& collection, const AppStateChange& change);
  Bytes snapshot_mac(const std::string& name, const Collection& collection) const;

  Bytes key_id_;
  Bytes key_data_;
  AppStateKeys keys_;
  std::map<std::string, Collection> collections_;
};

// A contact's saved name; `lid_jid` may be empty.
AppStateChange contact_change(const std::string& jid, const std::string& name,
                              const std::string& lid_jid);

// The key, without which nobody can read anything; and from the phone to a companion.
pb::Message app_state_key_share(const World& world);
void share_app_state_keys(World& world, Companion& companion);
// The answer to a query of xmlns w:sync:app:state.
Node answer_app_state(World& world, const Node& iq, Node result);
// Tells every companion that a collection moved on.
void notify_app_state(World& world, const std::string& collection);

}  // namespace wasync::sim
