// Opens a snapshot or a patch of a collection: checks every MAC, decrypts, and computes the state
// that it leads to. Pure: it stores nothing.
//
// Four MACs guard a collection: one of each value (it covers operation and key id), one of each
// index, one of the patch (its values in order), and one of the state that the patch must lead to
// (the LT-hash, the version and the collection's name). Facts: whatsmeow appstate/decode.go and
// hash.go. whatsmeow gives up on a patch with any bad entry, Baileys skips the entry; we give up,
// because the state's MAC cannot hold without it. Both ignore the removal of an entry that does not
// exist.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "proto/app_state.pb.h"
#include "session/app_state/collection.h"

namespace wasync {

class KeyRing;

// One change, or one entry of a snapshot.
struct Mutation {
  bool removed = false;
  Bytes index_mac{};
  Bytes value_mac{};
  std::string index{};  // a JSON array that names its subject: ["contact","<jid>"]
  pb::SyncActionValue value{};
};

struct Opened {
  CollectionState state{};  // afterwards
  std::vector<Mutation> mutations{};
};

// The ids of all keys needed to open it.
std::vector<Bytes> key_ids(const pb::SyncdSnapshot& snapshot);
std::vector<Bytes> key_ids(const pb::SyncdPatch& patch);

// Both throw Error(kProtocol) when a MAC is wrong, when we lack a key, or when anything is
// malformed or larger than allowed.
Opened open_snapshot(std::string_view collection, const pb::SyncdSnapshot& snapshot, KeyRing& keys);

// Gives the MAC of the value that an index (named by its MAC) has before the patch.
using ValueMacBefore = std::function<std::optional<Bytes>(BytesView index_mac)>;
Opened open_patch(std::string_view collection, const pb::SyncdPatch& patch,
                  const CollectionState& before, const ValueMacBefore& value_mac_before,
                  KeyRing& keys);

// The version that a patch leads to. A patch that states none means the next version.
std::uint64_t version_after(const pb::SyncdPatch& patch, const CollectionState& before);

}  // namespace wasync
