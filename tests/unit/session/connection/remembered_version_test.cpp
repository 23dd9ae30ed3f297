#include "session/connection/remembered_version.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "scratch_dir.h"

namespace remembered_version_test {

using namespace wasync;
using namespace wasync::test;

namespace {

const WebVersion kNewer{.parts = {2, 3000, 2'000'000'000}};

void write(const std::filesystem::path& directory, const std::string& text) {
  std::ofstream(directory / "web-version", std::ios::binary) << text;
}

}  // namespace

TEST_CASE("the newest version that the service named is remembered") {
  const ScratchDir scratch;
  CHECK_FALSE(remembered_version(scratch.path()));
  remember_version(scratch.path(), kNewer);
  CHECK(remembered_version(scratch.path()) == kNewer);
  remember_version(scratch.path(), {.parts = {2, 3000, 1'999'999'999}});
  CHECK(remembered_version(scratch.path()) == kNewer);
}

TEST_CASE("what is no newer version than the built-in one is not believed") {
  const ScratchDir scratch;
  for (const std::string& text :
       {std::string(), std::string("2.3000.1"), std::string("soon"), std::string("3.1"),
        WebVersion{}.to_string(), kNewer.to_string() + "x", std::string(100'000, '2')}) {
    write(scratch.path(), text);
    CHECK_FALSE(remembered_version(scratch.path()));
  }
  write(scratch.path(), kNewer.to_string() + "\n");
  CHECK(remembered_version(scratch.path()) == kNewer);
}

TEST_CASE("a directory that is not there is no trouble") {
  const ScratchDir scratch;
  remember_version(scratch.path() / "none", kNewer);
  CHECK_FALSE(remembered_version(scratch.path() / "none"));
}

}  // namespace remembered_version_test
