#include "base/utf8.h"

#include <algorithm>

namespace wasync {

std::size_t ill_formed_length(std::string_view text) {
  // Whether a longer beginning could be that of a character: it would be one with the lowest
  // bytes behind it. Only the second byte has other bounds, and that one is given.
  std::size_t length = 1;
  for (; length < std::min<std::size_t>(text.size(), 3); ++length) {
    std::array<utf8proc_uint8_t, 4> completed{};
    completed.fill(0x80);
    std::ranges::copy(text.substr(0, length + 1), completed.begin());
    utf8proc_int32_t ignored = 0;
    if (utf8proc_iterate(completed.data(), completed.size(), &ignored) <=
        static_cast<utf8proc_ssize_t>(length))
      break;
  }
  return length;
}

}  // namespace wasync
