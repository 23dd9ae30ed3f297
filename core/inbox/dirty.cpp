#include "inbox/dirty.h"

#include <array>

#include "base/sqlite.h"
#include "base/text.h"
#include "inbox/listing.h"

namespace wasync {
namespace {

constexpr std::size_t kMaxPageBytes = 2 << 20;

DirtyMark mark_of(const Statement& query, DirtyKind kind, int row, int revision) {
  return {.kind = kind,
          .row = query.integer(row),
          .revision = query.integer(revision),
          .first_upload = query.integer(revision + 1) == 0};
}

std::int64_t bound_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, 1'000'000));
}

// Statement texts by DirtyKind.
constexpr std::array<std::string_view, 4> kMarkUploaded{
    "UPDATE account SET uploaded_revision = ?1, upload_refusals = 0"
    " WHERE row_id = ?2 AND uploaded_revision < ?1",
    "UPDATE threads SET uploaded_revision = ?1, upload_refusals = 0,"
    " uploaded_message_at = max(uploaded_message_at, ?3)"
    " WHERE row_id = ?2 AND uploaded_revision < ?1",
    "UPDATE messages SET uploaded_revision = ?1, upload_refusals = 0"
    " WHERE row_id = ?2 AND uploaded_revision < ?1",
    "UPDATE contacts SET uploaded_revision = ?1, upload_refusals = 0"
    " WHERE row_id = ?2 AND uploaded_revision < ?1"};
constexpr std::array<std::string_view, 4> kSetAside{
    "UPDATE account SET upload_error = ?1, upload_refusals = upload_refusals + 1"
    " WHERE row_id = ?2 AND revision = ?3",
    "UPDATE threads SET upload_error = ?1, upload_refusals = upload_refusals + 1"
    " WHERE row_id = ?2 AND revision = ?3",
    "UPDATE messages SET upload_error = ?1, upload_refusals = upload_refusals + 1"
    " WHERE row_id = ?2 AND revision = ?3",
    "UPDATE contacts SET upload_error = ?1, upload_refusals = upload_refusals + 1"
    " WHERE row_id = ?2 AND revision = ?3"};
constexpr std::array<std::string_view, 4> kRetry{
    "UPDATE account SET upload_error = NULL WHERE upload_error IS NOT NULL",
    "UPDATE threads SET upload_error = NULL WHERE upload_error IS NOT NULL",
    "UPDATE messages SET upload_error = NULL WHERE upload_error IS NOT NULL",
    "UPDATE contacts SET upload_error = NULL WHERE upload_error IS NOT NULL"};
constexpr std::array<std::string_view, 4> kForget{
    "UPDATE account SET uploaded_revision = 0, upload_error = NULL, uploaded_to = ''",
    "UPDATE threads SET uploaded_revision = 0, upload_error = NULL, adopted = 0,"
    " uploaded_message_at = 0, dirty_since = unixepoch()",
    "UPDATE messages SET uploaded_revision = 0, upload_error = NULL",
    "UPDATE contacts SET uploaded_revision = 0, upload_error = NULL"};

std::string_view text_for(const std::array<std::string_view, 4>& texts, DirtyKind kind) {
  return texts.at(static_cast<std::size_t>(kind));
}

std::vector<std::int64_t> rows_of(Statement query) {
  std::vector<std::int64_t> out;
  while (query.step()) out.push_back(query.integer(0));
  return out;
}

}  // namespace

// From thread to thread along the index, not from message to message.
std::vector<std::int64_t> threads_with_dirty_messages(Database& database) {
  return rows_of(database.prepare(
      "WITH RECURSIVE dirty (thread) AS ("
      "SELECT min(thread) FROM messages WHERE revision > uploaded_revision AND upload_error IS NULL"
      " UNION ALL SELECT (SELECT min(m.thread) FROM messages m WHERE m.thread > dirty.thread"
      " AND m.revision > m.uploaded_revision AND m.upload_error IS NULL)"
      " FROM dirty WHERE dirty.thread IS NOT NULL)"
      " SELECT t.row_id FROM dirty JOIN threads t ON t.row_id = dirty.thread"
      " ORDER BY t.last_message_at DESC, t.row_id DESC"));
}

std::vector<DirtyMessage> dirty_messages(Database& database, std::int64_t thread, std::size_t limit,
                                         MessageCursor after) {
  const AccountId account = account_of(database);
  static const std::string kSelect =
      "SELECT " + joined_message_columns() +
      ", t.adopted FROM messages m JOIN threads t ON t.row_id = m.thread"
      " WHERE m.revision > m.uploaded_revision AND m.upload_error IS NULL"
      " AND m.thread = ? AND (m.sent_at, m.row_id) < (?, ?)"
      " ORDER BY m.sent_at DESC, m.row_id DESC LIMIT ?";
  auto query = database.prepare(kSelect);
  query.bind(thread, after.sent_at, after.row, bound_limit(limit));
  std::vector<DirtyMessage> out;
  std::size_t bytes = 0;
  while (bytes < kMaxPageBytes && query.step()) {
    StoredMessage message = read_stored_message(query);
    bytes += message.message.body ? message.message.body->size() : 0;
    ThreadId id = thread_id_for(account, message.message.chat);
    out.push_back({.mark = mark_of(query, DirtyKind::kMessage, 0, kMessageColumns + 1),
                   .thread = std::move(id),
                   .message = std::move(message),
                   .thread_adopted = query.integer(kMessageColumns + 4) != 0});
  }
  return out;
}

