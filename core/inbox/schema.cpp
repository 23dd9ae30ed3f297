#include "inbox/schema.h"

#include <array>
#include <string_view>

namespace wasync {
namespace {

// Never edit a published version: append the next one.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE account (
  row_id INTEGER PRIMARY KEY CHECK (row_id = 1),
  account_id TEXT NOT NULL,
  phone TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  push_name TEXT NOT NULL DEFAULT '',
  jid TEXT NOT NULL DEFAULT '',
  lid TEXT NOT NULL DEFAULT '',
  platform TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT 0,
  last_connected_at INTEGER NOT NULL DEFAULT 0,
  last_disconnected_at INTEGER NOT NULL DEFAULT 0,
  last_disconnect_reason TEXT NOT NULL DEFAULT '',
  last_error TEXT NOT NULL DEFAULT '',
  last_server_traffic_at INTEGER NOT NULL DEFAULT 0,
  last_history_sync_at INTEGER NOT NULL DEFAULT 0,
  history_sync_count INTEGER NOT NULL DEFAULT 0,
  history_saved INTEGER NOT NULL DEFAULT 0,
  history_skipped INTEGER NOT NULL DEFAULT 0,
  history_errors INTEGER NOT NULL DEFAULT 0,
  history_total INTEGER NOT NULL DEFAULT 0,
  history_placeholders INTEGER NOT NULL DEFAULT 0,
  history_chunks INTEGER NOT NULL DEFAULT 0,
  history_progress INTEGER NOT NULL DEFAULT 0,
  history_dry_run INTEGER NOT NULL DEFAULT 0,
  history_complete INTEGER NOT NULL DEFAULT 0,
  last_backfill_at INTEGER NOT NULL DEFAULT 0,
  last_realtime_ingest_at INTEGER NOT NULL DEFAULT 0,
  last_realtime_message_at INTEGER NOT NULL DEFAULT 0,
  last_realtime_error TEXT NOT NULL DEFAULT '',
  uploaded_to TEXT NOT NULL DEFAULT '',       -- see upload_target in dirty.h
  revision INTEGER NOT NULL DEFAULT 1,
  uploaded_revision INTEGER NOT NULL DEFAULT 0,
  upload_error TEXT
);

CREATE TABLE threads (
  row_id INTEGER PRIMARY KEY,
  jid TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL DEFAULT '',
  name_rank INTEGER NOT NULL DEFAULT 0,       -- NameRank in thread_row.h
  group_subject TEXT NOT NULL DEFAULT '',
  last_message_at INTEGER NOT NULL,           -- never moves backwards
  newest_at INTEGER NOT NULL DEFAULT 0,       -- of the messages stored here
  newest_from_me INTEGER,                     -- NULL: no message yet
  inbound_at INTEGER NOT NULL DEFAULT 0,
  inbound_id TEXT NOT NULL DEFAULT '',        -- document id of the newest inbound message
  last_text TEXT NOT NULL DEFAULT '',
  last_sender_name TEXT NOT NULL DEFAULT '',
  unread INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0,
  archived_on_phone INTEGER NOT NULL DEFAULT 0,
  pinned_on_phone INTEGER NOT NULL DEFAULT 0,
  muted_until INTEGER NOT NULL DEFAULT 0,
  hidden INTEGER NOT NULL DEFAULT 0,          -- by the Inbox's own users: only ever adopted
  archived INTEGER NOT NULL DEFAULT 0,
  history_exhausted INTEGER NOT NULL DEFAULT 0,
  last_backfill_at INTEGER NOT NULL DEFAULT 0,
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
  document_id TEXT NOT NULL,
  from_me INTEGER NOT NULL,
  type TEXT NOT NULL,
  status INTEGER NOT NULL,                    -- DeliveryStatus
  source INTEGER NOT NULL,                    -- SyncSource
  body TEXT,
  key_id TEXT,                                -- NULL: the document id
  key_remote_jid TEXT,                        -- NULL: the thread's jid
  key_participant TEXT,                       -- NULL: none
  sender TEXT,                                -- NULL: the thread's jid, or ourselves
  sender_name TEXT,
  media_type TEXT,                            -- NULL: no media
  mimetype TEXT,
  filename TEXT,
  caption TEXT,
  size_bytes INTEGER,
  seconds INTEGER,
  width INTEGER,
  height INTEGER,
  quoted_id TEXT,                             -- NULL: quotes nothing
  quoted_participant TEXT,
  quoted_preview TEXT,
  reactions TEXT,                             -- see message_row.h
  original_body TEXT,
  body_truncated INTEGER,
  edited_at INTEGER,
  deleted_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  unknown_field INTEGER,
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
  jid TEXT NOT NULL UNIQUE,
  saved_name TEXT NOT NULL DEFAULT '',
  push_name TEXT NOT NULL DEFAULT '',
  push_name_at INTEGER NOT NULL DEFAULT 0,    -- when it was told; an older one does not replace it
  verified_name TEXT NOT NULL DEFAULT '',
  lid TEXT NOT NULL DEFAULT '',
  revision INTEGER NOT NULL DEFAULT 1,
  uploaded_revision INTEGER NOT NULL DEFAULT 0,
  upload_error TEXT
);
CREATE INDEX contacts_dirty ON contacts (row_id)
  WHERE revision > uploaded_revision AND upload_error IS NULL;

CREATE TABLE lid_mappings (
  lid TEXT PRIMARY KEY,
  phone TEXT NOT NULL                         -- a jid
) WITHOUT ROWID;
CREATE INDEX lid_mappings_by_phone ON lid_mappings (phone);

-- What the owner set on the phone, as app state tells it: also for chats without a thread.
CREATE TABLE chat_settings (
  jid TEXT PRIMARY KEY,
  archived INTEGER,                           -- NULL: not told
  pinned INTEGER,
  muted_until INTEGER
) WITHOUT ROWID;

-- Edits, revokes and reactions that came before their message.
CREATE TABLE waiting_amendments (
  row_id INTEGER PRIMARY KEY,
  chat TEXT NOT NULL,
  target_id TEXT NOT NULL,
  target_from_me INTEGER NOT NULL,
  target_participant TEXT NOT NULL,
  kind INTEGER NOT NULL,
  sent_by TEXT NOT NULL,                      -- empty: ourselves
  by_admin INTEGER NOT NULL,
  text TEXT,
  at INTEGER NOT NULL,
  UNIQUE (chat, target_id, kind, sent_by)
);

CREATE TABLE history_queue (
  row_id INTEGER PRIMARY KEY,
  dedupe_key TEXT NOT NULL UNIQUE,
  received_at INTEGER NOT NULL,
  type INTEGER NOT NULL,
  chunk_order INTEGER NOT NULL,
  notification BLOB,                          -- NULL once it is done
  message_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,           -- 0 waiting, 1 done, 2 given up
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  next_attempt_at INTEGER NOT NULL DEFAULT 0,
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

constexpr std::array kMigrations{Migration{.sql = kVersion1}, Migration{.sql = kVersion2},
                                 Migration{.sql = kVersion3}, Migration{.sql = kVersion4},
                                 Migration{.sql = kVersion5}, Migration{.sql = kVersion6}};

}  // namespace

Tables inbox_tables() {
  return {.component = "inbox", .migrations = kMigrations};
}

void migrate_inbox(Database& database) {
  migrate(database, inbox_tables());
}

}  // namespace wasync
