#include "cli/json_text.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/time_text.h"

namespace wasync {

using Json = nlohmann::ordered_json;

std::string json_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_pretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
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
