// Short ways to look into a database.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/sqlite.h"
#include "scratch_dir.h"

namespace wasync::test {

namespace fs = std::filesystem;

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
