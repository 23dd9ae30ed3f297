#include "inbox/left_out.h"

#include <algorithm>

#include "base/sqlite.h"

namespace wasync {

void add_left_out(Database& database, LeftOut what, std::int64_t more, UnixSeconds now) {
  if (more <= 0) return;
  database
      .prepare(
          "INSERT INTO left_out (what, count, last_at) VALUES (?1, ?2, ?3)"
          " ON CONFLICT (what) DO UPDATE SET count = count + ?2, last_at = max(last_at, ?3)")
      .bind(static_cast<int>(what), more, now)
      .run();
}

LeftOutCounts left_out_counts(Database& database) {
  LeftOutCounts out;
  auto row = database.prepare("SELECT what, count, last_at FROM left_out");
  while (row.step()) {
    if (row.integer(0) == static_cast<int>(LeftOut::kOfShare)) out.of_share = row.integer(1);
    if (row.integer(0) == static_cast<int>(LeftOut::kNotAsked)) out.not_asked = row.integer(1);
    out.last_at = std::max(out.last_at, UnixSeconds{row.integer(2)});
  }
  return out;
}

}  // namespace wasync
