// Opens what the server hands out of a collection: checks every MAC, decrypts, and computes the
// state it leads to. Pure: nothing is stored.
//
// Four MACs guard a collection: of each value (which covers operation and key id), of each index,
// of the patch (its values in order), and of the state that the patch must lead to (the LT-hash,
// the version and the collection's name). Facts: whatsmeow appstate/decode.go and hash.go.
// whatsmeow gives up on a patch with any bad entry, Baileys skips the entry; we give up, because
// the state's MAC cannot hold without it. Both ignore the removal of what is not there.
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
  std::string index{};  // a JSON array: what it is about, such as ["contact","<jid>"]
  pb::SyncActionValue value{};
};

struct Opened {
  CollectionState state{};  // afterwards
  std::vector<Mutation> mutations{};
};

// The ids of all keys needed to open it.
std::vector<Bytes> key_ids(const pb::SyncdSnapshot& snapshot);
std::vector<Bytes> key_ids(const pb::SyncdPatch& patch);

// Both throw Error(kProtocol) when a MAC is wrong, a key is lacking, or anything is malformed or
// larger than allowed.
Opened open_snapshot(std::string_view collection, const pb::SyncdSnapshot& snapshot, KeyRing& keys);

// The MAC of the value that an index (by its MAC) has before the patch.
using ValueMacBefore = std::function<std::optional<Bytes>(BytesView index_mac)>;
Opened open_patch(std::string_view collection, const pb::SyncdPatch& patch,
                  const CollectionState& before, const ValueMacBefore& value_mac_before,
                  KeyRing& keys);

// Which version a patch leads to: some state none, and mean the next.
std::uint64_t version_after(const pb::SyncdPatch& patch, const CollectionState& before);

}  // namespace wasync
