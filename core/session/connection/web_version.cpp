#include "session/connection/web_version.h"

#include <charconv>

namespace wasync {

std::string WebVersion::to_string() const {
  return std::to_string(parts[0]) + "." + std::to_string(parts[1]) + "." + std::to_string(parts[2]);
}

std::optional<WebVersion> WebVersion::parse(std::string_view text) {
  WebVersion version;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < version.parts.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, version.parts[i]);
    if (error != std::errc{}) return std::nullopt;
    at = next;
    if (i + 1 < version.parts.size() && (at == end || *at++ != '.')) return std::nullopt;
  }
  if (at != end) return std::nullopt;
  return version;
}

}  // namespace wasync