std::vector<std::int64_t> dirty_threads(Database& database) {
  return rows_of(database.prepare(
      "SELECT row_id FROM threads WHERE revision > uploaded_revision AND upload_error IS NULL"
      " ORDER BY last_message_at DESC, row_id DESC"));
}

std::optional<DirtyThread> dirty_thread(Database& database, std::int64_t row) {
  const AccountId account = account_of(database);
  static const std::string kSelect = "SELECT " + listing_columns() +
                                     ", t.last_message_at > t.uploaded_message_at"
                                     " FROM threads t WHERE t.revision > t.uploaded_revision"
                                     " AND t.upload_error IS NULL AND t.row_id = ?";
  auto query = database.prepare(kSelect);
  query.bind(row);
  if (!query.step()) return std::nullopt;
  ListedThread listed = read_listing(query, account);
  DirtyMark mark = mark_of(query, DirtyKind::kThread, 0, kListingColumns - 2);
  mark.last_message_at = listed.listing.last_message_at;
  const std::string last_text = listed.listing.last_message;
  return DirtyThread{.mark = mark,
                     .thread = std::move(listed.listing),
                     .display_name = std::move(listed.display_name),
                     .group_subject = std::move(listed.group_subject),
                     .redirect_to = std::move(listed.redirect_to),
                     .last_text = last_text,
                     .has_news = query.integer(kListingColumns) != 0};
}

std::vector<DirtyContact> dirty_contacts(Database& database, std::size_t limit,
                                         std::int64_t after) {
  auto query = database.prepare(
      "SELECT row_id, jid, saved_name, push_name, verified_name, lid, revision, uploaded_revision"
      " FROM contacts WHERE revision > uploaded_revision AND upload_error IS NULL AND row_id > ?"
      " ORDER BY row_id LIMIT ?");
  query.bind(after, bound_limit(limit));
  std::vector<DirtyContact> out;
  while (query.step()) {
    const Jid jid = Jid::parse(query.text_view(1)).value_or(Jid{});
    out.push_back({.mark = mark_of(query, DirtyKind::kContact, 0, 6),
                   .contact = {.jid = jid,
                               .saved_name = query.text(2),
                               .push_name = query.text(3),
                               .verified_name = query.text(4),
                               .lid = Jid::parse(query.text_view(5)).value_or(Jid{})},
                   .phone = phone_of(jid).value_or(std::string())});
  }
  return out;
}

std::optional<DirtyMark> dirty_account(Database& database) {
  auto query = database.prepare(
      "SELECT row_id, revision, uploaded_revision FROM account"
      " WHERE revision > uploaded_revision AND upload_error IS NULL");
  if (!query.step()) return std::nullopt;
  return mark_of(query, DirtyKind::kAccount, 0, 1);
}

void mark_uploaded(Database& database, std::span<const DirtyMark> marks) {
  for (const DirtyMark& mark : marks) {
    auto update = database.prepare(text_for(kMarkUploaded, mark.kind));
    update.bind(mark.revision, mark.row);
    if (mark.kind == DirtyKind::kThread) update.bind(mark.last_message_at);
    update.run();
  }
}

void set_aside(Database& database, const DirtyMark& mark, std::string_view error) {
  database.prepare(text_for(kSetAside, mark.kind))
      .bind(storable_error(error), mark.row, mark.revision)
      .run();
}

std::int64_t retry_set_aside(Database& database) {
  std::int64_t count = 0;
  for (const std::string_view sql : kRetry) {
    database.prepare(sql).run();
    count += database.changes();
  }
  return count;
}

DirtyCount count_dirty(Database& database) {
  auto query = database.prepare(
      "SELECT unsent + (SELECT count(*) FROM account WHERE revision > uploaded_revision"
      " AND upload_error IS NULL),"
      " set_aside + (SELECT count(*) FROM account WHERE upload_error IS NOT NULL) FROM totals");
  query.step();
  return {.rows = query.integer(0), .set_aside = query.integer(1)};
}

UnixSeconds unsent_since(Database& database) {
  auto query = database.prepare(
      "SELECT min(dirty_since) FROM threads INDEXED BY threads_waiting WHERE"
      " revision > uploaded_revision AND upload_error IS NULL AND dirty_since > 0");
  query.step();
  return {query.integer(0)};
}

std::string a_refusal(Database& database) {
  auto query = database.prepare(
      "SELECT upload_error FROM account WHERE upload_error IS NOT NULL UNION ALL SELECT"
      " upload_error FROM threads WHERE upload_error IS NOT NULL UNION ALL SELECT upload_error FROM"
      " messages WHERE upload_error IS NOT NULL UNION ALL SELECT upload_error FROM contacts WHERE"
      " upload_error IS NOT NULL LIMIT 1");
  return query.step() ? query.text(0) : std::string();
}

std::string upload_target(Database& database) {
  auto query = database.prepare("SELECT uploaded_to FROM account");
  return query.step() ? query.text(0) : std::string();
}

void set_upload_target(Database& database, std::string_view target) {
  database.prepare("UPDATE account SET uploaded_to = ?").bind(target).run();
}

void forget_uploads(Database& database) {
  for (const std::string_view sql : kForget) database.prepare(sql).run();
}

void mark_account_known(Database& database) {
  database
      .prepare(
          "UPDATE account SET revision = revision + 1, uploaded_revision = revision"
          " WHERE uploaded_revision = 0")
      .run();
}

}  // namespace wasync
