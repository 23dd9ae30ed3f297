#include "inbox/schema.h"

#include <array>
#include <string_view>

#include "inbox/search_index.h"

namespace wasync {
namespace {

// Never edit a published version: append the next one.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE account (
  row_id INTEGER PRIMARY KEY CHECK (row_id = 1),
  account_id TEXT NOT NULL,                   -- account_<namespace>_<hash of the phone>
  phone TEXT NOT NULL,                        -- E.164
  name TEXT NOT NULL DEFAULT '',              -- as the operator calls it
  push_name TEXT NOT NULL DEFAULT '',         -- what it shows to others
  jid TEXT NOT NULL DEFAULT '',               -- ours, with device
  lid TEXT NOT NULL DEFAULT '',               -- likewise; empty while unknown
  platform TEXT NOT NULL DEFAULT '',          -- of the phone
  status TEXT NOT NULL,                       -- AccountStatus in account.h
  created_at INTEGER NOT NULL DEFAULT 0,      -- when it was linked first
  last_connected_at INTEGER NOT NULL DEFAULT 0,
  last_disconnected_at INTEGER NOT NULL DEFAULT 0,
  last_disconnect_reason TEXT NOT NULL DEFAULT '', -- empty: we ended it ourselves
  last_error TEXT NOT NULL DEFAULT '',        -- empty: none
  last_server_traffic_at INTEGER NOT NULL DEFAULT 0, -- anything at all came
  last_history_sync_at INTEGER NOT NULL DEFAULT 0, -- a chunk of history was stored
  history_sync_count INTEGER NOT NULL DEFAULT 0, -- chunks stored
  history_saved INTEGER NOT NULL DEFAULT 0,   -- see HistoryResult in account.h
  history_skipped INTEGER NOT NULL DEFAULT 0,
  history_errors INTEGER NOT NULL DEFAULT 0,
  history_total INTEGER NOT NULL DEFAULT 0,
  history_placeholders INTEGER NOT NULL DEFAULT 0,
  history_chunks INTEGER NOT NULL DEFAULT 0,
  history_progress INTEGER NOT NULL DEFAULT 0,
  history_dry_run INTEGER NOT NULL DEFAULT 0,
  history_complete INTEGER NOT NULL DEFAULT 0, -- the phone reported 100 percent
  last_backfill_at INTEGER NOT NULL DEFAULT 0,
  last_realtime_ingest_at INTEGER NOT NULL DEFAULT 0, -- a live message was stored
  last_realtime_message_at INTEGER NOT NULL DEFAULT 0, -- the newest of them was sent
  last_realtime_error TEXT NOT NULL DEFAULT '',
  uploaded_to TEXT NOT NULL DEFAULT '',       -- see upload_target in dirty.h
  revision INTEGER NOT NULL DEFAULT 1,
  uploaded_revision INTEGER NOT NULL DEFAULT 0,
  upload_error TEXT
);

CREATE TABLE threads (
  row_id INTEGER PRIMARY KEY,
  jid TEXT NOT NULL UNIQUE,                   -- of the chat, a phone where it is known
  name TEXT NOT NULL DEFAULT '',              -- shown; empty: none known
  name_rank INTEGER NOT NULL DEFAULT 0,       -- NameRank in thread_row.h
  group_subject TEXT NOT NULL DEFAULT '',     -- of a group
  last_message_at INTEGER NOT NULL,           -- never moves backwards
  newest_at INTEGER NOT NULL DEFAULT 0,       -- of the messages stored here
  newest_from_me INTEGER,                     -- NULL: no message yet
  inbound_at INTEGER NOT NULL DEFAULT 0,      -- of the newest inbound message
  inbound_id TEXT NOT NULL DEFAULT '',        -- document id of the newest inbound message
  last_text TEXT NOT NULL DEFAULT '',         -- preview of it
  last_sender_name TEXT NOT NULL DEFAULT '',  -- who wrote it
  unread INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0,        -- how many are stored
  archived_on_phone INTEGER NOT NULL DEFAULT 0,
  pinned_on_phone INTEGER NOT NULL DEFAULT 0,
  muted_until INTEGER NOT NULL DEFAULT 0,     -- 0: not muted
  hidden INTEGER NOT NULL DEFAULT 0,          -- by the Inbox's own users: only ever adopted
  archived INTEGER NOT NULL DEFAULT 0,        -- likewise, the Inbox's own
  history_exhausted INTEGER NOT NULL DEFAULT 0, -- the phone has nothing older
  last_backfill_at INTEGER NOT NULL DEFAULT 0, -- older messages were asked for
  redirect_to TEXT NOT NULL DEFAULT '',       -- the jid of the thread this one was merged into
  adopted INTEGER NOT NULL DEFAULT 0,         -- the Inbox held it before we did
  uploaded_message_at INTEGER NOT NULL DEFAULT 0,  -- the last_message_at the Inbox has
  revision INTEGER NOT NULL DEFAULT 1,
  uploaded_revision INTEGER NOT NULL DEFAULT 0,
  upload_error TEXT
);
CREATE INDEX threads_by_time ON threads (last_message_at);
CREATE INDEX threads_dirty ON threads (last_message_at)
  WHERE revision > uploaded_revision AND upload_error IS NULL;

-- What is the rule for most messages is NULL here, which keeps a row short.
CREATE TABLE messages (
  row_id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL REFERENCES threads (row_id),
  sent_at INTEGER NOT NULL,
  document_id TEXT NOT NULL,                  -- its id in the Inbox
  from_me INTEGER NOT NULL,                   -- 1: ours
  type TEXT NOT NULL,                         -- message_type in message.h
  status INTEGER NOT NULL,                    -- DeliveryStatus
  source INTEGER NOT NULL,                    -- SyncSource
  body TEXT,                                  -- text or caption; NULL: none
  key_id TEXT,                                -- NULL: the document id
  key_remote_jid TEXT,                        -- NULL: the thread's jid
  key_participant TEXT,                       -- NULL: none
  sender TEXT,                                -- NULL: the thread's jid, or ourselves
  sender_name TEXT,                           -- as told with it
  media_type TEXT,                            -- NULL: no media
  mimetype TEXT,
  filename TEXT,                              -- of a document
  caption TEXT,                               -- of the media
  size_bytes INTEGER,                         -- of the media
  seconds INTEGER,                            -- its duration
  width INTEGER,                              -- in pixels
  height INTEGER,
  quoted_id TEXT,                             -- NULL: quotes nothing
  quoted_participant TEXT,                    -- who wrote that
  quoted_preview TEXT,                        -- of its text
  reactions TEXT,                             -- see message_row.h
  original_body TEXT,                         -- before the first edit
  body_truncated INTEGER,                     -- 1: it was too long
  edited_at INTEGER,                          -- NULL: never
  deleted_at INTEGER,                         -- NULL: not taken back
  delivered_at INTEGER,                       -- of our own
  read_at INTEGER,                            -- likewise
  unknown_field INTEGER,                      -- number of a kind we do not know
  revision INTEGER NOT NULL DEFAULT 1,
  uploaded_revision INTEGER NOT NULL DEFAULT 0,
  upload_error TEXT
);
CREATE UNIQUE INDEX messages_by_id ON messages (thread, document_id);
CREATE INDEX messages_by_time ON messages (thread, sent_at);
CREATE INDEX messages_dirty ON messages (thread, sent_at)
  WHERE revision > uploaded_revision AND upload_error IS NULL;
CREATE INDEX messages_set_aside ON messages (row_id) WHERE upload_error IS NOT NULL;

CREATE TABLE contacts (
  row_id INTEGER PRIMARY KEY,
  jid TEXT NOT NULL UNIQUE,                   -- a phone where it is known
  saved_name TEXT NOT NULL DEFAULT '',        -- in the phone's contacts
  push_name TEXT NOT NULL DEFAULT '',         -- what they call themselves
  push_name_at INTEGER NOT NULL DEFAULT 0,    -- when it was told; an older one does not replace it
  verified_name TEXT NOT NULL DEFAULT '',     -- of a business
  lid TEXT NOT NULL DEFAULT '',               -- their other address; empty: unknown
  revision INTEGER NOT NULL DEFAULT 1,
  uploaded_revision INTEGER NOT NULL DEFAULT 0,
  upload_error TEXT
);
CREATE INDEX contacts_dirty ON contacts (row_id)
  WHERE revision > uploaded_revision AND upload_error IS NULL;

CREATE TABLE lid_mappings (
  lid TEXT PRIMARY KEY,                       -- a jid
  phone TEXT NOT NULL                         -- a jid
) WITHOUT ROWID;
CREATE INDEX lid_mappings_by_phone ON lid_mappings (phone);

-- What the owner set on the phone, as app state tells it: also for chats without a thread.
CREATE TABLE chat_settings (
  jid TEXT PRIMARY KEY,
  archived INTEGER,                           -- NULL: not told
  pinned INTEGER,
  muted_until INTEGER                         -- 0: not muted
) WITHOUT ROWID;

-- Edits, revokes and reactions that came before their message.
CREATE TABLE waiting_amendments (
  row_id INTEGER PRIMARY KEY,
  chat TEXT NOT NULL,                         -- as canonical jid
  target_id TEXT NOT NULL,                    -- of the message that has not come
  target_from_me INTEGER NOT NULL,
  target_participant TEXT NOT NULL,           -- its author in a group
  kind INTEGER NOT NULL,                      -- 0 reaction, 1 edit, 2 revoke
  sent_by TEXT NOT NULL,                      -- empty: ourselves
  by_admin INTEGER NOT NULL,                  -- a revoke by a group's admin
  text TEXT,                                  -- the emoji, or the new body
  at INTEGER NOT NULL,
  UNIQUE (chat, target_id, kind, sent_by)
);

CREATE TABLE history_queue (
  row_id INTEGER PRIMARY KEY,
  dedupe_key TEXT NOT NULL UNIQUE,            -- the blob's hash, or the message's id
  received_at INTEGER NOT NULL,
  type INTEGER NOT NULL,                      -- HistorySyncType on the wire
  chunk_order INTEGER NOT NULL,               -- as the notification states it
  notification BLOB,                          -- NULL once it is done
  message_id TEXT NOT NULL,                   -- that carried it
  request_id TEXT NOT NULL,                   -- that it answers; empty: none
  state INTEGER NOT NULL DEFAULT 0,           -- 0 waiting, 1 done, 2 given up
  attempts INTEGER NOT NULL DEFAULT 0,        -- that failed
  last_error TEXT NOT NULL DEFAULT '',        -- of the last of them
  next_attempt_at INTEGER NOT NULL DEFAULT 0, -- 0: at once
  finished_at INTEGER NOT NULL DEFAULT 0,
  progress INTEGER NOT NULL DEFAULT 0,        -- percent, as the notification states it
  receipt_owed INTEGER NOT NULL DEFAULT 0,    -- 1: done, and the phone may not know it yet
  -- Of a blob that was gone or damaged: 0 not asked for, 1 awaited, 2 came.
  reupload INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX history_queue_waiting ON history_queue (received_at, chunk_order) WHERE state = 0;
CREATE INDEX history_queue_receipts ON history_queue (row_id) WHERE receipt_owed = 1;
)sql";

constexpr std::string_view kVersion2 = R"sql(
-- Of a group that has no thread yet: its members may write much later than it was named.
ALTER TABLE chat_settings ADD COLUMN group_subject TEXT;
)sql";

