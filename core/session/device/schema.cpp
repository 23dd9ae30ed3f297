#include "session/device/schema.h"

#include <array>

namespace wasync {
namespace {

constexpr std::string_view kVersion1 = R"sql(
-- device/device.h
CREATE TABLE device (
  only_row               INTEGER PRIMARY KEY CHECK (only_row = 1),
  noise_private_key      BLOB NOT NULL,     -- of the connection
  jid                    TEXT NOT NULL,     -- with our device number
  lid                    TEXT NOT NULL,     -- likewise; empty: none told
  platform               TEXT NOT NULL,     -- of the phone
  business_name          TEXT NOT NULL,     -- empty: an ordinary account
  signed_identity        BLOB NOT NULL,     -- serialised SignedDeviceIdentity
  routing_info           BLOB NOT NULL,     -- quoted when dialling; may be empty
  paired_at              INTEGER NOT NULL,
  full_history_requested INTEGER NOT NULL,
  history_awaited        INTEGER NOT NULL   -- the phone has more to send
);

-- app_state/keys.h
CREATE TABLE app_state_keys (
  id           BLOB PRIMARY KEY,            -- as the phone names it
  data         BLOB,                        -- NULL: we lack it
  requested_at INTEGER NOT NULL DEFAULT 0   -- from the phone
) WITHOUT ROWID;

-- app_state/collection.h
CREATE TABLE app_state_collections (
  name     TEXT PRIMARY KEY,                -- "regular", "critical_block", …
  standing INTEGER NOT NULL,                -- Standing in app_state/collection.h
  version  INTEGER NOT NULL DEFAULT 0,      -- of the last patch taken
  hash     BLOB NOT NULL DEFAULT x'',       -- LtHash of all values
  problem  TEXT NOT NULL DEFAULT ''         -- empty: none
) WITHOUT ROWID;
CREATE TABLE app_state_values (
  collection TEXT NOT NULL,                 -- its name
  index_mac  BLOB NOT NULL,                 -- names the value
  value_mac  BLOB NOT NULL,                 -- of what it is now
  index_text TEXT NOT NULL,                 -- what it is about, opened
  PRIMARY KEY (collection, index_mac)
) WITHOUT ROWID;
CREATE INDEX app_state_values_by_index ON app_state_values (collection, index_text);
)sql";

constexpr std::string_view kVersion2 = R"sql(
-- receive/awaited_messages.h
CREATE TABLE awaited_messages (
  row_id          INTEGER PRIMARY KEY,
  id              TEXT NOT NULL,            -- of the stanza
  chat            TEXT NOT NULL,              -- as the stanza addressed it
  sender          TEXT NOT NULL,              -- likewise, without device
  from_me         INTEGER NOT NULL,
  sent_at         INTEGER NOT NULL,
  shown           INTEGER NOT NULL,           -- 1: the inbox has a placeholder
  phone_has_it    INTEGER NOT NULL,           -- 0: the phone is not to be asked
  came            INTEGER NOT NULL DEFAULT 0, -- 1: its content is here
  first_failed_at INTEGER NOT NULL,
  last_failure    TEXT NOT NULL,            -- why it does not decrypt
  receipts        INTEGER NOT NULL DEFAULT 0, -- retry receipts sent
  requests        INTEGER NOT NULL DEFAULT 0, -- to the phone
  requested_at    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX awaited_messages_by_id ON awaited_messages (id);
CREATE INDEX awaited_messages_open ON awaited_messages (row_id) WHERE came = 0;
)sql";

constexpr std::string_view kVersion3 = R"sql(
-- history/history_requests.h
CREATE TABLE history_requests (
  id       TEXT PRIMARY KEY,                  -- of the stanza; the answer quotes it
  chat     TEXT NOT NULL,                     -- as the request addressed it
  asked_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX history_requests_by_time ON history_requests (asked_at);
CREATE INDEX history_requests_by_chat ON history_requests (chat, asked_at);
)sql";

constexpr std::string_view kVersion4 = R"sql(
-- receive/phone_heard.h
ALTER TABLE device ADD COLUMN phone_heard_at INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::string_view kVersion5 = R"sql(
-- receive/phone_requests.h
CREATE TABLE phone_requests (
  id       TEXT PRIMARY KEY,                  -- of the stanza
  content  BLOB NOT NULL,                     -- serialised Message
  asked_at INTEGER NOT NULL,
  repeats  INTEGER NOT NULL DEFAULT 0         -- because the phone could not read it
) WITHOUT ROWID;
CREATE INDEX phone_requests_by_time ON phone_requests (asked_at);
ALTER TABLE device ADD COLUMN delayed_requests INTEGER NOT NULL DEFAULT 0;

-- app_state/recovery.h
ALTER TABLE app_state_collections ADD COLUMN recovery_asked_at INTEGER NOT NULL DEFAULT 0;

-- history/history_worker.h
ALTER TABLE device ADD COLUMN deletion_secret TEXT NOT NULL DEFAULT ''; -- for the media servers
)sql";

