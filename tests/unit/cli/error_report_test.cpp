#include "cli/error_report.h"

#include <doctest/doctest.h>

#include <string>

namespace error_report_test {

using namespace wasync;

TEST_CASE("every kind of error has advice in both languages") {
  for (int i = 0; i < static_cast<int>(ErrorCode::kInterrupted); ++i) {
    CAPTURE(i);
    const Words advice = advice_on(Error(static_cast<ErrorCode>(i), "x"));
    CHECK_FALSE(advice.empty());
    CHECK(advice.translated());
  }
  CHECK(advice_on(Error(ErrorCode::kInterrupted, "x")).empty());
}

TEST_CASE("an error's own advice goes before the general one") {
  const Error error(ErrorCode::kIo, "x", Phrase{"Free some space.", "Eliberează spațiu."});
  CHECK(advice_on(error).in(Language::kEnglish) == "Free some space.");
  CHECK(advice_on(error).in(Language::kRomanian) == "Eliberează spațiu.");
}

TEST_CASE("advice in English only comes behind the general one, which is understood") {
  const Words advice = advice_on(Error(ErrorCode::kStoreTooNew, "x", "run wa-sync 9"));
  CHECK(advice.in(Language::kEnglish) == "run wa-sync 9");
  CHECK(advice.in(Language::kRomanian) ==
        "Folosește versiunea mai nouă de wa-sync care l-a scris.\n  (run wa-sync 9)");
}

}  // namespace error_report_test
