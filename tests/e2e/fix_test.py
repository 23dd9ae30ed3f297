#!/usr/bin/env python3
"""`wa-sync diagnose --fix` beside real account files and a running listener, with the Inbox in SQLite.
(What it does in Firestore: tests/firestore/fix_test.py.)

usage: fix_test.py BUILD_BIN_DIR [TEST…]
"""

import fcntl
import json
import os
import sqlite3

import harness
from harness import OK, USAGE, Case
from screen import Program

NO_ACCOUNT, NOT_CONNECTED, HELD = 10, 11, 7
PHONE = "40737123397"
LID = "98765432109876@lid"


class FixCase(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator(dataset="3x4")
        self.paired(self.sim)
        self.jid = next(
            each["jid"] for each in self.threads() if each["jid"].endswith("@s.whatsapp.net")
        )

    def look(self, code, *options):
        run = self.run_sync("diagnose", *options)
        self.assertEqual(run.code, code, run.account())
        self.assertNotIn(PHONE, run.out.text() + run.err.text())
        return run

    def fix(self, code, *options):
        return json.loads(self.look(code, "--fix", "--yes", "--json", *options).out.text())

    def write(self, *statements):
        connection = sqlite3.connect(self.account_file())
        with connection:
            for statement, *values in statements:
                connection.execute(statement, values)
        connection.close()

    def rows(self, sql, *values):
        return self.database().execute(sql, values).fetchall()

    def without_time(self):
        self.write(("UPDATE threads SET last_message_at = 0 WHERE jid = ?", self.jid))

    def twice(self):
        """Half of the messages are in a thread by LID."""
        self.write(
            ("INSERT INTO threads (jid, last_message_at) VALUES (?, 1700000000)", LID),
            (
                "UPDATE messages SET key_remote_jid = ?1, thread = (SELECT row_id FROM threads WHERE"
                " jid = ?1) WHERE thread = (SELECT row_id FROM threads WHERE jid = ?2) AND row_id % 2",
                LID,
                self.jid,
            ),
            ("INSERT INTO lid_mappings VALUES (?, ?)", LID, self.jid),
            (
                "UPDATE threads SET messages = (SELECT count(*) FROM messages WHERE thread ="
                " threads.row_id)",
            ),
        )

    def assert_dated(self):
        ((time, newest),) = self.rows(
            "SELECT last_message_at, (SELECT max(sent_at) FROM messages WHERE thread ="
            " threads.row_id) FROM threads WHERE jid = ?",
            self.jid,
        )
        self.assertEqual(time, newest)

    def assert_united(self):
        self.assertEqual(
            self.rows("SELECT redirect_to, messages FROM threads WHERE jid = ?", LID),
            [(self.jid, 0)],
        )
        ((messages,),) = self.rows("SELECT messages FROM threads WHERE jid = ?", self.jid)
        self.assertEqual(messages, 4)

    def repaired(self, found):
        self.assertTrue(all(each["done"] for each in found["repairs"]), found["repairs"])
        return sorted(each["kind"] for each in found["repairs"])


class Fix(FixCase):
    KINDS = ["redirect_duplicate", "set_last_message_at"]

    def test_nobody_there(self):
        self.without_time()
        self.twice()
        self.assertEqual(self.repaired(self.fix(NOT_CONNECTED)), self.KINDS)
        self.assert_dated()
        self.assert_united()
        self.assertEqual(self.fix(NOT_CONNECTED)["repairs"], [])
        self.assert_sound()

    def test_beside_a_listener(self):
        run = self.connected(self.sim)
        self.without_time()
        self.twice()
        told = self.look(OK, "--json")
        (check,) = [each for each in json.loads(told.out.text())["checks"] if each["id"] == "duplicates"]
        self.assertEqual(check["facts"]["threads"], 1)
        self.assertEqual(self.repaired(self.fix(OK)), self.KINDS)
        self.assert_dated()
        self.assert_united()
        self.assertEqual(self.fix(OK)["repairs"], [])
        self.assertIsNone(run.process.poll())
        # The listener has learnt of it: what comes by the LID is in the phone's thread.
        self.sim.send_message(chat=self.jid, text="afterwards")
        run.event("received")

    def test_only_told_without_an_answer(self):
        self.without_time()
        self.twice()
        before = self.rows("SELECT * FROM threads ORDER BY row_id")
        run = self.look(NOT_CONNECTED, "--fix")
        self.assertIn("wa-sync can repair:", run.out.text())
        self.assertIn("wa-sync diagnose --fix --yes", run.err.text())
        found = json.loads(self.look(NOT_CONNECTED, "--fix", "--json").out.text())
        self.assertEqual([each["done"] for each in found["repairs"]], [False, False])
        self.assertEqual([each["outcome"] for each in found["repairs"]], [None, None])
        self.assertEqual(self.rows("SELECT * FROM threads ORDER BY row_id"), before)

    def asked(self, answer, *options):
        run = Program(
            [harness.program("wa-sync"), "--state-dir", self.state, "diagnose", "--fix", *options],
            80,
            50,
            self.environment(TERM="xterm-256color"),
        )
        self.addCleanup(run.end)
        run.read_until(lambda it: "/N]" in it.terminal.text())
        os.write(run.descriptor, answer.encode() + b"\n")
        return run.wait(), run.terminal.text()

    def test_asked_at_a_terminal(self):
        self.without_time()
        self.twice()
        for answer in ("n", "", "what"):
            code, screen = self.asked(answer)
            self.assertEqual(code, NOT_CONNECTED, screen)
            self.assertIn("Do these 2 repairs? [y/N]", screen)
            self.assertIn("Nothing was changed", screen)
        self.assertEqual(self.rows("SELECT redirect_to FROM threads WHERE jid = ?", LID), [("",)])
        code, screen = self.asked("da", "--lang", "ro")
        self.assertIn("Fac aceste 2 reparații? [d/N]", screen)
        self.assert_dated()
        self.assert_united()

    def test_a_command_is_in_the_way(self):
        self.without_time()
        with open(os.path.join(self.account_directory(), "lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.truncate(0)
            lock.write("%d\n" % os.getpid())
            lock.flush()
            told = self.look(HELD, "--fix", "--yes")
        self.assertIn("process %d holds the account" % os.getpid(), told.err.text())
        self.assertEqual(
            self.rows("SELECT last_message_at FROM threads WHERE jid = ?", self.jid), [(0,)]
        )


class Nothing(Case):
    def test_nobody_paired(self):
        run = self.run_sync("diagnose", "--fix", "--yes", "--json")
        self.assertEqual(run.code, NO_ACCOUNT, run.account())
        self.assertEqual(json.loads(run.out.text())["repairs"], [])
        self.assertFalse(os.path.exists(self.state), "it made a state directory")

    def test_wrong_usage(self):
        run = self.run_sync("diagnose", "--yes")
        self.assert_fails(run, USAGE, says=["--fix"])

    def test_yes_of_the_environment_is_refused(self):
        run = self.run_sync("diagnose", WA_SYNC_YES="true")
        self.assert_fails(run, USAGE, says=["WA_SYNC_YES"], hints=["unset"])


if __name__ == "__main__":
    harness.main()
