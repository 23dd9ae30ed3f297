#include "cli/network_file_system.h"

#include <doctest/doctest.h>
#include <sys/sysmacros.h>

#include "scratch_dir.h"

namespace network_file_system_test {

using namespace wasync;

namespace {

constexpr const char* kMounts =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "36 22 0:48 / /srv/inbox rw,relatime shared:20 master:3 - nfs4 nas:/inbox rw,vers=4.2\n"
    "37 22 0:49 / /mnt/share rw - cifs //nas/share rw\n"
    "38 22 0:50 / /mnt/ssh rw - fuse.sshfs host: rw\n"
    "39 22 0:51 / /mnt/nfs-in-its-name rw - btrfs nfs rw\n"
    "40 22 0:52 cut short\n";

}  // namespace

TEST_CASE("a network file system is known by its name in the table of mounts") {
  const auto in = [](unsigned major, unsigned minor) {
    return network_file_system_in(kMounts, makedev(major, minor));
  };
  CHECK(in(0, 48) == "nfs4");
  CHECK(in(0, 49) == "cifs");
  CHECK(in(0, 50) == "fuse.sshfs");
  CHECK(in(8, 1).empty());
  CHECK(in(0, 51).empty());
  CHECK(in(0, 52).empty());
  CHECK(in(0, 99).empty());  // no such mount
}

TEST_CASE("a path that does not exist yet is looked for where it will be") {
  const test::ScratchDir scratch;
  CHECK(network_file_system_of(scratch / "not/there/yet") == network_file_system_of(scratch / ""));
  CHECK(network_file_system_of("/proc/not/there").empty());
}

}  // namespace network_file_system_test