constexpr std::string_view kVersion3 = R"sql(
ALTER TABLE account ADD COLUMN backfill_threads INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN backfill_messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN backfill_errors INTEGER NOT NULL DEFAULT 0;
-- "result messages threadId", a line each.
ALTER TABLE account ADD COLUMN backfill_first_threads TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::string_view kVersion4 = R"sql(
ALTER TABLE account ADD COLUMN auto_backfill_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_attempt_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_success_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_running INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_started_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_trigger TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN auto_backfill_holder TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN auto_backfill_ok INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_threads INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_errors INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_duration_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN auto_backfill_error_code TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN auto_backfill_error_message TEXT NOT NULL DEFAULT '';
)sql";

constexpr std::string_view kVersion5 = R"sql(
-- When it began to differ from what the Inbox has; says nothing while it does not. Triggers: it is
-- changed in many places, and rarely while it is clean.
ALTER TABLE threads ADD COLUMN dirty_since INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER threads_new AFTER INSERT ON threads BEGIN
  UPDATE threads SET dirty_since = unixepoch() WHERE row_id = NEW.row_id;
END;
CREATE TRIGGER threads_changed AFTER UPDATE OF revision ON threads
  WHEN OLD.revision <= OLD.uploaded_revision AND NEW.revision > NEW.uploaded_revision BEGIN
  UPDATE threads SET dirty_since = unixepoch() WHERE row_id = NEW.row_id;
