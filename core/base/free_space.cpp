#include "base/free_space.h"

#include <system_error>

namespace wasync {

std::uintmax_t free_bytes(const std::filesystem::path& directory) {
  std::error_code error;
  const auto space = std::filesystem::space(directory, error);
  return error ? UINTMAX_MAX : space.available;
}

}  // namespace wasync
