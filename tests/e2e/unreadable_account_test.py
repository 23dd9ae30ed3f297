#!/usr/bin/env python3
"""One account's file cannot be used, because a newer wa-sync wrote it: every command names it, and
shows and does the rest.

usage: unreadable_account_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import os
import signal
import sqlite3
import subprocess
import urllib.request

import harness
from harness import FAILED, OK, USAGE, Case

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class OneOfTwo(Case):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator(dataset="3x2")
        self.paired(self.whatsapp)
        self.good = os.path.basename(self.account_directory())
        run = self.start_pair(self.simulator(dataset="1x1"), "--no-wait", ACCOUNT_NAMESPACE="other")
        self.addCleanup(run.end)
        self.assertEqual(run.finish(self.simulators[-1]), OK, run.account())
        accounts = os.path.join(self.state, "accounts")
        (self.newer,) = set(os.listdir(accounts)) - {self.good}
        database = sqlite3.connect(os.path.join(accounts, self.newer, "wa-sync.db"))
        database.execute("UPDATE schema_versions SET version = 999 WHERE component = 'inbox'")
        database.commit()
        database.close()

    def simulator(self, **options):
        made = super().simulator(**options)
        self.simulators = getattr(self, "simulators", []) + [made]
        return made

    def where(self):
        return ("--server", self.whatsapp.url, "--server-key", self.whatsapp.key)

    def listing(self, *arguments):
        """What is listed as JSON, of the readable account and of the other."""
        run = self.run_sync("--json", *arguments)
        self.assertEqual(run.code, FAILED, run.account())
        self.assert_named(run)
        rows = json.loads(run.out.text())
        told = [row for row in rows if "error" in row]
        self.assertEqual([row["account"] for row in told], [self.newer])
        self.assertEqual(told[0]["error"]["code"], "store_too_new")
        self.assertIn("Upgrade", told[0]["error"]["hint"])
        return [row for row in rows if "error" not in row], told[0]

    def assert_named(self, run):
        self.assertIn(self.newer, run.err.text(), run.account())
        self.assertIn("a newer wa-sync wrote", run.err.text(), run.account())
        self.assertIn("hint: Upgrade wa-sync", run.err.text(), run.account())

    def test_accounts_list(self):
        rows, told = self.listing("accounts", "list")
        self.assertEqual([row["account"] for row in rows], [self.good])
        self.assertEqual(told["status"], "unreadable")
        run = self.run_sync("accounts", "list")
        self.assertEqual(run.code, FAILED, run.account())
        self.assert_named(run)
        self.assertIn("unreadable", run.out.text())
        self.assertIn("disconnected", run.out.text())

    def test_threads_list(self):
        rows, _ = self.listing("threads", "list")
        self.assertEqual({row["account"] for row in rows}, {self.good})
        self.assertEqual(len(rows), 3)
        run = self.run_sync("threads", "list")
        self.assertEqual(run.code, FAILED, run.account())
        self.assertEqual(len(run.out.text().splitlines()), 4, run.account())

    def test_messages_search(self):
        self.listing("messages", "search", "a")

    def test_threads_show(self):
        rows, _ = self.listing("threads", "list")
        run = self.run_sync("threads", "show", rows[0]["thread"])
        self.assertEqual(run.code, OK, run.account())
        self.assert_named(run)
        self.assertTrue(run.out.text())

    def test_one_is_named(self):
        run = self.run_sync("--json", "threads", "list", "--account", self.good)
        self.assertEqual((run.code, run.err.text()), (OK, ""), run.account())
        self.assertEqual(len(json.loads(run.out.text())), 3)
        run = self.run_sync("--json", "threads", "list", "--account", self.newer)
        self.assert_fails(run, FAILED, error="store_too_new", hints=["Upgrade"])

    def test_what_is_about_one_account_asks_which(self):
        for command in ("backfill", "unpair"):
            run = self.run_sync(command, *self.where())
            self.assert_fails(run, USAGE, hints=["+40737123397"])
        run = self.run_sync("backfill", *self.where(), "--dry-run", "--account", self.good)
        self.assertEqual(run.code, OK, run.account())

    def test_diagnose(self):
        run = self.run_sync("--json", "diagnose")
        found = json.loads(run.out.text())
        self.assertEqual({each["account"] for each in found["accounts"]}, {self.good, self.newer})
        self.assertNotEqual(run.code, OK, run.account())
        self.assertIn("newer", json.dumps(found))
        run = self.run_sync("--json", "diagnose", "--fix", "--yes")
        self.assertNotEqual(run.code, OK, run.account())
        self.assertIn("newer", json.dumps(json.loads(run.out.text())))

    def test_listen(self):
        run = self.start_listen(self.whatsapp, "--http", "127.0.0.1:0")
        self.assertEqual(run.event("connected")["account"], self.good)
        halted = run.named("halted") or [run.event("halted")]
        self.assertEqual(
            [(each["account"], each["code"]) for each in halted], [(self.newer, "store_too_new")]
        )
        url = "http://%s/api/whatsapp/accounts" % run.named("listening")[0]["http"]
        with urllib.request.urlopen(url, timeout=harness.PATIENCE) as answer:
            page = json.load(answer)
        self.assertEqual([each["id"] for each in page["accounts"]], [self.good])
        self.assertEqual([each["accountId"] for each in page["unreadable"]], [self.newer])
        run.stop(signal.SIGTERM, OK)

    def test_listen_to_one_of_them(self):
        run = self.start_listen(self.whatsapp, "--account", self.good)
        self.assertEqual(run.event("connected")["account"], self.good)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(run.named("halted"), [])

    def test_backfill_of_all_from_cron(self):
        run = subprocess.run(
            [os.path.join(ROOT, "scripts", "backfill-all"), "--dry-run"],
            env=self.environment(
                WA_SYNC=harness.program("wa-sync"),
                WA_SYNC_STATE_DIR=self.state,
                WA_SYNC_SERVER=self.whatsapp.url,
                WA_SYNC_SERVER_KEY=self.whatsapp.key,
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=harness.PATIENCE,
        )
        said, complained = run.stdout.decode(), run.stderr.decode()
        self.assertEqual(run.returncode, 1, said + complained)
        self.assertIn(self.good + ": ", said)
        self.assertIn(self.newer + ": ended with 1", complained)

    def test_pairing_goes_on(self):
        self.paired(self.whatsapp, "--account", self.good, "--again")


if __name__ == "__main__":
    harness.main()
