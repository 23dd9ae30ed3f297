#include "session/connection/outdated_version.h"

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"

namespace outdated_version_test {

using namespace wasync;

namespace {

Error explained(ErrorCode code, VersionSource source) {
  CompanionOptions options;
  options.version = {.parts = {2, 3000, 7}};
  options.version_source = source;
  try {
    std::rethrow_exception(
        with_version(std::make_exception_ptr(Error(code, "as it was")), options));
  } catch (const Error& error) {
    return error;
  }
}

bool says(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("a refused version is named, with where it came from and what to do") {
  using enum VersionSource;
  struct Case {
    VersionSource source;
    const char* what;
    const char* hint;
  };
  for (const auto& [source, what, hint] :
       {Case{kBuiltIn, "built-in", "--web-version"}, Case{kService, "service itself", "upgrade"},
        Case{kRemembered, "last one that the service named", "in a while"},
        Case{kOption, "given with --web-version", "leave --web-version out"}}) {
    const Error error = explained(ErrorCode::kClientOutdated, source);
    CHECK(error.code() == ErrorCode::kClientOutdated);
    CHECK(says(error.what(), "2.3000.7"));
    CHECK(says(error.what(), "405"));
    CHECK(says(error.what(), what));
    CHECK(says(error.hint(), hint));
  }
}

TEST_CASE("other errors stay as they were") {
  CHECK(says(explained(ErrorCode::kNetwork, VersionSource::kBuiltIn).what(), "as it was"));
  CHECK(with_version(nullptr, {}) == nullptr);
  CHECK_THROWS_AS(
      std::rethrow_exception(with_version(std::make_exception_ptr(std::runtime_error("x")), {})),
      std::runtime_error);
}

}  // namespace outdated_version_test