END;
)sql";

constexpr std::string_view kVersion6 = R"sql(
-- How often the Inbox has refused the row since it last took it.
ALTER TABLE account ADD COLUMN upload_refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN upload_refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN upload_refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contacts ADD COLUMN upload_refusals INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::string_view kVersion7 = R"sql(
-- The last backfill that somebody asked for. No row, or ended_at 0: there was none.
CREATE TABLE last_backfill (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  ended_at INTEGER NOT NULL,
  threads INTEGER NOT NULL,                   -- looked after
  messages INTEGER NOT NULL,                  -- that were new
  errors INTEGER NOT NULL
);
-- What became of the first of its threads.
CREATE TABLE last_backfill_threads (
  place INTEGER PRIMARY KEY,                  -- from 1
  thread TEXT NOT NULL,                       -- its id, as in the Inbox
  result TEXT NOT NULL,                       -- see BackfilledThread in account.h
  messages INTEGER NOT NULL
);
-- Of the backfills that the listener starts by itself. No row, or attempt_at 0: there was none.
CREATE TABLE auto_backfill (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  ended_at INTEGER NOT NULL,                  -- the last one
  attempt_at INTEGER NOT NULL,
  success_at INTEGER NOT NULL,
  running INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  trigger TEXT NOT NULL,                      -- "connect" or "periodic"
  holder TEXT NOT NULL,                       -- the instance that runs or ran it
  ok INTEGER NOT NULL,                        -- this and what follows: of the last that ended
  threads INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  error_code TEXT NOT NULL,                   -- empty: none
  error_message TEXT NOT NULL
);

