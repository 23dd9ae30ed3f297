// Counts what a history would bring that `pair` reads and does not store.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wasync {

class Database;

// Every chunk is rolled back, so the next one brings the same chats, and some of the same messages,
// again. This counts each once. It may count a chat twice that chunks address both by LID and by
// phone. Takes eight bytes for each row. Used by one thread at a time.
class DryRun {
 public:
  // Call before a chunk: what is stored already does not count.
  void begin(Database& database);
  // Call after the chunk, before its rollback.
  void count(Database& database);

  std::int64_t threads() const { return static_cast<std::int64_t>(threads_.rows.size()); }
  std::int64_t messages() const { return static_cast<std::int64_t>(messages_.rows.size()); }
  std::int64_t contacts() const { return static_cast<std::int64_t>(contacts_.rows.size()); }

 private:
  struct Rows {
    std::vector<std::uint64_t> rows{};  // hashes of what identifies them, sorted
    std::int64_t stored_up_to = 0;      // row id
  };
  static void count(Database& database, Rows& rows, std::string_view query);

  Rows threads_;
  Rows messages_;
  Rows contacts_;
};

}  // namespace wasync
