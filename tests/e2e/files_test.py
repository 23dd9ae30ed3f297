#!/usr/bin/env python3
"""What is left on disk: private, sound, and nothing that should not be there.

usage: files_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import unittest

import harness
from harness import FAILED, OK, Case

ALLOWED = {"wa-sync.db", "wa-sync.db-wal", "wa-sync.db-shm", "lock", "lease", "backfill-lease"}


class Files(Case):
    def everything(self):
        yield self.state
        for directory, directories, files in os.walk(self.state):
            for name in directories + files:
                yield os.path.join(directory, name)

    def assert_private(self):
        for path in self.everything():
            facts = os.lstat(path)
            wanted = 0o700 if stat.S_ISDIR(facts.st_mode) else 0o600
            self.assertEqual(oct(stat.S_IMODE(facts.st_mode)), oct(wanted), path)
            self.assertEqual(facts.st_uid, os.geteuid(), path)

    def assert_nothing_left_over(self):
        self.assertLessEqual(set(os.listdir(self.state)), {"accounts", "run"})
        self.assertLessEqual(set(os.listdir(self.account_directory())), ALLOWED)

    def linked(self, simulator, *options):
        run = self.start_pair(simulator, *options)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        return run

    def test_modes_whatever_the_umask(self):
        simulator = self.simulator("--chunk", "30", dataset="8x20")
        before = os.umask(0)
        try:
            run = self.linked(simulator)
        finally:
            os.umask(before)
        run.event("history")
        self.assert_private()  # the files that exist while it works, too
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_private()
        self.assert_nothing_left_over()

    def test_nothing_left_over_by_a_kill(self):
        simulator = self.simulator("--chunk", "30", dataset="8x20")
        run = self.linked(simulator)
        run.event("history")
        run.kill()
        self.assert_private()
        self.assert_no_plain_history(simulator)
        self.assert_sound()
        self.paired(simulator)
        self.assert_nothing_left_over()

    def assert_no_plain_history(self, simulator):
        """Texts of messages lie in the database and nowhere else."""
        texts = [
            message["body"].encode()
            for thread in simulator.dataset()["threads"]
            for message in thread["message_list"]
            if len(message.get("body") or "") > 30
        ]
        self.assertTrue(texts)
        for path in self.everything():
            if os.path.isdir(path) or os.path.basename(path) in ALLOWED:
                continue
            with open(path, "rb") as file:
                content = file.read()
            self.assertFalse(any(text in content for text in texts), path)

    def test_nothing_left_over_by_unusable_blobs(self):
        for fault in ("corrupt-blob", "bad-blob-mac", "bad-blob-hash"):
            with self.subTest(fault=fault):
                self.state = os.path.join(self.scratch, fault)
                self.pair(self.simulator(faults=[fault]))
                self.assert_private()
                self.assert_nothing_left_over()

    def test_nothing_left_over_by_a_stop_during_a_download(self):
        simulator = self.simulator(faults=["truncated-blob"])
        run = self.linked(simulator)
        run.says("history chunk")
        run.stop(signal.SIGTERM, harness.SIGTERM_CODE)
        self.assert_private()
        self.assert_nothing_left_over()

    def test_no_secrets_in_what_is_said(self):
        simulator = self.simulator()
        run = self.linked(simulator, "-v")
        with open("/proc/%d/cmdline" % run.process.pid, "rb") as file:
            arguments = file.read().decode().split("\0")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(arguments[1:-1], run.arguments[1:])
        self.assertIn("debug", run.err.text())  # or this test sees nothing
        self.assert_no_secrets(run)
        for thread in simulator.dataset()["threads"]:
            for message in thread["message_list"]:
                if len(message.get("body") or "") > 20:
                    self.assertNotIn(message["body"], run.err.text())

    def test_no_secrets_in_json_logs(self):
        simulator = self.simulator()
        run = self.linked(simulator, "-v", "--log-format", "json")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertTrue(run.err.all)
        for line in run.err.all:
            self.assertIsInstance(json.loads(line), dict)
        self.assert_no_secrets(run)

    def test_the_file_is_sound_at_any_moment(self):
        simulator = self.simulator("--chunk", "30", dataset="8x20")
        run = self.linked(simulator)
        while run.next_event() is not None:
            self.assert_sound()
        self.assertEqual(run.wait(), OK, run.account())

    def test_only_reading_changes_nothing(self):
        simulator = self.simulator(dataset="3x5")
        self.paired(simulator)

        def dump():
            return list(self.database().iterdump())

        before = dump()
        self.threads()
        self.json_of("accounts", "list")
        self.run_sync("threads", "show", self.threads()[0]["thread"])
        self.assertEqual(dump(), before)


class FileSystem(Case):
    """The state directory on a file system of its own, which only this test sees."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.state, 0o700)
        own_mounts = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        mount = "mount -t tmpfs -o size=1m,mode=700 none '%s' && echo mounted && exec cat" % self.state
        keeper = harness.Child(
            self, [*own_mounts, "sh", "-c", mount], self.environment(), stdin=subprocess.PIPE
        )
        self.addCleanup(keeper.process.stdin.close)
        if keeper.out.next(time.monotonic() + harness.PATIENCE) is None:
            raise unittest.SkipTest("no mount namespaces here: " + keeper.err.text().strip())
        enter = [] if os.geteuid() == 0 else ["-U", "--preserve-credentials"]
        self.by = ("nsenter", "-t", str(keeper.process.pid), *enter, "-m")

    def remount(self, option):
        command = [*self.by, "mount", "-o", "remount," + option, self.state]
        subprocess.run(command, check=True, timeout=harness.PATIENCE)

    def check_full(self, *simulator_options):
        simulator = self.simulator(*simulator_options, dataset="20x100")
        run = self.pair(simulator)
        self.assert_fails(run, FAILED)
        self.assertIn("disk is full", run.err.text(), run.account())
        # What is there can be read, and space makes the same command go on.
        self.assertEqual(self.run_sync("threads", "list").code, OK)
        self.remount("size=100m")
        again = self.paired(simulator)
        self.assertEqual(again.named("qr"), [], again.account())
        self.assert_inbox_equals(simulator)

    def test_full_while_history_is_stored(self):
        self.check_full("--history-inline")

    def test_full_while_blobs_are_fetched(self):
        self.check_full()

    def test_a_listener_waits_for_room(self):
        self.remount("size=100m")
        simulator = self.simulator(dataset="20x100")
        self.paired(simulator, "--no-wait")
        self.remount("size=20m")
        run = self.connected(simulator)
        run.says("no room")
        self.assertEqual(simulator.ask("state")["companions"][0]["active"], True)
        self.remount("size=100m")
        while run.event("history")["type"] != "FULL":
            pass
        run.stop(signal.SIGTERM, OK)
        self.assert_inbox_equals(simulator)

    def test_an_update_without_room_for_a_copy(self):
        # Room for the update, but not for twice the file.
        self.remount("size=1500k")
        old = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../crash/old_account.db")
        with sqlite3.connect("file:%s?mode=ro" % old, uri=True) as database:
            (account,) = database.execute("SELECT account_id FROM account").fetchone()
            (messages,) = database.execute("SELECT count(*) FROM messages").fetchone()
        directory = os.path.join(self.state, "accounts", account)
        place = "umask 077; mkdir -p '%s' && cp '%s' '%s/wa-sync.db'" % (directory, old, directory)
        subprocess.run([*self.by, "sh", "-c", place], check=True, timeout=harness.PATIENCE)
        run = self.run_sync("--json", "accounts", "list")
        self.assertEqual(run.code, OK, run.account())
        self.assertIn("no room for a copy", run.err.text())
        self.assertEqual(json.loads(run.out.text())[0]["messages"], messages)
        left = subprocess.run(
            [*self.by, "ls", directory], check=True, timeout=harness.PATIENCE, capture_output=True
        ).stdout.decode()
        self.assertNotIn("before", left)

    def test_read_only(self):
        # Where there is no room for it, the write-ahead log is not taken into the file.
        self.remount("size=100m")
        simulator = self.simulator(dataset="2x3")
        self.paired(simulator)
        # Two connections that close at one moment may both leave the write-ahead log behind; with
        # it the file can be read even here. One that closes alone takes it away.
        last = (
            "import glob, sqlite3, sys\n"
            "(file,) = glob.glob(sys.argv[1] + '/accounts/*/wa-sync.db')\n"
            "sqlite3.connect(file).execute('SELECT * FROM account')"
        )
        command = [*self.by, sys.executable, "-c", last, self.state]
        subprocess.run(command, check=True, timeout=harness.PATIENCE)
        self.remount("ro")
        for command in (["threads", "list"], ["accounts", "list"]):
            run = self.run_sync(*command)
            self.assert_fails(run, FAILED, hints=["state directory", "read-only"])
        run = self.pair(simulator)
        self.assert_fails(run, FAILED, says=["ead-only"])
        self.assertEqual(run.named("qr"), [])
        self.remount("rw")
        self.assert_inbox_equals(simulator)


if __name__ == "__main__":
    harness.main()
