// Splits texts into words as SQLite's full-text index does. The index and whoever looks through
// texts without it then agree on what a word is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct Fts5Tokenizer;
struct fts5_tokenizer;

namespace wasync {

class Database;

struct Token {
  std::string folded{};   // as the index keeps it: in lower case, without accents
  std::size_t begin = 0;  // its bytes in the text: [begin, end)
  std::size_t end = 0;
};

// Letters, digits, and the marks that belong to them make a word. "Ștefan", "Ştefan" and "stefan"
// are the same one.
class Tokenizer {
 public:
  // `database` must outlive the tokenizer. Throws Error(kStore) when SQLite has no FTS5.
  explicit Tokenizer(Database& database);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  // In the order of the text. `text` is at most 2 GiB long.
  std::vector<Token> split(std::string_view text) const;

  // The value of `tokenize` with which an FTS5 table splits its texts in the same way. Tables that
  // exist have it: a different one takes a migration.
  static std::string option();

 private:
  const fts5_tokenizer* functions_ = nullptr;
  Fts5Tokenizer* handle_ = nullptr;
};

}  // namespace wasync
