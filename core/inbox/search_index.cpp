#include "inbox/search_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/sqlite.h"
#include "base/tokenizer.h"

namespace wasync {
namespace {

// SQLite sorts so many texts without a temporary file.
constexpr int kAtOnce = 5'000;
// FTS5 writes and merges segments in each transaction that changes its table, however few the rows.
constexpr std::int64_t kWorthwhile = 256;
// In a transaction that only fills the index.
constexpr int kPartsOfTransaction = 10;

constexpr const char* kMakeState = R"sql(
CREATE TABLE search_state (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  kept INTEGER NOT NULL,                      -- 0: switched off, and the tables are not there
  messages_to INTEGER NOT NULL,               -- rows up to this row id are in the index
  threads_to INTEGER NOT NULL                 -- likewise
);
INSERT INTO search_state VALUES (1, 0, 0, 0);
-- An earlier version doubled row ids with each merge of threads: the index has no room for such.
WITH high (former, place) AS
  (SELECT row_id, row_number() OVER (ORDER BY row_id) FROM messages WHERE row_id >= 1 << 30)
UPDATE messages SET row_id = place +
    (SELECT coalesce(max(row_id), 0) FROM messages WHERE row_id < 1 << 30)
  FROM high WHERE row_id = former;
)sql";

// Part of a published migration: never edit it. {0} is Tokenizer::option().
constexpr const char* kMakeTables = R"sql(
-- What is in the index. A message that was taken back has no text.
CREATE VIEW searched_messages (row_id, number, body, filename) AS
  SELECT row_id, sent_at << 31 | row_id, iif(deleted_at IS NULL, body, NULL),
    iif(deleted_at IS NULL, filename, NULL)
  FROM messages WHERE row_id <= (SELECT messages_to FROM search_state);
CREATE VIRTUAL TABLE message_search USING fts5 (body, filename, content = 'searched_messages',
  content_rowid = 'number', detail = none, columnsize = 0, tokenize = "{0}");
CREATE TRIGGER messages_searched_again
  AFTER UPDATE OF row_id, sent_at, body, filename, deleted_at ON messages
  WHEN OLD.row_id <> NEW.row_id OR OLD.sent_at <> NEW.sent_at OR OLD.body IS NOT NEW.body
    OR OLD.filename IS NOT NEW.filename OR OLD.deleted_at IS NOT NEW.deleted_at BEGIN
  INSERT INTO message_search (message_search, rowid, body, filename)
    SELECT 'delete', OLD.sent_at << 31 | OLD.row_id, iif(OLD.deleted_at IS NULL, OLD.body, NULL),
      iif(OLD.deleted_at IS NULL, OLD.filename, NULL)
    FROM search_state WHERE OLD.row_id <= messages_to;
  INSERT INTO message_search (rowid, body, filename)
    SELECT number, body, filename FROM searched_messages WHERE row_id = NEW.row_id;
END;
-- The next message may get the row id of one that is deleted.
CREATE TRIGGER messages_searched_off BEFORE DELETE ON messages BEGIN
  INSERT INTO message_search (message_search, rowid, body, filename)
    SELECT 'delete', number, body, filename FROM searched_messages WHERE row_id = OLD.row_id;
END;
CREATE TRIGGER messages_searched_to AFTER DELETE ON messages BEGIN
  UPDATE search_state SET messages_to =
    min(messages_to, (SELECT coalesce(max(row_id), 0) FROM messages));
END;

-- Each message changes its thread. That is noted, and the index follows later, for many at once:
-- what it still has of such a thread.
CREATE TABLE search_changes (
  thread INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  last_text TEXT NOT NULL
);
-- The name is that which lists show, but for a phone number.
CREATE VIEW thread_texts (row_id, name, last_text) AS
  SELECT row_id, CASE WHEN name <> '' THEN name WHEN group_subject <> '' THEN group_subject
      ELSE last_sender_name END, last_text
  FROM threads;
CREATE VIEW searched_threads (row_id, name, last_text, address) AS
  SELECT t.row_id, coalesce(c.name, n.name), coalesce(c.last_text, n.last_text), t.jid
  FROM threads t JOIN thread_texts n ON n.row_id = t.row_id
    LEFT JOIN search_changes c ON c.thread = t.row_id
  WHERE t.row_id <= (SELECT threads_to FROM search_state);
CREATE VIRTUAL TABLE thread_search USING fts5 (name, last_text, content = 'searched_threads',
  content_rowid = 'row_id', detail = none, columnsize = 0, tokenize = "{0}");
-- By three characters each: any part of an address finds it.
CREATE VIRTUAL TABLE address_search USING fts5 (address, content = 'searched_threads',
  content_rowid = 'row_id', columnsize = 0, tokenize = 'trigram');
CREATE TRIGGER threads_searched_again
  AFTER UPDATE OF name, group_subject, last_text, last_sender_name ON threads
  WHEN OLD.name <> NEW.name OR OLD.last_text <> NEW.last_text OR NEW.name = ''
    AND (OLD.group_subject <> NEW.group_subject OR OLD.last_sender_name <> NEW.last_sender_name)
  BEGIN
  INSERT INTO search_changes SELECT OLD.row_id, CASE WHEN OLD.name <> '' THEN OLD.name
      WHEN OLD.group_subject <> '' THEN OLD.group_subject ELSE OLD.last_sender_name END,
      OLD.last_text
    FROM search_state WHERE OLD.row_id <= threads_to
      AND NOT EXISTS (SELECT 1 FROM search_changes WHERE thread = OLD.row_id);
END;
CREATE TRIGGER threads_searched_off BEFORE DELETE ON threads BEGIN
  INSERT INTO thread_search (thread_search, rowid, name, last_text)
    SELECT 'delete', row_id, name, last_text FROM searched_threads WHERE row_id = OLD.row_id;
  DELETE FROM search_changes WHERE thread = OLD.row_id;
  INSERT INTO address_search (address_search, rowid, address)
    SELECT 'delete', row_id, address FROM searched_threads WHERE row_id = OLD.row_id;
END;
CREATE TRIGGER threads_searched_to AFTER DELETE ON threads BEGIN
  UPDATE search_state SET threads_to =
    min(threads_to, (SELECT coalesce(max(row_id), 0) FROM threads));
END;
UPDATE search_state SET kept = 1;
)sql";

