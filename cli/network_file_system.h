// Locks and SQLite's shared memory do not hold on a network file system: two hosts that use the
// same account there damage its file, and one host alone may be told that its lock is free.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace wasync {

// The name of the network file system ("nfs4", "cifs", "fuse.sshfs") that holds `path`, or will
// hold it: the nearest directory above it that exists counts. Empty: none, or not known. Touches
// nothing.
std::string network_file_system_of(const std::filesystem::path& path);

// The same of a device, by the text of /proc/self/mountinfo; see proc(5).
std::string network_file_system_in(std::string_view mountinfo, dev_t device);

}  // namespace wasync
