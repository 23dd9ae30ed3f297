#include "base/secret_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "base/error.h"
#include "scratch_dir.h"

namespace secret_file_test {

using namespace wasync;
using State = SecretFile::State;

namespace {

struct Files {
  test::ScratchDir directory;

  std::filesystem::path file(const std::string& text, mode_t mode = 0600) const {
    const auto path = directory.path() / "secret";
    std::filesystem::remove(path);
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
};

}  // namespace

TEST_CASE("a secret is read whole, with how open it lies") {
  const Files files;
  const SecretFile found = read_secret_file(files.file("a secret\n", 0640), 9);
  CHECK(found.state == State::kRead);
  CHECK(found.content.text == "a secret\n");
  CHECK(found.permissions == 0640);
  CHECK_FALSE(found.open_to_others());
  CHECK(read_secret_file(files.file("x", 0644), 1).open_to_others());
  CHECK(read_secret_file(files.file(""), 1).content.text.empty());
}

TEST_CASE("what is no small file is not read") {
  const Files files;
  CHECK(read_secret_file(files.file("1234567890"), 9).state == State::kTooLarge);
  CHECK(read_secret_file(files.directory.path(), 9).state == State::kNotRegular);
  const auto pipe = files.directory.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(read_secret_file(pipe, 9).state == State::kNotRegular);
  const SecretFile gone = read_secret_file(files.directory.path() / "none", 9);
  CHECK(gone.state == State::kUnreadable);
  CHECK(gone.error == ENOENT);
  if (::geteuid() != 0) {
    CHECK(read_secret_file(files.file("x", 0000), 9).error == EACCES);
  }
}

TEST_CASE("a secret is written whole, for its owner alone") {
  const Files files;
  const auto path = files.file("the former one, which is longer", 0644);
  write_secret_file(path, as_bytes("new"));
  const SecretFile found = read_secret_file(path, 100);
  CHECK(found.content.text == "new");
  CHECK(found.permissions == 0600);
  std::filesystem::create_directory(files.directory.path() / "folder");
  CHECK_THROWS_WITH_AS(write_secret_file(files.directory.path() / "folder", as_bytes("x")),
                       doctest::Contains("cannot write"), Error);
  CHECK_THROWS_AS(write_secret_file(files.directory.path() / "no" / "such", as_bytes("x")), Error);
  CHECK_FALSE(std::filesystem::exists(files.directory.path() / "folder.part"));
}

}  // namespace secret_file_test