constexpr std::string_view kVersion6 = R"sql(
-- receive/refused_stanzas.h
CREATE TABLE refused_stanzas (
  row_id     INTEGER PRIMARY KEY,
  digest     BLOB NOT NULL UNIQUE,            -- SHA-256 of what names the stanza
  login      INTEGER NOT NULL,                -- that it first came in, a random number
  deliveries INTEGER NOT NULL
);

-- receive/missing_names.h
CREATE TABLE name_questions (
  address  TEXT PRIMARY KEY,                  -- of a thread without a name
  asked_at INTEGER NOT NULL                   -- the server was asked for it
) WITHOUT ROWID;
)sql";

constexpr std::string_view kVersion7 = R"sql(
-- Counted for whoever looks, however many there are. Also history brings their content, or their
-- author takes it back.
CREATE INDEX awaited_messages_counted ON awaited_messages (came, first_failed_at) WHERE shown = 1;
CREATE INDEX awaited_messages_unseen ON awaited_messages (first_failed_at) WHERE shown = 0;
CREATE TRIGGER awaited_messages_came AFTER UPDATE OF type, deleted_at ON messages
  WHEN OLD.type = 'undecryptable' AND OLD.deleted_at IS NULL
    AND (NEW.type <> 'undecryptable' OR NEW.deleted_at IS NOT NULL) BEGIN
  UPDATE awaited_messages SET came = 1
    WHERE id = coalesce(NEW.key_id, NEW.document_id) AND from_me = NEW.from_me AND shown = 1
      AND EXISTS (SELECT 1 FROM threads t WHERE t.row_id = NEW.thread AND (t.jid = chat
        OR EXISTS (SELECT 1 FROM lid_mappings WHERE lid = chat AND phone = t.jid)));
END;
)sql";

constexpr std::string_view kVersion8 = R"sql(
-- What one sender has of them: SenderShare in receive/awaited_messages.h.
CREATE INDEX awaited_messages_by_sender ON awaited_messages (sender, first_failed_at);
-- 1: for messages that did not decrypt.
ALTER TABLE phone_requests ADD COLUMN of_awaited INTEGER NOT NULL DEFAULT 0;
CREATE INDEX phone_requests_of_awaited ON phone_requests (asked_at) WHERE of_awaited = 1;
)sql";

constexpr std::string_view kVersion9 = R"sql(
-- receive/rhythm.h
CREATE TABLE rhythm (
  only_row       INTEGER PRIMARY KEY CHECK (only_row = 1),
  heard_at       INTEGER NOT NULL,            -- when the newest stanza of use was sent
  week_began     INTEGER NOT NULL,
  longest        INTEGER NOT NULL,            -- pause between two of them since then, in seconds
  longest_before INTEGER NOT NULL             -- likewise, in the week before
);
)sql";

constexpr std::string_view kVersion10 = R"sql(
-- device/generation.h
ALTER TABLE device ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;  -- how far the file has come
ALTER TABLE device ADD COLUMN restored_at INTEGER NOT NULL DEFAULT 0; -- seen; 0: never
-- A new session with our phone is to begin.
ALTER TABLE device ADD COLUMN phone_session_due INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array kMigrations{Migration{.sql = kVersion1}, Migration{.sql = kVersion2},
                                 Migration{.sql = kVersion3}, Migration{.sql = kVersion4},
                                 Migration{.sql = kVersion5}, Migration{.sql = kVersion6},
                                 Migration{.sql = kVersion7}, Migration{.sql = kVersion8},
                                 Migration{.sql = kVersion9}, Migration{.sql = kVersion10}};

}  // namespace

Tables session_tables() {
  return {.component = "session", .migrations = kMigrations};
}

}  // namespace wasync
