#include "base/tokenizer.h"

#include <algorithm>

#include "database.h"

namespace tokenizer_test {

using namespace wasync;
using namespace wasync::test;

namespace {

struct Words {
  ScratchDir scratch;
  Database database{scratch / "words.db"};
  Tokenizer tokenizer{database};

  std::string of(std::string_view text) const {
    std::string out;
    for (const Token& token : tokenizer.split(text)) out += token.folded + "|";
    return out;
  }
};

}  // namespace

TEST_CASE("words are folded: case and accents do not count") {
  const Words words;
  CHECK(words.of("Ștefan Ştefan S\u0326TEFAN stefan") == "stefan|stefan|stefan|stefan|");
  CHECK(words.of("Țară, țărână; ÎNTÂI") == "tara|tarana|intai|");
  CHECK(words.of("e-mail: a_b@c.ro #123") == "e|mail|a|b|c|ro|123|");
}

TEST_CASE("a word keeps the marks that belong to its letters") {
  const Words words;
  CHECK(words.of("हिन्दी ไทย") == "हिन्दी|ไทย|");
  CHECK(words.of("1\uFE0F\u20E3 ❤\uFE0F") == "1|");
}

TEST_CASE("a token knows its place in the text") {
  const Words words;
  const std::string text = "— Ăst'a";
  const auto tokens = words.tokenizer.split(text);
  REQUIRE(tokens.size() == 2);
  CHECK(text.substr(tokens[0].begin, tokens[0].end - tokens[0].begin) == "Ăst");
  CHECK(text.substr(tokens[1].begin, tokens[1].end - tokens[1].begin) == "a");
  CHECK(words.tokenizer.split("").empty());
  CHECK(words.tokenizer.split({}).empty());
}

TEST_CASE("an FTS5 table with its option finds the same words") {
  Words words;
  words.database.execute("CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = \"" +
                         Tokenizer::option() +
                         "\");"
                         "CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)");
  std::string text = "Ștefan ŞI s\u0326 ÄÖÜ ẞ łódź đ İstanbul ";
  text += "हिन्दी كِتَاب 日本語 a👍🏽b 🥰 ";
  text += "¼ x² \u00ADy\u200Dz";
  words.database.prepare("INSERT INTO t VALUES (?)").bind(text).run();
  auto query = words.database.prepare("SELECT group_concat(term || '|', '') FROM v");
  REQUIRE(query.step());
  // fts5vocab has them by term.
  auto own = words.tokenizer.split(text);
  std::ranges::sort(own, {}, &Token::folded);
  std::string terms;
  for (const Token& token : own) terms += token.folded + "|";
  CHECK(query.text_view(0) == terms);
}

}  // namespace tokenizer_test
