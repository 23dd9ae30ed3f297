// The WhatsApp Web version we claim to be. It goes stale: the server then refuses with 405.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wasync {

struct WebVersion {
  std::array<std::uint32_t, 3> parts{2, 3000, 1045649367};  // known good in August 2026

  std::string to_string() const;  // "2.3000.1045649367"
  static std::optional<WebVersion> parse(std::string_view text);
  bool operator==(const WebVersion&) const = default;
};

// Where a version came from. We say so when the server refuses it.
enum class VersionSource {
  kBuiltIn,
  kService,     // the service itself named it just now
  kRemembered,  // the service named it earlier (remembered_version.h)
  kOption,
};

}  // namespace wasync
