#include "base/phrase.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace phrase_test {

using namespace wasync;

// What a consteval constructor refuses cannot be tried at run time.
static_assert(is_whole_phrase("yes", "da"));
static_assert(!is_whole_phrase("", "da"));
static_assert(!is_whole_phrase("yes", ""));
static_assert(is_whole_phrase("{} of {}", "{} din {}"));
static_assert(!is_whole_phrase("{} of {}", "{} din"));
static_assert(!is_whole_phrase("{} of", "{} din {}"));
static_assert(is_whole_phrase("{phone} at {time}", "la {time} {phone}"));
static_assert(!is_whole_phrase("{phone}", "{telefon}"));
static_assert(!is_whole_phrase("{0} {0} {1}", "{0} {1} {1}"));
static_assert(!is_whole_phrase("{open", "{open"));
static_assert(Phrase().empty());
static_assert(!Phrase("yes", "da").empty());

TEST_CASE("placeholders are filled in order and by number, in both languages") {
  const Words words = Phrase{"{} of {}", "{} din {}"}.with(3, "file");
  CHECK(words.in(Language::kEnglish) == "3 of file");
  CHECK(words.in(Language::kRomanian) == "3 din file");
  const Words turned = Phrase{"{0} x {1}", "{1} pe {0}"}.with(80, std::string("24"));
  CHECK(turned.in(Language::kEnglish) == "80 x 24");
  CHECK(turned.in(Language::kRomanian) == "24 pe 80");
}

TEST_CASE("a phrase within a phrase is in the same language") {
  constexpr Phrase kReason{"no answer", "niciun răspuns"};
  const Words words = Phrase{"failed: {}", "nu a reușit: {}"}.with(kReason);
  CHECK(words.in(Language::kEnglish) == "failed: no answer");
  CHECK(words.in(Language::kRomanian) == "nu a reușit: niciun răspuns");
}

TEST_CASE("values are taken as they stand, braces and all") {
  CHECK(Phrase{"\"{}\"", "„{}”"}.with("{}{0}").in(Language::kEnglish) == "\"{}{0}\"");
  CHECK(Phrase{"{} {}", "{} {}"}.with("one").in(Language::kEnglish) == "one {}");
}

TEST_CASE("names are looked up") {
  const auto value = [](std::string_view name) { return "<" + std::string(name) + ">"; };
  CHECK(filled("{phone} since {at}", value) == "<phone> since <at>");
  CHECK(filled("nothing", value) == "nothing");
  CHECK(filled("an open {", value) == "an open {");
  CHECK(filled("", value).empty());
}

TEST_CASE("what others wrote is the same in every language") {
  const Words name("Permission denied");
  CHECK_FALSE(name.translated());
  CHECK(name.in(Language::kRomanian) == "Permission denied");
  CHECK(Words(Phrase{"yes", "da"}).translated());
  CHECK(Words().empty());
}

TEST_CASE("an error speaks English to logs and both languages to people") {
  const Error error(ErrorCode::kIo, Phrase{"cannot read {}", "nu se poate citi {}"}.with("/x"),
                    Phrase{"Look at it.", "Uită-te la el."});
  CHECK(std::string(error.what()) == "cannot read /x");
  CHECK(error.message().in(Language::kRomanian) == "nu se poate citi /x");
  CHECK(error.hint() == "Look at it.");
  CHECK(error.advice().in(Language::kRomanian) == "Uită-te la el.");
}

}  // namespace phrase_test
