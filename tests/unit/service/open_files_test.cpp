#include "service/open_files.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>

namespace open_files_test {

namespace {

rlimit limit_now() {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit;
}

}  // namespace

TEST_CASE("as many files may be opened as the administrator allows") {
  const rlimit before = limit_now();
  rlimit low = before;
  low.rlim_cur = std::min<rlim_t>(256, before.rlim_max);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  wasync::allow_many_open_files();
  CHECK(limit_now().rlim_cur == std::min<rlim_t>(before.rlim_max, 65'536));
  CHECK(limit_now().rlim_max == before.rlim_max);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

}  // namespace open_files_test
