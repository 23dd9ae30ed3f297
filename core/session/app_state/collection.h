// The collections of app state as far as we have read them, in the account's file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "session/app_state/lt_hash.h"

namespace wasync {

class Database;

// In the order in which they are fetched. What each holds (whatsmeow appstate/keys.go): our own
// push name; contacts; mute; LID mappings among others; archive, pin and read marks.
inline constexpr std::array<std::string_view, 5> kCollections{
    "critical_block", "critical_unblock_low", "regular_high", "regular", "regular_low"};

// What a version of a collection must add up to.
struct CollectionState {
  std::uint64_t version = 0;  // 0: nothing read yet
  LtHash hash{};
  bool operator==(const CollectionState&) const = default;
};

enum class Standing {
  kWanted = 0,     // never fetched, or the server has something newer
  kFetching = 1,   // asked for (and interrupted, when nobody is at it)
  kCurrent = 2,    // as the server had it when we asked last
  kAwaitsKey = 3,  // sealed with a key that the phone has yet to share
  kDamaged = 4,    // failed its MACs, also when fetched from scratch: the phone may repair it
};

struct DamagedCollection {
  std::string name;
  std::string problem;
};

// All of these work in the caller's transaction, or on their own when they only read.

// What is to be fetched, in order: nothing while the phone has shared no key.
std::vector<std::string_view> wanted_collections(Database& database);
// For the account's owner to know: those that cannot be read.
std::vector<DamagedCollection> damaged_collections(Database& database);

Standing standing_of(Database& database, std::string_view name);
CollectionState state_of(Database& database, std::string_view name);

// The server says that it has `version`; 0 when it does not say. Returns whether that is news;
// unknown names are not.
bool announce_version(Database& database, std::string_view name, std::uint64_t version);
// A new key may open those that wait for one, and even those that seemed damaged.
void want_unread_collections(Database& database);
// The answer under way is to be the newest: an announcement during it makes it wanted again.
void begin_fetch(Database& database, std::string_view name);
// How the fetch ended. No effect on one that was announced again meanwhile.
void end_fetch(Database& database, std::string_view name, Standing standing,
               std::string_view problem = {});

// Whether the phone is to be asked to repair it: once a day. Notes that it is asked now.
bool begin_recovery(Database& database, std::string_view name, UnixSeconds now);

void store_state(Database& database, std::string_view name, const CollectionState& state);

// The MACs of the values in force, by the MAC of their index.
std::optional<Bytes> value_mac(Database& database, std::string_view name, BytesView index_mac);
void put_value_mac(Database& database, std::string_view name, BytesView index_mac,
                   BytesView value_mac, std::string_view index);
void erase_value_mac(Database& database, std::string_view name, BytesView index_mac);
void erase_value_macs(Database& database, std::string_view name);
// Whether any value of that index (its text) is in force.
bool has_index(Database& database, std::string_view name, std::string_view index);
std::vector<std::string> indexes_of(Database& database, std::string_view name);

}  // namespace wasync
