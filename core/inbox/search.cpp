#include "inbox/search.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/error.h"
#include "base/sqlite.h"
#include "base/text.h"
#include "base/utf8.h"
#include "inbox/listing.h"
#include "inbox/search_index.h"

namespace wasync {
namespace {

// The index knows no threads. A thread of so many messages is read faster than those that it finds
// everywhere; in a larger one, words that so few messages have are looked up.
constexpr std::int64_t kShortThread = 5'000;
constexpr std::size_t kFewMessages = 1'000;
constexpr std::size_t kExcerptCharacters = 100;
constexpr std::size_t kBeforeTheWord = 30;  // characters

bool has_letter(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Character c = first_character(text.substr(at));
    const auto kind = utf8proc_category(static_cast<utf8proc_int32_t>(c.value));
    if (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) return true;
    if (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO) return true;
    at += c.length;
  }
  return false;
}

// Where the excerpt starts: some words before the one that was found.
std::size_t start_of(std::string_view line, const std::vector<Token>& tokens,
                     const SearchWords& words) {
  const auto found = std::ranges::find_if(tokens, [&](const Token& t) { return words.has(t); });
  if (found == tokens.end()) return 0;
  const auto is_near = [&](const Token& t) {
    return count_characters(line.substr(t.begin, found->begin - t.begin)) <= kBeforeTheWord;
  };
  auto first = found;
  while (first != tokens.begin() && is_near(*std::prev(first))) --first;
  return first == tokens.begin() ? 0 : first->begin;
}

std::string excerpt_of(std::string_view text, const Tokenizer& tokenizer,
                       const SearchWords& words) {
  const std::string folded = folded_whitespace(text);
  const std::string_view line = folded;
  const std::size_t start = start_of(line, tokenizer.split(line), words);
  const std::string_view shown = first_characters(line.substr(start), kExcerptCharacters);
  return (start > 0 ? "…" : "") + std::string(shown) +
         (start + shown.size() < line.size() ? "…" : "");
}

class MessageFinder {
 public:
  MessageFinder(Database& database, const MessageSearch& search)
      : database_(database),
        search_(search),
        account_(account_of(database)),
        tokenizer_(database),
        words_(tokenizer_, search.text) {}

  std::vector<FoundMessage> find() {
    if (words_.empty())
      throw Error(ErrorCode::kUsage,
                  Phrase{"there is no word to search for in \"{}\"",
                         "nu este niciun cuvânt de căutat în „{}”"}
                      .with(folded_whitespace(terminal_safe(search_.text))),
                  Phrase{"Words are made of letters and digits; emoji and signs are not searched.",
                         "Cuvintele sunt din litere și cifre; emoji și semne nu se caută."});
    if (!search_.thread) return take(by_index(search_.limit));
    if (messages_of_thread() <= kShortThread) return take(in_thread());
    const std::vector<std::int64_t> all = by_index(kFewMessages + 1);
    return take(all.size() <= kFewMessages ? all : in_thread());
  }

 private:
  std::vector<std::int64_t> by_index(std::size_t limit) {
    auto query = database_.prepare(
        "SELECT rowid & ? FROM message_search WHERE message_search MATCH ? AND rowid >= ?"
        " ORDER BY rowid DESC LIMIT ?");
    query.bind((std::int64_t{1} << kRowIdBits) - 1, words_.query(),
               search_.since.value << kRowIdBits, limit);
    std::vector<std::int64_t> rows;
    while (query.step()) rows.push_back(query.integer(0));
    return rows;
  }

  std::int64_t messages_of_thread() {
    auto query = database_.prepare("SELECT messages FROM threads WHERE jid = ?");
    query.bind(search_.thread->jid().to_string());
    return query.step() ? query.integer(0) : 0;
  }

