// Percent-encoding for parts of a URL (RFC 3986, 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasync {

// For a query value or one path segment: encodes everything but letters, digits and "-_.~".
std::string percent_encode(std::string_view text);

// The result may hold any byte. Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace wasync
