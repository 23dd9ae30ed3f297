#include "session/connection/newer_version.h"

#include "unit/session/server.h"

namespace newer_version_test {

using namespace wasync;
using namespace wasync::test;

namespace {

CompanionOptions claiming(std::uint32_t revision, VersionSource source) {
  CompanionOptions companion;
  companion.version.parts = {2, 3000, revision};
  companion.version_source = source;
  return companion;
}

std::optional<CompanionOptions> after_refusal(const CompanionOptions& refused,
                                              std::function<CompanionOptions()> ask) {
  Loop loop;
  return loop.run(newer_version(loop.io.get_executor(), std::move(ask), refused));
}

}  // namespace

TEST_CASE("what the service names after a refusal is tried, when it is another version") {
  CompanionOptions refused = claiming(1, VersionSource::kRemembered);
  refused.full_history = false;
  refused.name = "ours";
  const auto newer = after_refusal(refused, [] { return claiming(2, VersionSource::kService); });
  REQUIRE(newer);
  CHECK(newer->version.parts[2] == 2);
  CHECK(newer->version_source == VersionSource::kService);
  CHECK_FALSE(newer->full_history);
  CHECK(newer->name == "ours");
  CHECK_FALSE(after_refusal(refused, [] { return claiming(1, VersionSource::kService); }));
}

TEST_CASE("nobody is asked when there is nobody, or the user has said which it is to be") {
  CHECK_FALSE(after_refusal(claiming(1, VersionSource::kBuiltIn), {}));
  CHECK_FALSE(after_refusal(claiming(1, VersionSource::kOption),
                            [] { return claiming(2, VersionSource::kService); }));
}

}  // namespace newer_version_test
