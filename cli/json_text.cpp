#include "cli/json_text.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cli/time_text.h"

namespace wasync {

using Json = nlohmann::ordered_json;

namespace {

// Beyond U+FFFF it takes two: RFC 8259, 7.
void append_json_escape(std::string& out, char32_t c) {
  if (c >= 0x10000) {
    append_json_escape(out, 0xD800 + ((c - 0x10000) >> 10));
    append_json_escape(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (const int shift : {12, 8, 4, 0}) out += kDigits[(c >> shift) & 0xF];
}

// What a terminal must not get stands there as \uXXXX: the strings mean the same. JSON itself
// escapes what is below U+0020 in them.
std::string without_controls(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    const Character c = first_character(std::string_view(json).substr(at));
    const std::string_view bytes = std::string_view(json).substr(at, c.length);
    if (c.value >= 0x7F && terminal_safe(bytes) != bytes)
      append_json_escape(out, c.value);
    else
      out += bytes;
    at += c.length;
  }
  return out;
}

}  // namespace

std::string json_line(const Json& value) {
  return without_controls(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string json_pretty(const Json& value) {
  return without_controls(value.dump(2, ' ', false, Json::error_handler_t::replace));
}

Json json_time(UnixSeconds time) {
  return time.known() ? Json(rfc3339(time)) : Json(nullptr);
}

std::string json_event(const char* event, const Json& fields) {
  Json line{{"event", event}, {"ts", rfc3339(UnixSeconds::now())}};
  line.update(fields);
  return json_line(line);
}

std::string error_event(const Error& error, const std::string& hint) {
  return json_event("error",
                    {{"code", name(error.code())}, {"message", error.what()}, {"hint", hint}});
}

}  // namespace wasync
