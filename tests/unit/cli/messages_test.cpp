#include "cli/messages.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace messages_test {

using namespace wasync;

namespace {

auto placeholders(std::string_view text) {
  return std::ranges::count(text, '{');
}

}  // namespace

TEST_CASE("every text exists in both languages, with the same placeholders") {
  for (int i = 0; i < static_cast<int>(Text::kCount); ++i) {
    CAPTURE(i);
    const auto english = text(Language::kEnglish, static_cast<Text>(i));
    const auto romanian = text(Language::kRomanian, static_cast<Text>(i));
    CAPTURE(english);
    CHECK_FALSE(english.empty());
    CHECK_FALSE(romanian.empty());
    CHECK(placeholders(english) == placeholders(romanian));
  }
}

TEST_CASE("every kind of error has advice in both languages") {
  for (int i = 0; i < static_cast<int>(ErrorCode::kInterrupted); ++i) {
    CAPTURE(i);
    CHECK_FALSE(hint_for(Language::kEnglish, static_cast<ErrorCode>(i)).empty());
    CHECK_FALSE(hint_for(Language::kRomanian, static_cast<ErrorCode>(i)).empty());
  }
}

TEST_CASE("the language follows the locale") {
  setenv("LC_ALL", "ro_RO.UTF-8", 1);
  CHECK(language_of_locale() == Language::kRomanian);
  setenv("LC_ALL", "C.UTF-8", 1);
  CHECK(language_of_locale() == Language::kEnglish);
  unsetenv("LC_ALL");
  setenv("LC_MESSAGES", "ro", 1);
  CHECK(language_of_locale() == Language::kRomanian);
  unsetenv("LC_MESSAGES");
}

}  // namespace messages_test
