// The full-text index over the texts of messages and the names and addresses of threads.
// InboxWriter keeps it in the transactions that write these; inbox/search.h searches it.
//
// Marks in `search_state` say up to which row id rows are in it, and `search_changes` which threads
// changed since. New rows cost nothing as they are written: `flush` adds all of them at once when
// there are enough, in the order that FTS5 takes fastest, and a search adds the rest before it
// looks. Triggers follow what changes below the marks. So the index never misses what the marks say
// it has, whoever wrote the rows.
#pragma once

#include "base/migration.h"

namespace wasync {

class Database;

// The number of a message in the index: its time, then its row id, so that the newest come first
// without sorting. Row ids have so many bits.
inline constexpr int kRowIdBits = 31;

// The migration that makes the index of a file and fills it.
Moved make_search_index(Database& database);

// Whether the file has the index; false when it was switched off.
bool has_search_index(Database& database);

// Switches it on or off, in transactions of its own: drops it, or makes and fills it. Does nothing
// when it is so already.
void switch_search_index(Database& database, bool on, const OnMigrated& on_indexed = {});

// Adds what is not in the index yet, in transactions of its own: after an interrupted
// switch_search_index, or when another program wrote to the file. Without anything to add, it only
// looks. Does nothing when the index is switched off.
void complete_search_index(Database& database, const OnMigrated& on_indexed = {});

// Whether it lacks so much that a search would take long: to fill it was interrupted.
bool is_search_index_behind(Database& database);

// Like complete_search_index, within the caller's transaction. A few rows wait until there are
// more, unless something is to be forgotten: what the index still has of changed threads stands in
// the file meanwhile.
enum class Indexing { kWhenWorthwhile, kNow };
void index_new_rows(Database& database, Indexing when = Indexing::kWhenWorthwhile);

}  // namespace wasync
