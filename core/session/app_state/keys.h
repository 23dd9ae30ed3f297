// The keys that app state is sealed with: shared by the phone, kept in the account's file.
//
// The phone shares all of them after a pairing and makes a new one now and then; patches name
// theirs by its id. Each key is 32 bytes, from which five are derived (whatsmeow
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

// Keeps what a share from our own phone holds, in the caller's transaction; what is malformed is
// left out. Collections that waited for a key, or could not be read, are to be fetched again.
// Returns how many keys there were.
int store_app_state_keys(Database& database, const pb::AppStateSyncKeyShare& share);

bool has_app_state_keys(Database& database);

// Which of these we lack and have not asked the phone for lately; notes that we do now. In the
// caller's transaction.
std::vector<Bytes> keys_to_request(Database& database, const std::vector<Bytes>& ids,
                                   UnixSeconds now);

// Whether any that was asked for has not come: the request may have been lost with the process.
bool awaits_app_state_keys(Database& database);
// Which those are, whenever it was; notes that they are asked for now. In the caller's transaction.
std::vector<Bytes> keys_to_request_again(Database& database, UnixSeconds now);

// Derives each key once.
class KeyRing {
 public:
  using Load = std::function<std::optional<Bytes>(BytesView id)>;

  explicit KeyRing(Load load) : load_(std::move(load)) {}
  // Those in the account's file, which must outlive the ring.
  explicit KeyRing(Database& database);
  // Null when we lack it. Stays valid as long as the ring.
  const MutationKeys* find(BytesView id);

 private:
  Load load_;
  std::map<Bytes, std::optional<MutationKeys>> derived_;
};

}  // namespace wasync