INSERT INTO last_backfill SELECT 1, last_backfill_at, backfill_threads, backfill_messages,
  backfill_errors FROM account;
INSERT INTO auto_backfill SELECT 1, auto_backfill_at, auto_backfill_attempt_at,
  auto_backfill_success_at, auto_backfill_running, auto_backfill_started_at,
  auto_backfill_trigger, auto_backfill_holder, auto_backfill_ok, auto_backfill_threads,
  auto_backfill_messages, auto_backfill_errors, auto_backfill_duration_ms,
  auto_backfill_error_code, auto_backfill_error_message FROM account;
-- "result messages threadId", a line each.
WITH RECURSIVE
  lines (place, line, rest) AS (
    SELECT 0, '', backfill_first_threads FROM account
    UNION ALL
    SELECT place + 1, substr(rest, 1, instr(rest, char(10)) - 1),
      substr(rest, instr(rest, char(10)) + 1) FROM lines WHERE instr(rest, char(10)) > 0),
  words (place, result, rest) AS (
    SELECT place, substr(line, 1, instr(line, ' ') - 1), substr(line, instr(line, ' ') + 1)
      FROM lines WHERE line LIKE '% % %')
INSERT INTO last_backfill_threads (place, result, messages, thread)
  SELECT place, result, CAST(substr(rest, 1, instr(rest, ' ') - 1) AS INTEGER),
    substr(rest, instr(rest, ' ') + 1) FROM words;

