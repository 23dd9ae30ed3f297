#include "base/file_descriptor.h"

#include <doctest/doctest.h>
#include <fcntl.h>

namespace file_descriptor_test {

using namespace wasync;

namespace {

FileDescriptor opened() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}
bool is_open(int descriptor) {
  return ::fcntl(descriptor, F_GETFD) >= 0;
}

}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner") {
  int value = -1;
  {
    FileDescriptor first = opened();
    REQUIRE(first);
    value = first.get();
    const FileDescriptor second = std::move(first);
    CHECK(second.get() == value);
    CHECK(is_open(value));
  }
  CHECK_FALSE(is_open(value));
}

TEST_CASE("what is assigned to closes what it had, when the other goes") {
  FileDescriptor kept = opened();
  const int before = kept.get();
  { kept = opened(); }
  CHECK(kept);
  CHECK_FALSE(is_open(before));
}

TEST_CASE("a failed open is no descriptor") {
  CHECK_FALSE(FileDescriptor(-1));
  CHECK_FALSE(FileDescriptor());
}

}  // namespace file_descriptor_test