std::string make_tables() {
  return fmt::format(kMakeTables, Tokenizer::option());
}

constexpr const char* kDropTables = R"sql(
DROP TRIGGER messages_searched_again;
DROP TRIGGER messages_searched_off;
DROP TRIGGER messages_searched_to;
DROP TRIGGER threads_searched_again;
DROP TRIGGER threads_searched_off;
DROP TRIGGER threads_searched_to;
DROP TABLE message_search;
DROP TABLE thread_search;
DROP TABLE address_search;
DROP VIEW searched_messages;
DROP VIEW searched_threads;
DROP VIEW thread_texts;
DROP TABLE search_changes;
UPDATE search_state SET kept = 0, messages_to = 0, threads_to = 0;
)sql";

struct Range {
  std::int64_t indexed_to = 0;
  std::int64_t last = 0;  // row id
  std::int64_t left() const { return std::max<std::int64_t>(0, last - indexed_to); }
  bool is_done() const { return left() == 0; }
};

struct Missing {
  Range messages;
  Range threads;
  std::int64_t changed_threads = 0;
  std::int64_t left() const { return messages.left() + threads.left() + changed_threads; }
  bool is_nothing() const { return left() == 0; }
  Moved progress() const {
    return {.done = messages.indexed_to + threads.indexed_to,
            .total = messages.last + threads.last};
  }
};

// Nothing when the index is switched off.
Missing missing_rows(Database& database) {
  auto query = database.prepare(
      "SELECT messages_to, (SELECT max(row_id) FROM messages),"
      " threads_to, (SELECT max(row_id) FROM threads) FROM search_state WHERE kept = 1");
  if (!query.step()) return {};
  auto changes = database.prepare("SELECT count(*) FROM search_changes");
  changes.step();
  return {.messages = {.indexed_to = query.integer(0), .last = query.integer(1)},
          .threads = {.indexed_to = query.integer(2), .last = query.integer(3)},
          .changed_threads = changes.integer(0)};
}

