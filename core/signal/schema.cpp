#include "signal/schema.h"

#include <array>

namespace wasync {
namespace {

constexpr std::string_view kVersion1 = R"(
CREATE TABLE signal_local (
  id                INTEGER PRIMARY KEY CHECK (id = 1),
  private_key       BLOB    NOT NULL CHECK (length(private_key) = 32), -- of our identity
  registration_id   INTEGER NOT NULL,       -- told to peers
  next_pre_key_id   INTEGER NOT NULL,       -- to be made
  signed_pre_key_id INTEGER NOT NULL        -- in use
);

-- A consumed key has no row. `state`: 0 made, 1 on the server, 2 given to one peer directly.
CREATE TABLE signal_pre_keys (
  id          INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 16777214),
  private_key BLOB    NOT NULL CHECK (length(private_key) = 32),
  state       INTEGER NOT NULL DEFAULT 0
);

-- `on_server`: WhatsApp has confirmed that it has this one.
CREATE TABLE signal_signed_pre_keys (
  id           INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 16777214),
  private_key  BLOB    NOT NULL CHECK (length(private_key) = 32),
  signature    BLOB    NOT NULL CHECK (length(signature) = 64),
  created_at_s INTEGER NOT NULL,
  on_server    INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE signal_identities (
  name         TEXT    NOT NULL,            -- see SignalAddress
  device       INTEGER NOT NULL,            -- its number
  public_key   BLOB    NOT NULL CHECK (length(public_key) = 32), -- their identity
  changes      INTEGER NOT NULL DEFAULT 0,  -- how often it was another
  changed_at_s INTEGER NOT NULL DEFAULT 0,  -- the last time
  PRIMARY KEY (name, device)
) WITHOUT ROWID;

-- Records may have tens of kilobytes (keys of skipped messages), hence ordinary rows.
CREATE TABLE signal_sessions (
  name   TEXT    NOT NULL,
  device INTEGER NOT NULL,
  record BLOB    NOT NULL,                  -- ratchet, as the library serialises it
  PRIMARY KEY (name, device)
);

CREATE TABLE signal_sender_keys (
  group_id TEXT    NOT NULL,                -- jid of the group
  name     TEXT    NOT NULL,                -- of the sender, likewise
  device   INTEGER NOT NULL,
  record   BLOB    NOT NULL,                -- as the library serialises it
  PRIMARY KEY (group_id, name, device)
);
CREATE INDEX signal_sender_keys_of ON signal_sender_keys (name, device);
)";

constexpr std::array kMigrations{Migration{.sql = kVersion1}};

}  // namespace

Tables signal_tables() {
  return {.component = "signal", .migrations = kMigrations};
}

}  // namespace wasync
