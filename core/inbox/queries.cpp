#include "inbox/queries.h"

#include <algorithm>
#include <limits>

#include "base/sqlite.h"
#include "base/text.h"
#include "inbox/dirty.h"
#include "inbox/listing.h"
#include "inbox/mend.h"
#include "inbox/phone_forms.h"
#include "inbox/thread_row.h"
#include "inbox/thread_search.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxCandidates = 10;

// Of a person whose number is written in two ways.
std::optional<Jid> other_address(const Jid& address) {
  const auto phone = phone_of(address);
  const auto other = phone ? other_form(*phone) : std::nullopt;
  if (!other) return std::nullopt;
  return Jid::parse(other->substr(1) + "@" + std::string(jid_server::kUser));
}

Jid canonical(Database& database, const Jid& jid) {
  const Jid bare = jid.bare();
  if (!bare.is_lid()) return bare;
  return phone_of_lid(database, bare).value_or(bare);
}

// Follows one redirect.
std::optional<ThreadListing> thread_at(Database& database, const AccountId& account,
                                       const Jid& address) {
  static const std::string kSelect =
      "SELECT " + listing_columns() +
      " FROM threads t WHERE t.jid = coalesce("
      "(SELECT nullif(redirect_to, '') FROM threads WHERE jid = ?1), ?1)";
  auto query = database.prepare(kSelect);
  query.bind(canonical(database, address).to_string());
  if (!query.step()) return std::nullopt;
  return read_listing(query, account).listing;
}

FoundThread thread_named(Database& database, std::string_view text) {
  const std::string key = search_key(folded_whitespace(repaired_utf8(text)));
  if (key.empty()) return NoSuchThread{};
  std::vector<ThreadListing> whole;
  std::vector<ThreadListing> part;
  for (ThreadListing& thread : list_threads(
           database, {.limit = std::nullopt, .include_hidden = true, .search = {}, .since = {}})) {
    if (thread.hidden_because == HiddenBecause::kRedirected) continue;
    const std::string name = search_key(thread.name);
    if (name == key) {
      whole.push_back(std::move(thread));
    } else if (name.find(key) != std::string::npos) {
      part.push_back(std::move(thread));
    }
  }
  std::vector<ThreadListing>& candidates = whole.empty() ? part : whole;
  if (candidates.empty()) return NoSuchThread{};
  if (candidates.size() == 1) return std::move(candidates.front());
  if (candidates.size() > kMaxCandidates) {
    candidates.erase(candidates.begin() + kMaxCandidates, candidates.end());
  }
  return AmbiguousThread{std::move(candidates)};
}

}  // namespace

std::vector<ThreadListing> list_threads(Database& database, const ListOptions& options) {
  if (!options.search.empty()) return search_threads(database, options);
  const AccountId account = account_of(database);
  const std::size_t limit = options.limit.value_or(std::numeric_limits<std::size_t>::max());
  std::vector<ThreadListing> out;
  auto query = database.prepare(newest_threads_text());
  query.bind(options.since);
  while (out.size() < limit && query.step()) {
    ThreadListing thread = read_listing(query, account).listing;
    if (!thread.hidden_because || options.include_hidden) out.push_back(std::move(thread));
  }
  return out;
}

