#include "cli/diagnose_words.h"

#include <doctest/doctest.h>

#include <vector>

#include "cli/term/width.h"

namespace diagnose_words_test {

using namespace wasync;
using diagnosis::CheckId;
using diagnosis::Finding;

TEST_CASE("every finding has words of its own") {
  for (int i = 0; i < static_cast<int>(Finding::kCount); ++i) {
    CAPTURE(i);
    const FindingWords& words = words_of(static_cast<Finding>(i));
    CHECK(words.finding == static_cast<Finding>(i));
    CHECK_FALSE(words.line.empty());
    CHECK(words.why.empty() == words.command.empty());
  }
}

TEST_CASE("no finding has words twice") {
  std::size_t all = 1;  // that a check failed stands apart
  for (const auto& part : {words_here(), words_phone(), words_connection(), words_live(),
                           words_history(), words_firestore(), words_inbox()})
    all += part.size();
  CHECK(all == static_cast<std::size_t>(Finding::kCount));
}

TEST_CASE("a check's name fits its column") {
  for (int i = 0; i <= static_cast<int>(CheckId::kSamePhone); ++i)
    for (const Language language : {Language::kEnglish, Language::kRomanian}) {
      const auto label = label_of(static_cast<CheckId>(i)).in(language);
      CHECK_FALSE(label.empty());
      CHECK(term::display_width(label) <= 15);
    }
}

}  // namespace diagnose_words_test