ALTER TABLE account DROP COLUMN last_backfill_at;
ALTER TABLE account DROP COLUMN backfill_threads;
ALTER TABLE account DROP COLUMN backfill_messages;
ALTER TABLE account DROP COLUMN backfill_errors;
ALTER TABLE account DROP COLUMN backfill_first_threads;
ALTER TABLE account DROP COLUMN auto_backfill_at;
ALTER TABLE account DROP COLUMN auto_backfill_attempt_at;
ALTER TABLE account DROP COLUMN auto_backfill_success_at;
ALTER TABLE account DROP COLUMN auto_backfill_running;
ALTER TABLE account DROP COLUMN auto_backfill_started_at;
ALTER TABLE account DROP COLUMN auto_backfill_trigger;
ALTER TABLE account DROP COLUMN auto_backfill_holder;
ALTER TABLE account DROP COLUMN auto_backfill_ok;
ALTER TABLE account DROP COLUMN auto_backfill_threads;
ALTER TABLE account DROP COLUMN auto_backfill_messages;
ALTER TABLE account DROP COLUMN auto_backfill_errors;
ALTER TABLE account DROP COLUMN auto_backfill_duration_ms;
ALTER TABLE account DROP COLUMN auto_backfill_error_code;
ALTER TABLE account DROP COLUMN auto_backfill_error_message;
)sql";

constexpr std::string_view kVersion8 = R"sql(
-- By the message's row. What is in them stays here, and goes with the message's content.
CREATE TABLE message_secrets (
  message INTEGER PRIMARY KEY,
  secret BLOB NOT NULL,                       -- 32 bytes; opens what others seal for the message
  keep_until INTEGER NOT NULL                 -- a midnight; see keep_secret in secrets.cpp
);
CREATE INDEX message_secrets_by_end ON message_secrets (keep_until);
CREATE TABLE media_facts (
  message INTEGER PRIMARY KEY,
  media_key BLOB NOT NULL,
  direct_path TEXT,                           -- on the media servers; NULL: not told
  url TEXT,                                   -- where no path was told
  file_sha256 BLOB,
  file_enc_sha256 BLOB,
  file_length INTEGER,
  media_key_at INTEGER,
  thumbnail BLOB
);
CREATE TRIGGER messages_moved AFTER UPDATE OF row_id ON messages
  WHEN OLD.row_id <> NEW.row_id BEGIN
  UPDATE message_secrets SET message = NEW.row_id WHERE message = OLD.row_id;
  UPDATE media_facts SET message = NEW.row_id WHERE message = OLD.row_id;
END;
CREATE TRIGGER messages_taken_back AFTER UPDATE OF deleted_at ON messages
  WHEN NEW.deleted_at IS NOT NULL BEGIN
  DELETE FROM message_secrets WHERE message = NEW.row_id;
  DELETE FROM media_facts WHERE message = NEW.row_id;
END;
CREATE TRIGGER messages_gone AFTER DELETE ON messages BEGIN
  DELETE FROM message_secrets WHERE message = OLD.row_id;
  DELETE FROM media_facts WHERE message = OLD.row_id;
END;

ALTER TABLE messages ADD COLUMN poll_options TEXT; -- see message_row.h
ALTER TABLE messages ADD COLUMN answers TEXT;      -- of a poll or an event; see message_row.h

-- What was sealed with a message's secret and did not open.
CREATE TABLE sealed (
  row_id INTEGER PRIMARY KEY,
  chat TEXT NOT NULL,                         -- as canonical jid
  target_id TEXT NOT NULL,                    -- document id of the message that it is about
  target_from_me INTEGER NOT NULL,
  target_participant TEXT NOT NULL,
  kind INTEGER NOT NULL,                      -- SealedKind in sealed.h
  key_id TEXT NOT NULL,                       -- its own key
  key_remote_jid TEXT NOT NULL,
  key_participant TEXT NOT NULL,
  sent_by TEXT NOT NULL,                      -- empty: ourselves
  sender_name TEXT NOT NULL,
  at INTEGER NOT NULL,
  source INTEGER NOT NULL,                    -- SyncSource
  why INTEGER NOT NULL,                       -- Unopened in sealed.h
  payload BLOB,                               -- NULL: nothing will open it; kept to count it once
  iv BLOB,
  UNIQUE (chat, key_id, sent_by, target_id)
);
CREATE INDEX sealed_by_target ON sealed (chat, target_id) WHERE payload IS NOT NULL;
-- How many did not open so far, and why.
CREATE TABLE unopened (
  kind INTEGER NOT NULL,
  why INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (kind, why)
) WITHOUT ROWID;
)sql";

