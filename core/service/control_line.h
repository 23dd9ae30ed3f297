// Fields of a line on the control socket (control.h). The other side may be of another version:
// what is missing, or of another kind, it does not tell.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace wasync {

inline std::string text_in(const nlohmann::ordered_json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline std::int64_t number_in(const nlohmann::ordered_json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace wasync
