// Width, tables, progress, times.
#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "cli/term/live_area.h"
#include "cli/term/table.h"
#include "cli/term/width.h"
#include "cli/time_text.h"

namespace text_test {

using namespace wasync;
using namespace wasync::term;

TEST_CASE("widths are columns, not bytes or code points") {
  CHECK(display_width("Ana") == 3);
  CHECK(display_width("Ștefăniță") == 9);
  CHECK(display_width("S\u0326tefan") == 6);  // combining comma below
  CHECK(display_width("日本") == 4);
  CHECK(display_width("🎉") == 2);
  CHECK(display_width("שלום") == 4);
  CHECK(display_width("a\xFFz") == 3);
}

TEST_CASE("cutting keeps characters whole") {
  CHECK(fit("Maria", 5) == "Maria");
  CHECK(fit("Maria", 4) == "Mar…");
  CHECK(fit("日本語", 4) == "日…");
  CHECK(fit("日本語", 5) == "日本…");
  CHECK(fit("eee\u0301\u0301x", 3) == "ee…");
  CHECK(fit("ae\u0301xyz", 3) == "ae\u0301…");
  CHECK(fit("abc", 1) == "…");
  CHECK(fit("abc", 0).empty());
  for (int columns = 0; columns < 12; ++columns)
    CHECK(display_width(fit("👨‍👩‍👧 familia 日本", columns)) <= columns);
}

TEST_CASE("a table is cut in a window and whole in a pipe") {
  Table table({{.title = "NAME", .shrinks_to = 6}, {.title = "N", .right_aligned = true}});
  table.add({"Constantinopol", "7"});
  table.add({"", "12"});
  CHECK(table.render(std::nullopt, Style(false)) ==
        "NAME             N\nConstantinopol   7\n                12\n");
  CHECK(table.render(12, Style(false)) == "NAME       N\nConstan…   7\n          12\n");
  // Narrower than possible: the minimum stands.
  CHECK(table.render(3, Style(false)).find("Const…") != std::string::npos);
}

TEST_CASE("a very narrow window loses the columns that can be spared, not the name") {
  Table table({{.title = "NAME", .shrinks_to = 6},
               {.title = "UNREAD", .right_aligned = true, .expendable = true},
               {.title = "MESSAGES", .right_aligned = true, .expendable = true},
               {.title = "TEXT"}});
  table.add({"Constantinopol", "7", "12", "gata"});
  CHECK(table.render(22, Style()) == "NAME      UNREAD  TEXT\nConstan…       7  gata\n");
  CHECK(table.render(13, Style()) == "NAME     TEXT\nConsta…  gata\n");
  CHECK(table.render(std::nullopt, Style()).find("MESSAGES") != std::string::npos);
}

TEST_CASE("cells of different scripts line up") {
  Table table({{.title = "A"}, {.title = "B"}});
  table.add({"日本", "x"});
  table.add({"שלום", "x"});
  const std::string out = table.render(80, Style(false));
  CHECK(out.find("日本  x") != std::string::npos);
  // The mark after right-to-left text keeps the next cell in its column.
  CHECK(out.find("שלום\u200E  x") != std::string::npos);
}

TEST_CASE("a progress bar has its width at every percentage") {
  for (int percent = -5; percent <= 105; ++percent) {
    CHECK(display_width(bar(percent, 20, true)) == 20);
    CHECK(bar(percent, 20, false).size() == 20);
  }
  CHECK(bar(50, 4, false) == "##--");
  CHECK(bar(100, 2, true) == "██");
}

TEST_CASE("times are read as people and programs write them") {
  setenv("TZ", "Europe/Bucharest", 1);
  tzset();
  const UnixSeconds now{1'772'366'400};  // 2026-03-01T12:00:00Z
  CHECK(rfc3339(now) == "2026-03-01T12:00:00Z");
  CHECK(parse_time("2026-03-01T12:00:00Z", now) == now);
  CHECK(parse_time("2026-03-01T14:00:00+02:00", now) == now);
  CHECK(parse_time("2026-03-01T14:00:00.250+0200", now) == now);
  CHECK(parse_time("7d", now) == UnixSeconds{now.value - 7 * 86400});
  CHECK(parse_time("24h", now) == UnixSeconds{now.value - 86400});
  const bool zones_installed = local_time(now) == "14:00";
  if (zones_installed) {
    CHECK(parse_time("2026-03-01 14:00", now) == now);
    CHECK(rfc3339(*parse_time("2026-03-01", now)) == "2026-02-28T22:00:00Z");
    CHECK(local_date_time(now) == "2026-03-01 14:00");
  }
  for (const char* wrong : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-03-01T25:00:00Z",
                            "2026-03-01T12:00:00X", "12", "d", "-7d", "7y", "99999999999999d"})
    CHECK_MESSAGE(!parse_time(wrong, now), wrong);
}

TEST_CASE("durations") {
  CHECK(parse_duration("10m") == std::chrono::minutes(10));
  CHECK(parse_duration("90") == std::chrono::seconds(90));
  CHECK(parse_duration("1h") == std::chrono::hours(1));
  CHECK_FALSE(parse_duration("1.5h"));
  CHECK_FALSE(parse_duration("m"));
}

}  // namespace text_test
