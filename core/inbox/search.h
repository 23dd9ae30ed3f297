// Searches the texts of messages. list_threads (queries.h) searches threads with the same words.
//
// Each word of the wanted text stands for all words that begin with it, and all of them must be
// there. Case and accents do not count: "tort" finds "Tortul", and ș, ş and s are one letter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/migration.h"
#include "base/tokenizer.h"
#include "inbox/queries.h"

namespace wasync {

class Database;

class SearchWords {
 public:
  // Takes the text as a person typed it, whatever it is. Keeps at most kMost words.
  SearchWords(const Tokenizer& tokenizer, std::string_view text);
  static constexpr std::size_t kMost = 32;

  bool empty() const { return words_.empty(); }
  // The words as an expression of FTS5.
  std::string query() const;
  // Whether a text has all of them: what the index finds and nothing else.
  bool are_in(const std::vector<Token>& text) const;
  // Whether the token is one of them.
  bool has(const Token& token) const;

 private:
  struct Word {
    std::string folded{};
    std::string typed{};
  };
  std::vector<Word> words_;
};

struct MessageSearch {
  std::string text{};
  std::optional<ThreadId> thread{};  // none: all
  UnixSeconds since{};               // only messages at or after
  std::size_t limit = 50;
};

struct FoundMessage {
  ThreadListing thread;
  StoredMessage message;
  std::string excerpt{};  // one line around the first word that was found
};

// The newest messages whose text, caption or file name has the words, newest first. Completes the
// index before (search_index.h) and tells `on_indexed` how far. Throws Error(kUsage) when the text
// has no word, and Error(kConfig) when the index is switched off.
std::vector<FoundMessage> search_messages(Database& database, const MessageSearch& search,
                                          const OnMigrated& on_indexed = {});

}  // namespace wasync
