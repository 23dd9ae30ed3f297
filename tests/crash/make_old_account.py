#!/usr/bin/env python3
"""Makes the account file that migration_test.py starts from, with the wa-sync and wa-sim of an
older commit: every table has rows. What needs Firestore, or a phone that fails at a certain
moment, is put in with SQL.

usage: PYTHONPATH=tests/e2e tests/crash/make_old_account.py BUILD_BIN_DIR OUT.db
"""

import os
import signal
import sqlite3
import sys

import harness
from harness import OK

# Not filled by what the programs do below.
BY_HAND = """
UPDATE account SET uploaded_to = 'projects/p/databases/(default)', uploaded_revision = revision;
UPDATE threads SET uploaded_revision = revision, adopted = 1, uploaded_message_at = last_message_at,
  hidden = row_id % 4 = 0, archived = row_id % 5 = 0, redirect_to = '' WHERE row_id % 3 > 0;
UPDATE messages SET uploaded_revision = revision WHERE row_id % 3 > 0;
UPDATE messages SET upload_error = 'refused', upload_refusals = 2 WHERE row_id % 7 = 0;
UPDATE messages SET edited_at = sent_at + 1, original_body = 'before' WHERE row_id % 11 = 0;
UPDATE contacts SET uploaded_revision = revision WHERE row_id % 2 = 0;
UPDATE account SET backfill_errors = 1, last_realtime_error = 'one';
UPDATE account SET auto_backfill_error_code = 'timeout', auto_backfill_error_message = 'too long';
INSERT OR IGNORE INTO waiting_amendments (chat, target_id, target_from_me, target_participant, kind,
  sent_by, by_admin, text, at) VALUES ('40721000001@s.whatsapp.net', 'NOTYET', 0, '', 1,
  '40721000001@s.whatsapp.net', 0, 'edited', 1700000000);
INSERT INTO history_queue (dedupe_key, received_at, type, chunk_order, notification, message_id,
  request_id, state, attempts, last_error) VALUES
  ('waits', 1700000000, 3, 9, x'0102', 'M1', '', 0, 1, 'timeout'),
  ('given up', 1700000001, 3, 8, x'0304', 'M2', '', 2, 5, 'gone');
INSERT OR IGNORE INTO history_requests (id, chat, asked_at) VALUES
  ('R1', '40721000001@s.whatsapp.net', 1700000000);
INSERT OR IGNORE INTO app_state_keys (id, data, requested_at) VALUES (x'09', NULL, 1700000000);
"""


class Make(harness.Case):
    def runTest(self):
        sim = self.simulator("--older", "60", "--chunk", "30", dataset="small")
        self.paired(sim)
        where = ("--server", sim.url, "--server-key", sim.key)
        run = self.connected(sim)
        chats = [thread["jid"] for thread in self.threads()]
        people = [jid for jid in chats if jid.endswith("@s.whatsapp.net")]
        groups = [jid for jid in chats if jid.endswith("@g.us")]
        for chat in people[:3]:
            sim.send_message(chat=chat, text="it is live")
            run.event("received")
        for chat in groups[:2]:
            sim.send_message(chat=chat, text="it is live", **{"from": people[0]})
            run.event("received")
        sim.fault("no-resend")
        sim.fault("undecryptable=1")
        sim.send_message(chat=people[0], text="nobody can read this")
        run.event("received")
        run.stop(signal.SIGTERM, OK)
        run = self.start("backfill", "--json", *where, "--count", "20")
        self.assertEqual(run.finish(), OK, run.account())
        run = self.connected(sim, AUTO_BACKFILL_ENABLED="true", INSTANCE_ID="host-1",
                             AUTO_BACKFILL_INTERVAL_MS="200")
        run.event("backfill_ended")
        run.stop(signal.SIGTERM, OK)
        database = sqlite3.connect(self.account_file())
        database.executescript(BY_HAND)
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        empty = [
            name
            for name in tables
            if not database.execute("SELECT count(*) FROM %s" % name).fetchone()[0]
        ]
        self.assertEqual(empty, [])
        if os.path.exists(OUT):
            os.remove(OUT)
        database.execute("VACUUM INTO ?", (OUT,))
        database.close()
        print(tables, os.path.getsize(OUT))


if __name__ == "__main__":
    harness.build_bin, OUT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    result = harness.unittest.TextTestRunner().run(Make())
    sys.exit(not result.wasSuccessful())
