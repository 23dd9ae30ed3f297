#include "base/counted.h"

#include <doctest/doctest.h>

namespace counted_test {

using namespace wasync;

TEST_CASE("numbers with their nouns") {
  const auto english = [](const Noun& noun, std::int64_t count) {
    return counted(noun, count).in(Language::kEnglish);
  };
  const auto romanian = [](const Noun& noun, std::int64_t count) {
    return counted(noun, count).in(Language::kRomanian);
  };
  CHECK(english(noun::kMessage, 1) == "1 message");
  CHECK(english(noun::kMessage, 0) == "0 messages");
  CHECK(english(noun::kMessage, 1234) == "1,234 messages");
  CHECK(romanian(noun::kConversation, 0) == "0 conversații");
  CHECK(romanian(noun::kConversation, 1) == "1 conversație");
  CHECK(romanian(noun::kConversation, 19) == "19 conversații");
  CHECK(romanian(noun::kConversation, 20) == "20 de conversații");
  CHECK(romanian(noun::kConversation, 100) == "100 de conversații");
  CHECK(romanian(noun::kConversation, 101) == "101 conversații");
  CHECK(romanian(noun::kMessage, 12000) == "12.000 de mesaje");
}

TEST_CASE("thousands are set apart") {
  CHECK(grouped(1234567).in(Language::kEnglish) == "1,234,567");
  CHECK(grouped(1234567).in(Language::kRomanian) == "1.234.567");
  CHECK(grouped(-1000).in(Language::kEnglish) == "-1,000");
  CHECK(grouped(999).in(Language::kEnglish) == "999");
}

}  // namespace counted_test