constexpr std::string_view kVersion9 = R"sql(
ALTER TABLE threads ADD COLUMN oldest_at INTEGER NOT NULL DEFAULT 0; -- of the messages stored here
UPDATE threads SET oldest_at = coalesce((SELECT min(sent_at) FROM messages
  WHERE thread = threads.row_id AND sent_at > 1), 0);
-- Who wrote in which thread, where it does not say so itself.
CREATE TABLE senders (
  sender TEXT NOT NULL,                       -- a jid
  thread INTEGER NOT NULL,
  PRIMARY KEY (sender, thread)
) WITHOUT ROWID;
CREATE INDEX senders_by_thread ON senders (thread);
INSERT INTO senders SELECT DISTINCT sender, thread FROM messages WHERE sender IS NOT NULL;
CREATE INDEX threads_waiting ON threads (dirty_since)
  WHERE revision > uploaded_revision AND upload_error IS NULL;
CREATE INDEX threads_set_aside ON threads (row_id) WHERE upload_error IS NOT NULL;
CREATE INDEX contacts_set_aside ON contacts (row_id) WHERE upload_error IS NOT NULL;

-- What would take a scan to count. Triggers: it is changed in many places. What is new of messages
-- is told by their thread, which counts them anyway: that spares a trigger for each. A message is
-- new to the Inbox when it is new here.
CREATE TABLE totals (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  threads INTEGER NOT NULL,                   -- without redirected ones
  placeholders INTEGER NOT NULL,              -- of them, those without a message
  messages INTEGER NOT NULL,
  contacts INTEGER NOT NULL,
  unsent INTEGER NOT NULL,                    -- threads, messages and contacts for the Inbox
  set_aside INTEGER NOT NULL,                 -- of them, refused by it
  oldest_at INTEGER NOT NULL,                 -- of all messages; 0: none that tells a time
  newest_at INTEGER NOT NULL
);
INSERT INTO totals SELECT 1,
  (SELECT count(*) FROM threads WHERE redirect_to = ''),
  (SELECT count(*) FROM threads WHERE redirect_to = '' AND messages = 0),
  (SELECT count(*) FROM messages), (SELECT count(*) FROM contacts),
  (SELECT count(*) FROM threads WHERE revision > uploaded_revision AND upload_error IS NULL) +
  (SELECT count(*) FROM messages WHERE revision > uploaded_revision AND upload_error IS NULL) +
  (SELECT count(*) FROM contacts WHERE revision > uploaded_revision AND upload_error IS NULL),
  (SELECT count(*) FROM threads WHERE upload_error IS NOT NULL) +
  (SELECT count(*) FROM messages WHERE upload_error IS NOT NULL) +
  (SELECT count(*) FROM contacts WHERE upload_error IS NOT NULL),
  coalesce((SELECT min(oldest_at) FROM threads WHERE oldest_at > 0), 0),
  coalesce((SELECT max(newest_at) FROM threads), 0);

CREATE TRIGGER threads_counted AFTER INSERT ON threads BEGIN
  UPDATE totals SET threads = threads + (NEW.redirect_to = ''),
    placeholders = placeholders + (NEW.redirect_to = '' AND NEW.messages = 0),
    messages = messages + NEW.messages,
    unsent = unsent + NEW.messages +
      (NEW.revision > NEW.uploaded_revision AND NEW.upload_error IS NULL),
    set_aside = set_aside + (NEW.upload_error IS NOT NULL);
