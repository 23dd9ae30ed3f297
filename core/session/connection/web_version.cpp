#include "session/connection/web_version.h"

#include "base/number.h"

namespace wasync {

std::string WebVersion::to_string() const {
  return std::to_string(parts[0]) + "." + std::to_string(parts[1]) + "." + std::to_string(parts[2]);
}

std::optional<WebVersion> WebVersion::parse(std::string_view text) {
  WebVersion version;
  for (std::size_t i = 0; i < version.parts.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto part = take_number<std::uint32_t>(text);
    if (!part) return std::nullopt;
    version.parts[i] = *part;
  }
  if (!text.empty()) return std::nullopt;
  return version;
}

}  // namespace wasync
