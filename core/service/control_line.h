// Fields of a line on the control socket (control.h). The other side may be of another version, so
// a field that is missing or of another type reads as empty.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/phrase.h"

namespace wasync {

inline std::string text_in(const nlohmann::ordered_json& line, std::string_view field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Words take two fields, "message" and "message_ro". An older wa-sync sends only the English.
inline Words words_in(const nlohmann::ordered_json& line, const std::string& field) {
  return {text_in(line, field), text_in(line, field + "_ro")};
}

inline void put_words(nlohmann::ordered_json& line, const std::string& field, const Words& words) {
  line[field] = words.in(Language::kEnglish);
  if (words.translated()) line[field + "_ro"] = words.in(Language::kRomanian);
}

inline std::int64_t number_in(const nlohmann::ordered_json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace wasync