END;
CREATE TRIGGER threads_counted_again
  AFTER UPDATE OF redirect_to, messages, revision, uploaded_revision, upload_error ON threads
  WHEN OLD.messages <> NEW.messages OR OLD.redirect_to <> NEW.redirect_to
    OR (OLD.upload_error IS NULL) <> (NEW.upload_error IS NULL)
    OR (OLD.revision > OLD.uploaded_revision) <> (NEW.revision > NEW.uploaded_revision) BEGIN
  UPDATE totals SET threads = threads + (NEW.redirect_to = '') - (OLD.redirect_to = ''),
    placeholders = placeholders + (NEW.redirect_to = '' AND NEW.messages = 0)
      - (OLD.redirect_to = '' AND OLD.messages = 0),
    messages = messages + NEW.messages - OLD.messages,
    unsent = unsent + NEW.messages - OLD.messages
      + (NEW.revision > NEW.uploaded_revision AND NEW.upload_error IS NULL)
      - (OLD.revision > OLD.uploaded_revision AND OLD.upload_error IS NULL),
    set_aside = set_aside + (NEW.upload_error IS NOT NULL) - (OLD.upload_error IS NOT NULL);
END;
CREATE TRIGGER threads_dated AFTER UPDATE OF oldest_at, newest_at ON threads
  WHEN OLD.oldest_at <> NEW.oldest_at OR OLD.newest_at <> NEW.newest_at BEGIN
  UPDATE totals SET newest_at = max(newest_at, NEW.newest_at),
    oldest_at = CASE WHEN NEW.oldest_at = 0 THEN oldest_at WHEN oldest_at = 0 THEN NEW.oldest_at
      ELSE min(oldest_at, NEW.oldest_at) END;
END;
CREATE TRIGGER messages_counted_again
  AFTER UPDATE OF revision, uploaded_revision, upload_error ON messages
  WHEN (OLD.upload_error IS NULL) <> (NEW.upload_error IS NULL)
    OR (OLD.revision > OLD.uploaded_revision) <> (NEW.revision > NEW.uploaded_revision) BEGIN
  UPDATE totals SET
    unsent = unsent + (NEW.revision > NEW.uploaded_revision AND NEW.upload_error IS NULL)
      - (OLD.revision > OLD.uploaded_revision AND OLD.upload_error IS NULL),
    set_aside = set_aside + (NEW.upload_error IS NOT NULL) - (OLD.upload_error IS NOT NULL);
END;
-- Its thread will count one less, as if it had been unsent.
CREATE TRIGGER messages_counted_off AFTER DELETE ON messages
  WHEN NOT (OLD.revision > OLD.uploaded_revision AND OLD.upload_error IS NULL) BEGIN
  UPDATE totals SET unsent = unsent + 1, set_aside = set_aside - (OLD.upload_error IS NOT NULL);
END;
CREATE TRIGGER contacts_counted AFTER INSERT ON contacts BEGIN
  UPDATE totals SET contacts = contacts + 1,
    unsent = unsent + (NEW.revision > NEW.uploaded_revision AND NEW.upload_error IS NULL);
END;
CREATE TRIGGER contacts_counted_again
  AFTER UPDATE OF revision, uploaded_revision, upload_error ON contacts
  WHEN (OLD.upload_error IS NULL) <> (NEW.upload_error IS NULL)
    OR (OLD.revision > OLD.uploaded_revision) <> (NEW.revision > NEW.uploaded_revision) BEGIN
  UPDATE totals SET
    unsent = unsent + (NEW.revision > NEW.uploaded_revision AND NEW.upload_error IS NULL)
      - (OLD.revision > OLD.uploaded_revision AND OLD.upload_error IS NULL),
    set_aside = set_aside + (NEW.upload_error IS NOT NULL) - (OLD.upload_error IS NOT NULL);
END;
CREATE TRIGGER contacts_counted_off AFTER DELETE ON contacts BEGIN
  UPDATE totals SET contacts = contacts - 1,
    unsent = unsent - (OLD.revision > OLD.uploaded_revision AND OLD.upload_error IS NULL),
    set_aside = set_aside - (OLD.upload_error IS NOT NULL);
END;
)sql";

