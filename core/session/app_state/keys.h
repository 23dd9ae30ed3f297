// The keys that seal app state: the phone shares them, and we keep them in the account's file.
//
// The phone shares all of them after a pairing and makes a new one now and then. A patch names its
// key by the key's id. A key has 32 bytes; we derive five keys from it (whatsmeow
// appstate/keys.go).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace wasync {

class Database;
namespace pb {
class AppStateSyncKeyShare;
}

// 32 bytes each.
struct MutationKeys {
  Bytes index;
  Bytes value_encryption;
  Bytes value_mac;
  Bytes snapshot_mac;
  Bytes patch_mac;

  static MutationKeys derive(BytesView key);
};

// Stores the keys in a share from our own phone, in the caller's transaction; leaves out malformed
// ones. We then fetch again the collections that waited for a key or could not be read. Returns how
// many keys there were.
int store_app_state_keys(Database& database, const pb::AppStateSyncKeyShare& share);

bool has_app_state_keys(Database& database);

// The ids among these whose keys we lack and have not requested from the phone lately. Notes that
// we request them now. In the caller's transaction.
std::vector<Bytes> keys_to_request(Database& database, const std::vector<Bytes>& ids,
                                   UnixSeconds now);

// Whether a requested key has not come: the request may have been lost with the process.
bool awaits_app_state_keys(Database& database);
// The requested keys that have not come, however old the request. Notes that we request them now.
// In the caller's transaction.
std::vector<Bytes> keys_to_request_again(Database& database, UnixSeconds now);

// Derives each key once.
class KeyRing {
 public:
  using Load = std::function<std::optional<Bytes>(BytesView id)>;

  explicit KeyRing(Load load) : load_(std::move(load)) {}
  // Uses the keys in the account's file; `database` must outlive the ring.
  explicit KeyRing(Database& database);
  // Null when we lack the key. The pointer stays valid as long as the ring.
  const MutationKeys* find(BytesView id);

 private:
  Load load_;
  std::map<Bytes, std::optional<MutationKeys>> derived_;
};

}  // namespace wasync