  std::vector<std::int64_t> in_thread() {
    auto query = database_.prepare(
        "SELECT m.row_id, m.body, m.filename FROM threads t JOIN messages m ON m.thread = t.row_id"
        " WHERE t.jid = ? AND m.sent_at >= ? AND m.deleted_at IS NULL ORDER BY m.sent_at DESC");
    query.bind(search_.thread->jid().to_string(), search_.since);
    std::vector<std::int64_t> rows;
    while (rows.size() < search_.limit && query.step()) {
      std::vector<Token> text = tokenizer_.split(query.text_view(1));
      std::ranges::move(tokenizer_.split(query.text_view(2)), std::back_inserter(text));
      if (words_.are_in(text)) rows.push_back(query.integer(0));
    }
    return rows;
  }

  std::vector<FoundMessage> take(const std::vector<std::int64_t>& rows) {
    static const std::string kSelect =
        "SELECT " + joined_message_columns() +
        " FROM messages m JOIN threads t ON t.row_id = m.thread WHERE m.row_id = ?";
    std::vector<FoundMessage> found;
    for (const std::int64_t row : rows) {
      if (found.size() == search_.limit) break;
      auto query = database_.prepare(kSelect);
      if (!query.bind(row).step()) continue;
      StoredMessage message = read_stored_message(query);
      if (search_.thread && message.message.chat != search_.thread->jid()) continue;
      std::string excerpt = excerpt_of(text_with_words(message.message), tokenizer_, words_);
      ThreadListing thread = thread_of(message.message.chat);
      found.push_back({.thread = std::move(thread),
                       .message = std::move(message),
                       .excerpt = std::move(excerpt)});
    }
    return found;
  }

  std::string text_with_words(const Message& message) const {
    const std::string body = message.body.value_or(std::string());
    if (!message.media || message.media->filename.empty()) return body;
    const auto is_one = [&](const Token& token) { return words_.has(token); };
    return std::ranges::any_of(tokenizer_.split(body), is_one) ? body : message.media->filename;
  }

  const ThreadListing& thread_of(const Jid& chat) {
    const auto known = threads_.find(chat);
    if (known != threads_.end()) return known->second;
    static const std::string kSelect =
        "SELECT " + listing_columns() + " FROM threads t WHERE t.jid = ?";
    auto query = database_.prepare(kSelect);
    query.bind(chat.to_string());
    query.step();
    return threads_.emplace(chat, read_listing(query, account_).listing).first->second;
  }

  Database& database_;
  const MessageSearch& search_;
  AccountId account_;
  Tokenizer tokenizer_;
  SearchWords words_;
  std::map<Jid, ThreadListing> threads_;
};

}  // namespace

// What is typed goes to FTS5, which folds it as it folds texts.
SearchWords::SearchWords(const Tokenizer& tokenizer, std::string_view text) {
  const std::string clean = repaired_utf8(text);
  for (Token& token : tokenizer.split(clean)) {
    const std::string typed = clean.substr(token.begin, token.end - token.begin);
    const bool is_known = std::ranges::find(words_, token.folded, &Word::folded) != words_.end();
    if (words_.size() == kMost || is_known || !has_letter(token.folded)) continue;
    words_.push_back({.folded = std::move(token.folded), .typed = typed});
  }
}

std::string SearchWords::query() const {
  std::string out;
  for (const Word& word : words_) out += (out.empty() ? "\"" : " \"") + word.typed + "\"*";
  return out;
}

bool SearchWords::has(const Token& token) const {
  return std::ranges::any_of(
      words_, [&](const Word& word) { return token.folded.starts_with(word.folded); });
}

bool SearchWords::are_in(const std::vector<Token>& text) const {
  return std::ranges::all_of(words_, [&](const Word& word) {
    return std::ranges::any_of(
        text, [&](const Token& token) { return token.folded.starts_with(word.folded); });
  });
}

std::vector<FoundMessage> search_messages(Database& database, const MessageSearch& search,
                                          const OnMigrated& on_indexed) {
  if (!has_search_index(database))
    throw Error(ErrorCode::kConfig,
                Phrase{"the search index of this account is switched off",
                       "indexul de căutare al acestui cont este oprit"},
                Phrase{"This switches it on again: wa-sync listen --search-index on",
                       "Se pornește din nou cu: wa-sync listen --search-index on"});
  complete_search_index(database, on_indexed);
  return MessageFinder(database, search).find();
}

}  // namespace wasync