// Some rows further. `table`: "messages" or "threads".
void move_mark(Database& database, const std::string& table, const Range& range) {
  database
      .prepare("UPDATE search_state SET " + table + "_to = coalesce((SELECT row_id FROM " + table +
               " WHERE row_id > ? ORDER BY row_id LIMIT 1 OFFSET ?), ?)")
      .bind(range.indexed_to, kAtOnce - 1, range.last)
      .run();
}

void index_some_messages(Database& database, const Range& range) {
  move_mark(database, "messages", range);
  // FTS5 writes what it has collected whenever a number is not above the one before.
  database
      .prepare(
          "INSERT INTO message_search (rowid, body, filename)"
          " SELECT number, body, filename FROM searched_messages WHERE row_id > ? ORDER BY number")
      .bind(range.indexed_to)
      .run();
}

void index_some_threads(Database& database, const Range& range) {
  move_mark(database, "threads", range);
  for (const char* insert :
       {"INSERT INTO thread_search (rowid, name, last_text)"
        " SELECT row_id, name, last_text FROM searched_threads WHERE row_id > ?",
        "INSERT INTO address_search (rowid, address)"
        " SELECT row_id, address FROM searched_threads WHERE row_id > ?"}) {
    database.prepare(insert).bind(range.indexed_to).run();
  }
}

void index_changed_threads(Database& database) {
  for (const char* statement : {"INSERT INTO thread_search (thread_search, rowid, name, last_text)"
                                " SELECT 'delete', thread, name, last_text FROM search_changes",
                                "INSERT INTO thread_search (rowid, name, last_text)"
                                " SELECT n.row_id, n.name, n.last_text FROM search_changes c"
                                " JOIN thread_texts n ON n.row_id = c.thread",
                                "DELETE FROM search_changes"}) {
    database.prepare(statement).run();
  }
}

void index_some(Database& database, const Missing& missing) {
  if (missing.changed_threads > 0) index_changed_threads(database);
  if (!missing.threads.is_done()) index_some_threads(database, missing.threads);
  if (!missing.messages.is_done()) index_some_messages(database, missing.messages);
}

Missing index_a_part(Database& database) {
  Missing missing = missing_rows(database);
  for (int part = 0; part < kPartsOfTransaction && !missing.is_nothing(); ++part) {
    index_some(database, missing);
    missing = missing_rows(database);
  }
  return missing;
}

bool has_state(Database& database) {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'search_state'").step();
}

}  // namespace

Moved make_search_index(Database& database) {
  if (!has_state(database)) database.execute(kMakeState + make_tables());
  return index_a_part(database).progress();
}

bool has_search_index(Database& database) {
  return database.prepare("SELECT 1 FROM search_state WHERE kept = 1").step();
}

void switch_search_index(Database& database, bool on, const OnMigrated& on_indexed) {
  if (has_search_index(database) != on) {
    Transaction transaction(database, "search");
    if (has_search_index(database) != on) database.execute(on ? make_tables() : kDropTables);
    transaction.commit();
  }
  complete_search_index(database, on_indexed);
}

void complete_search_index(Database& database, const OnMigrated& on_indexed) {
  while (!missing_rows(database).is_nothing()) {
    Transaction transaction(database, "search");
    const Moved progress = index_a_part(database).progress();
    transaction.commit();
    if (on_indexed)
      on_indexed(static_cast<double>(progress.done) / static_cast<double>(progress.total));
    let_others_write();
  }
}

bool is_search_index_behind(Database& database) {
  return missing_rows(database).left() > kAtOnce;
}

void index_new_rows(Database& database, Indexing when) {
  Missing missing = missing_rows(database);
  if (when == Indexing::kWhenWorthwhile && missing.left() < kWorthwhile) return;
  for (; !missing.is_nothing(); missing = missing_rows(database)) index_some(database, missing);
}

}  // namespace wasync
