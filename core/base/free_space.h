// Room on a disk.
#pragma once

#include <cstdint>
#include <filesystem>

namespace wasync {

// SQLite and the history's blobs need space. With less than this, wa-sync cannot work.
inline constexpr std::uintmax_t kLeastFreeBytes = 32 << 20;

// What we may still write where `directory` is, in bytes; UINTMAX_MAX when the system does not say.
std::uintmax_t free_bytes(const std::filesystem::path& directory);

}  // namespace wasync
