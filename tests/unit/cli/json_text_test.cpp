#include "cli/json_text.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace json_text_test {

using namespace wasync;
using Json = nlohmann::ordered_json;

TEST_CASE("JSON on a terminal holds nothing that moves, colours or reorders, and means the same") {
  // CSI as C1, DEL, a right-to-left override, an isolate, a tag beyond U+FFFF, a line separator.
  const std::string hostile =
      "\xC2\x9B"
      "2J \x7F \xE2\x80\xAE"
      "fdp.exe\xE2\x81\xA6 \xF3\xA0\x81\x81 \xE2\x80\xA8";
  const Json value = {{"name", hostile}, {"other", Json::array({hostile})}};
  for (const std::string& text : {json_line(value), json_pretty(value)}) {
    for (const char* raw :
         {"\xC2\x9B", "\x7F", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xF3\xA0", "\xE2\x80\xA8"})
      CHECK(text.find(raw) == std::string::npos);
    CHECK(text.find("\\u009b") != std::string::npos);
    CHECK(Json::parse(text) == value);
  }
  CHECK(json_line("ȘtefÄn 👩‍👩‍👧 ❤️") ==
        "\"ȘtefÄn 👩‍👩‍👧 ❤️\"");
  CHECK(json_line("\xFF") == "\"\xEF\xBF\xBD\"");
}

}  // namespace json_text_test