// In a table with an index of its own, a secret was one more statement for each message.
constexpr std::string_view kVersion10 = R"sql(
-- Opens what others seal for the message. NULL: none was told, or its time is over.
ALTER TABLE messages ADD COLUMN secret BLOB;       -- 32 bytes
ALTER TABLE messages ADD COLUMN secret_until INTEGER; -- a midnight; see secret_end in secrets.cpp
ALTER TABLE messages ADD COLUMN telling INTEGER; -- Message::telling; NULL: none
UPDATE messages SET (secret, secret_until) =
  (SELECT secret, keep_until FROM message_secrets WHERE message = messages.row_id)
  WHERE row_id IN (SELECT message FROM message_secrets);
CREATE INDEX messages_secret_end ON messages (secret_until) WHERE secret_until IS NOT NULL;
DROP TRIGGER messages_moved;
DROP TRIGGER messages_taken_back;
DROP TRIGGER messages_gone;
DROP TABLE message_secrets;
CREATE TRIGGER messages_moved AFTER UPDATE OF row_id ON messages
  WHEN OLD.row_id <> NEW.row_id BEGIN
  UPDATE media_facts SET message = NEW.row_id WHERE message = OLD.row_id;
END;
CREATE TRIGGER messages_taken_back AFTER UPDATE OF deleted_at ON messages
  WHEN NEW.deleted_at IS NOT NULL BEGIN
  UPDATE messages SET secret = NULL, secret_until = NULL WHERE row_id = NEW.row_id;
  DELETE FROM media_facts WHERE message = NEW.row_id;
END;
CREATE TRIGGER messages_gone AFTER DELETE ON messages BEGIN
  DELETE FROM media_facts WHERE message = OLD.row_id;
END;
)sql";

// The full-text index. Its tables and triggers are in search_index.cpp: they can be dropped and
// made again.
constexpr Migration kVersion11{.move = make_search_index};

constexpr std::string_view kVersion12 = R"sql(
-- The oldest message may turn out to be younger, where a wrong clock gave it its time.
DROP TRIGGER threads_dated;
CREATE TRIGGER threads_dated AFTER UPDATE OF oldest_at, newest_at ON threads
  WHEN OLD.oldest_at <> NEW.oldest_at OR OLD.newest_at <> NEW.newest_at BEGIN
  UPDATE totals SET newest_at = max(newest_at, NEW.newest_at),
    oldest_at = CASE WHEN NEW.oldest_at = 0 THEN oldest_at WHEN oldest_at = 0 THEN NEW.oldest_at
      WHEN oldest_at = OLD.oldest_at AND NEW.oldest_at > OLD.oldest_at
        THEN (SELECT min(oldest_at) FROM threads WHERE oldest_at > 0)
      ELSE min(oldest_at, NEW.oldest_at) END;
END;
CREATE INDEX waiting_amendments_by_sender ON waiting_amendments (sent_by);
CREATE INDEX sealed_by_sender ON sealed (sent_by);
)sql";

constexpr std::string_view kVersion13 = R"sql(
ALTER TABLE threads ADD COLUMN identity_changed_at INTEGER NOT NULL DEFAULT 0; -- 0: never
-- Messages in history that were too large to take in.
ALTER TABLE threads ADD COLUMN too_large INTEGER NOT NULL DEFAULT 0;
CREATE TABLE left_out (
  what INTEGER PRIMARY KEY,                   -- LeftOut in left_out.h
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL
);
)sql";

constexpr std::array kMigrations{Migration{.sql = kVersion1},
                                 Migration{.sql = kVersion2},
                                 Migration{.sql = kVersion3},
                                 Migration{.sql = kVersion4},
                                 Migration{.sql = kVersion5},
                                 Migration{.sql = kVersion6},
                                 Migration{.sql = kVersion7},
                                 Migration{.sql = kVersion8},
                                 Migration{.sql = kVersion9},
                                 Migration{.sql = kVersion10},
                                 kVersion11,
                                 Migration{.sql = kVersion12},
                                 Migration{.sql = kVersion13}};

}  // namespace

Tables inbox_tables() {
  return {.component = "inbox", .migrations = kMigrations};
}

void migrate_inbox(Database& database) {
  migrate(database, inbox_tables());
}

}  // namespace wasync
