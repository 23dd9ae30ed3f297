#include "cli/network_file_system.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace wasync {
namespace {

constexpr std::string_view kNetworkFileSystems[] = {
    "9p",          "afs",          "beegfs",         "ceph",
    "cifs",        "coda",         "davfs",          "gfs2",
    "glusterfs",   "gpfs",         "lustre",         "ncpfs",
    "nfs",         "nfs4",         "ocfs2",          "pvfs2",
    "smb3",        "smbfs",        "fuse.ceph",      "fuse.curlftpfs",
    "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs",
    "fuse.rclone", "fuse.s3fs",    "fuse.sshfs"};

}  // namespace

std::string network_file_system_in(std::string_view mountinfo, dev_t device) {
  const std::string wanted = std::to_string(major(device)) + ":" + std::to_string(minor(device));
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    // "36 35 98:0 /root /mount options [fields…] - type source options"
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 3 || fields[2] != wanted || fields.end() - dash < 2) continue;
    const std::string& type = *(dash + 1);
    return std::ranges::find(kNetworkFileSystems, type) != std::end(kNetworkFileSystems)
               ? type
               : std::string();
  }
  return {};
}

std::string network_file_system_of(const std::filesystem::path& path) {
  std::filesystem::path at = path;
  struct stat facts {};
  while (::stat(at.c_str(), &facts) != 0) {
    if (!at.has_relative_path()) return {};
    at = at.parent_path();
  }
  std::ifstream file("/proc/self/mountinfo");
  const std::string mountinfo{std::istreambuf_iterator<char>(file), {}};
  return network_file_system_in(mountinfo, facts.st_dev);
}

}  // namespace wasync
