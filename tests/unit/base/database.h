// A scratch directory for databases, and short ways to look into them.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/sqlite.h"

namespace wasync::test {

namespace fs = std::filesystem;

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (fs::temp_directory_path() / "wa-sync-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~ScratchDirectory() { fs::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  fs::path operator/(std::string_view name) const { return path_ / name; }

 private:
  fs::path path_;
};

template <typename Function>
void check_error(ErrorCode code, Function function) {
  try {
    function();
    FAIL_CHECK("nothing was thrown");
  } catch (const Error& error) {
    CHECK(name(error.code()) == name(code));
  }
}

inline mode_t mode_of(const fs::path& file) {
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

inline std::int64_t count(Database& database, std::string_view sql) {
  auto query = database.prepare(sql);
  REQUIRE(query.step());
  return query.integer(0);
}

}  // namespace wasync::test
