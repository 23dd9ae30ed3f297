#include "inbox/thread_search.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <string>

#include "base/sqlite.h"
#include "base/text.h"
#include "base/tokenizer.h"
#include "inbox/account.h"
#include "inbox/listing.h"
#include "inbox/phone_forms.h"
#include "inbox/search.h"
#include "inbox/search_index.h"

namespace wasync {
namespace {

// So many are sorted by their time. Among more, the newest ones are soon met on the way from the
// newest thread on.
constexpr std::size_t kFewThreads = 2'000;
constexpr std::size_t kLeastOfAddress = 3;  // characters: the index knows no shorter part

// "+40 711-111" finds +40711111111.
std::string phone_key(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (std::string_view("+ -.()").find(c) == std::string_view::npos) {
      return {};
    }
  }
  return digits.size() < kLeastOfAddress ? std::string() : digits;
}

// Only with a digit or an @: "app" and "net" are in every person's address.
std::string address_key(std::string_view text) {
  std::string key = search_key(folded_whitespace(repaired_utf8(text)));
  const bool may_be = key.find_first_of("@0123456789") != std::string::npos;
  return may_be && key.size() >= kLeastOfAddress ? key : std::string();
}

class ThreadFinder {
 public:
  ThreadFinder(Database& database, const ListOptions& options)
      : database_(database),
        options_(options),
        account_(account_of(database)),
        tokenizer_(database),
        words_(tokenizer_, options.search),
        digits_(phone_key(options.search)),
        address_(address_key(options.search)) {}

  std::vector<ThreadListing> find() {
    if (!has_search_index(database_)) return among_all();
    complete_search_index(database_);
    const std::set<std::int64_t> found = by_index();
    return options_.limit && found.size() > kFewThreads ? among_all() : sorted(found);
  }

 private:
  // All of them, or some more than kFewThreads.
  std::set<std::int64_t> by_index() {
    std::set<std::int64_t> found;
    if (!words_.empty())
      look_up("SELECT rowid FROM thread_search WHERE thread_search MATCH ? LIMIT ?", words_.query(),
              found);
    std::set<std::string> parts{digits_, address_};
    if (const auto other = other_form("+" + digits_)) parts.insert(other->substr(1));
    for (const std::string& part : parts) {
      if (part.empty() || part.find('"') != std::string::npos) continue;
      look_up("SELECT rowid FROM address_search WHERE address_search MATCH ? LIMIT ?",
              "\"" + part + "\"", found);
    }
    return found;
  }

  void look_up(std::string_view text, const std::string& expression, std::set<std::int64_t>& rows) {
    auto query = database_.prepare(text);
    query.bind(expression, options_.limit ? static_cast<std::int64_t>(kFewThreads) + 1
                                          : std::numeric_limits<std::int64_t>::max());
    while (query.step()) rows.insert(query.integer(0));
  }

  std::vector<ThreadListing> sorted(const std::set<std::int64_t>& rows) {
    static const std::string kSelect =
        "SELECT " + listing_columns() +
        " FROM threads t WHERE t.row_id = ? AND t.last_message_at >= ?";
    std::vector<ThreadListing> out;
    for (const std::int64_t row : rows) {
      auto query = database_.prepare(kSelect);
      query.bind(row, options_.since);
      if (query.step()) take(query, out);
    }
    std::ranges::sort(out, [](const ThreadListing& a, const ThreadListing& b) {
      if (a.last_message_at != b.last_message_at) return a.last_message_at > b.last_message_at;
      return a.jid.to_string() < b.jid.to_string();
    });
    if (options_.limit && out.size() > *options_.limit)
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(*options_.limit), out.end());
    return out;
  }

  std::vector<ThreadListing> among_all() {
    std::vector<ThreadListing> out;
    auto query = database_.prepare(newest_threads_text());
    query.bind(options_.since);
    while ((!options_.limit || out.size() < *options_.limit) && query.step()) take(query, out);
    return out;
  }

  void take(const Statement& query, std::vector<ThreadListing>& out) {
    ThreadListing thread = read_listing(query, account_).listing;
    if (thread.hidden_because && !options_.include_hidden) return;
    if (is_found(thread)) out.push_back(std::move(thread));
  }

  bool is_found(const ThreadListing& thread) const {
    if (!digits_.empty() && (thread.phone.find(digits_) != std::string::npos ||
                             same_phone(thread.phone, "+" + digits_)))
      return true;
    if (!address_.empty() && thread.jid.to_string().find(address_) != std::string::npos)
      return true;
    if (words_.empty()) return false;
    std::vector<Token> text = tokenizer_.split(thread.name);
    std::ranges::move(tokenizer_.split(thread.last_message), std::back_inserter(text));
    return words_.are_in(text);
  }

  Database& database_;
  const ListOptions& options_;
  AccountId account_;
  Tokenizer tokenizer_;
  SearchWords words_;
  std::string digits_;   // empty: the text is no part of a phone number
  std::string address_;  // empty: nor of an address
};

}  // namespace

std::vector<ThreadListing> search_threads(Database& database, const ListOptions& options) {
  return ThreadFinder(database, options).find();
}

}  // namespace wasync