std::vector<StoredMessage> thread_messages(Database& database, const ThreadId& thread,
                                           const MessageOptions& options) {
  // History stores the messages of one second from the newest on, live ones come in order.
  static const std::string kSelect =
      "SELECT " + joined_message_columns() +
      " FROM threads t JOIN messages m ON m.thread = t.row_id WHERE t.jid = ? AND m.sent_at < ?"
      " ORDER BY m.sent_at DESC, (m.source = 1) DESC,"
      " CASE m.source WHEN 1 THEN -m.row_id ELSE m.row_id END LIMIT ?";
  auto query = database.prepare(kSelect);
  query.bind(
      thread.jid().to_string(),
      options.before.known() ? options.before.value : std::numeric_limits<std::int64_t>::max(),
      static_cast<std::int64_t>(std::min<std::size_t>(options.limit, 1'000'000)));
  std::vector<StoredMessage> out;
  while (query.step()) out.push_back(read_stored_message(query));
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<Anchor> oldest_messages(Database& database, const ThreadId& thread, std::size_t limit) {
  static const std::string kSelect =
      "SELECT " + message_columns() +
      " FROM threads t JOIN messages m ON m.thread = t.row_id"
      " WHERE t.jid = ? AND m.sent_at > ? ORDER BY m.sent_at LIMIT ?";
  auto query = database.prepare(kSelect);
  query.bind(thread.jid().to_string(), kNoTimeTold, static_cast<std::int64_t>(limit));
  std::vector<Anchor> out;
  while (query.step()) {
    MessageRow row = read_message(query, thread.jid());
    out.push_back({.key = std::move(row.message.key), .sent_at = row.message.sent_at});
  }
  return out;
}

FoundThread find_thread(Database& database, std::string_view text) {
  const AccountId account = account_of(database);
  std::optional<Jid> address;
  if (const auto id = ThreadId::parse(text)) {
    if (id->account() != account) return NoSuchThread{};
    address = id->jid();
  } else if (text.find('@') != std::string_view::npos) {
    address = Jid::parse(text);
  } else if (const auto phone = normalized_phone(text)) {
    address = Jid::parse(phone->substr(1) + "@" + std::string(jid_server::kUser));
  }
  if (address) {
    if (auto thread = thread_at(database, account, *address)) return std::move(*thread);
    if (const auto other = other_address(*address))
      if (auto thread = thread_at(database, account, *other)) return std::move(*thread);
  }
  return thread_named(database, text);
}

bool awaits_content(Database& database, const Jid& chat, const MessageKey& key) {
  const Jid address = canonical(database, chat);
  auto query = database.prepare(
      "SELECT 1 FROM messages m JOIN threads t ON t.row_id = m.thread"
      " WHERE t.jid = ? AND m.document_id IN (?, ?) AND m.from_me = ? AND m.type = ?"
      " AND m.deleted_at IS NULL");
  query.bind(address.to_string(), message_document_id(key, address).str(),
             hashed_message_id(key, address).str(), key.from_me, message_type::kUndecryptable);
  return query.step();
}

InboxTotals inbox_totals(Database& database) {
  auto query = database.prepare(
      "SELECT threads, placeholders, messages, contacts, oldest_at, newest_at FROM totals");
  query.step();
  const DirtyCount dirty = count_dirty(database);
  return {.threads = query.integer(0),
          .placeholders = query.integer(1),
          .messages = query.integer(2),
          .contacts = query.integer(3),
          .unsent = dirty.rows,
          .set_aside = dirty.set_aside,
          .oldest_message_at = query.time(4),
          .newest_message_at = query.time(5)};
}

std::optional<Jid> lid_for_phone(Database& database, const Jid& phone) {
  auto row = database.prepare("SELECT lid FROM lid_mappings WHERE phone = ?");
  if (!row.bind(phone.bare().to_string()).step()) return std::nullopt;
  return Jid::parse(row.text_view(0));
}

std::vector<Jid> lids_for_phone(Database& database, const Jid& phone) {
  std::vector<Jid> lids;
  auto query = database.prepare("SELECT lid FROM lid_mappings WHERE phone = ?");
  query.bind(phone.bare().to_string());
  while (query.step()) {
    if (auto lid = Jid::parse(query.text_view(0))) lids.push_back(*std::move(lid));
  }
  return lids;
}

std::optional<std::string> phone_for_lid(Database& database, const Jid& lid) {
  return phone_of(canonical(database, lid));
}

std::optional<Contact> find_contact(Database& database, const Jid& jid) {
  const Jid address = canonical(database, jid);
  auto query = database.prepare(
      "SELECT saved_name, push_name, verified_name, lid FROM contacts WHERE jid = ?");
  query.bind(address.to_string());
  if (!query.step()) return std::nullopt;
  return Contact{.jid = address,
                 .saved_name = query.text(0),
                 .push_name = query.text(1),
                 .verified_name = query.text(2),
                 .lid = Jid::parse(query.text_view(3)).value_or(Jid{})};
}

}  // namespace wasync
