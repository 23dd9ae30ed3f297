// Percent-encoding of what stands in a URL (RFC 3986, 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasync {

// For a query's value or one segment of a path: everything but letters, digits and "-_.~".
std::string percent_encode(std::string_view text);

// Any byte may come out. Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace wasync
