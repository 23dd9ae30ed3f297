#!/usr/bin/env python3
"""`diagnose --fix`: each repair alone, with nobody holding the account and with a running listener;
what is to be decided by a person is left alone, and without --fix nothing changes.

usage: tests/firestore/run BUILD_BIN_DIR [WORD…]
"""

import fcntl
import json
import os
import signal
import sqlite3
import time

import harness
from diagnose_test import NOT_UPLOADED, DiagnoseCase
from harness import OK, USAGE
from screen import Program

HELD = 7
NOT_CONNECTED = 11


class FixCase(DiagnoseCase):
    dataset = "3x2"

    def fix(self, code, *options, host=None, **environment):
        """What --json says of the repairs, and of what was found after them."""
        run = self.look("--fix", "--yes", "--json", *options, host=host, **environment)
        self.assertEqual(run.code, code, run.account())
        return json.loads(run.out.text())

    def one_repair(self, found, kind, done=True):
        (repair,) = found["repairs"]
        self.assertEqual((repair["kind"], repair["account"]), (kind, self.account))
        self.assertEqual(repair["done"], done, repair)
        self.assertEqual(repair["error"] is None, done, repair)
        return repair

    def change_stored(self, sql, *values):
        connection = sqlite3.connect(self.account_file())
        with connection:
            connection.execute(sql, values)
        connection.close()

    def at_terminal(self, answer, *options, host=None):
        """The exit code and the screen of someone who is asked, and answers."""
        program = Program(
            [harness.program("wa-sync"), "--state-dir", self.state, "diagnose", "--fix", *options],
            100,
            60,
            self.environment(TERM="xterm-256color", **self.where(host)),
        )
        try:
            program.read_until(lambda it: "[y/N]" in it.terminal.text() or "[d/N]" in it.terminal.text())
            os.write(program.descriptor, answer.encode() + b"\n")
            return program.wait(), program.terminal.text()
        finally:
            program.end()


class SetAside(FixCase):
    """Documents that Firestore has refused."""

    def setUp(self):
        super().setUp()
        self.refusing = self.proxy()

    def refused(self):
        """A listener, one of whose messages is set aside."""
        run = self.listening(self.refusing.host)
        self.refusing.poison("messages/", 3, "the document 40737123397 is invalid")
        self.sim.send_message(chat=self.threads()[0]["jid"], text="to be refused")
        deadline = time.monotonic() + harness.PATIENCE
        while not self.set_aside():
            self.assertLess(time.monotonic(), deadline, "it was never set aside")
        self.until_uploaded()
        return run

    def set_aside(self):
        return self.json_of("accounts", "list")[0]["set_aside"]

    def test_a_listener_sends_it_at_once(self):
        self.refused()
        found = self.diagnose(NOT_UPLOADED, host=self.refusing.host)
        self.assertIn("wa-sync diagnose --fix", found["action"])
        self.refusing.heal()
        found = self.fix(OK, host=self.refusing.host)
        repair = self.one_repair(found, "retry_document")
        self.assertIn("is invalid", repair["detail"])
        self.assertIn("sent", repair["outcome"])
        self.assertRegex(repair["document"], r"^threads/account_\w+__.*•••.*/messages/")
        self.assertEqual(found["verdict"], "HEALTHY")
        self.assertEqual(self.set_aside(), 0)
        self.assert_uploaded_all()
        self.assertEqual(self.fix(OK, host=self.refusing.host)["repairs"], [])

    def assert_uploaded_all(self):
        (stored,) = self.database().execute("SELECT count(*) FROM messages").fetchone()
        whole = self.inbox.read_account(self.account)
        self.assertEqual(sum(len(each["messages"]) for each in whole["threads"].values()), stored)

    def test_nobody_there(self):
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        found = self.fix(NOT_CONNECTED, host=self.refusing.host)
        self.assertIn("sent", self.one_repair(found, "retry_document")["outcome"])
        self.assertEqual(self.set_aside(), 0)
        self.assert_uploaded_all()

    def test_refused_again(self):
        self.refused()
        found = self.fix(NOT_UPLOADED, host=self.refusing.host)
        repair = self.one_repair(found, "retry_document", done=False)
        self.assertIn("is invalid", repair["error"])
        self.assertEqual(self.set_aside(), 1)
        # Once more would help as little.
        self.assertNotIn("--fix", found["action"])
        again = self.fix(NOT_UPLOADED, host=self.refusing.host)
        self.assertIn("refusals: 2", again["repairs"][0]["detail"])

    def test_firestore_is_down(self):
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        self.refusing.refuse(429, on="batchWrite", times=None)
        found = self.fix(NOT_CONNECTED, "--timeout", "2s", host=self.refusing.host)
        (repair,) = found["repairs"]
        self.assertTrue(repair["done"])
        self.assertIn("in the queue", repair["outcome"])
        self.assertEqual(self.set_aside(), 0)

    def test_without_a_terminal_it_only_tells(self):
        self.refused()
        self.refusing.heal()
        before = self.everything()
        run = self.look("--fix", host=self.refusing.host)
        self.assertEqual(run.code, NOT_UPLOADED, run.account())
        self.assertIn("is invalid", run.out.text())
        self.assertIn("wa-sync diagnose --fix --yes --state-dir", run.err.text())
        self.assertEqual(self.set_aside(), 1)
        self.assertEqual(self.everything(), before)

    def everything(self):
        """All documents, and all rows but what a listener writes by itself."""
        connection = self.database()
        tables = ("threads", "messages", "contacts", "lid_mappings")
        rows = {each: connection.execute("SELECT * FROM " + each).fetchall() for each in tables}
        return [tuple(map(tuple, each)) for each in rows.values()], self.inbox.read_account(self.account)

    def test_asked_at_a_terminal(self):
        self.refused()
        self.refusing.heal()
        code, screen = self.at_terminal("n", host=self.refusing.host)
        self.assertEqual(code, NOT_UPLOADED, screen)
        self.assertIn("Nothing was changed", screen)
        self.assertEqual(self.set_aside(), 1)
        code, screen = self.at_terminal("d", "--lang", "ro", host=self.refusing.host)
        self.assertEqual(code, OK, screen)
        self.assertIn("este în Firestore", screen)
        self.assertIn("ÎN REGULĂ", screen)
        self.assertEqual(self.set_aside(), 0)

    def test_another_command_is_in_the_way(self):
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        directory = os.path.dirname(self.account_file())
        with open(os.path.join(directory, "lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.truncate(0)
            lock.write("%d\n" % os.getpid())
            lock.flush()
            run = self.look("--fix", "--yes", host=self.refusing.host)
        self.assertEqual(run.code, HELD, run.account())
        self.assertIn("process %d holds the account" % os.getpid(), run.err.text())
        self.assertEqual(self.set_aside(), 1)


class Usage(FixCase):
    def test_yes_alone(self):
        self.assertEqual(self.look("--yes").code, USAGE)


if __name__ == "__main__":
    harness.main()
