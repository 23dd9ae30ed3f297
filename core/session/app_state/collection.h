// The collections of app state, as far as we have read them, in the account's file.
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

// We fetch them in this order. What each holds (whatsmeow appstate/keys.go): our own push name;
// contacts; mute; LID mappings among others; archive, pin and read marks.
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
  kFetching = 1,   // we asked for it (interrupted, when no fetch runs)
  kCurrent = 2,    // as the server had it at our last request
  kAwaitsKey = 3,  // sealed with a key that the phone has not shared yet
  kDamaged = 4,    // failed its MACs, also when fetched from scratch: the phone may repair it
};

struct DamagedCollection {
  std::string name;
  std::string problem;
};

// Functions that write work in the caller's transaction; those that only read need none.

// The collections to fetch, in order. Empty while the phone has shared no key.
std::vector<std::string_view> wanted_collections(Database& database);
// The collections that we cannot read, to tell the account's owner.
std::vector<DamagedCollection> damaged_collections(Database& database);

Standing standing_of(Database& database, std::string_view name);
CollectionState state_of(Database& database, std::string_view name);

// Notes that the server has `version` (0: the server does not say). Returns whether that is news;
// an unknown name is not.
bool announce_version(Database& database, std::string_view name, std::uint64_t version);
// Marks as wanted the collections that wait for a key and those that seemed damaged: a new key may
// open them.
void want_unread_collections(Database& database);
// Marks the collection as being fetched. An announcement during the fetch makes it wanted again.
void begin_fetch(Database& database, std::string_view name);
// Stores how the fetch ended. No effect when the server announced the collection again meanwhile.
void end_fetch(Database& database, std::string_view name, Standing standing,
               std::string_view problem = {});

// Whether to ask the phone now to repair the collection: once a day. If so, notes that we ask.
bool begin_recovery(Database& database, std::string_view name, UnixSeconds now);

void store_state(Database& database, std::string_view name, const CollectionState& state);

// The MACs of the values in force, by the MAC of their index.
std::optional<Bytes> value_mac(Database& database, std::string_view name, BytesView index_mac);
void put_value_mac(Database& database, std::string_view name, BytesView index_mac,
                   BytesView value_mac, std::string_view index);
void erase_value_mac(Database& database, std::string_view name, BytesView index_mac);
void erase_value_macs(Database& database, std::string_view name);
// Whether the index (its text) has any value in force.
bool has_index(Database& database, std::string_view name, std::string_view index);
std::vector<std::string> indexes_of(Database& database, std::string_view name);

}  // namespace wasync
