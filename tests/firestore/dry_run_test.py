#!/usr/bin/env python3
"""WHATSAPP_HISTORY_SYNC_DRY_RUN=true: `pair` says what the history would bring, and keeps nothing
of it, here or in Firestore.

usage: ctest --test-dir BUILD_DIR -R firestore.dry_run
"""

import harness
from case import FirestoreCase

DRY = {"WHATSAPP_HISTORY_SYNC_DRY_RUN": "true"}


class DryRun(FirestoreCase):
    def check(self, **options):
        simulator, proxy, google = self.simulator(**options), self.proxy(), self.google()
        run = self.paired(simulator, **DRY, **self.where(proxy.host))
        done = run.named("done")[0]
        threads = simulator.dataset()["threads"]
        self.assertIs(done["dry_run"], True)
        self.assertEqual(done["threads"], len(threads))
        messages = sum(len(each["message_list"]) for each in threads)
        self.assertEqual(done["messages"], messages)
        self.assertGreater(done["contacts"], 0)

        account = self.account_of(simulator)
        written = {name for each in proxy.requests() for name in each.names}
        self.assertEqual(written, {"accounts/" + account})
        whole = google.read_account(account)
        self.assertEqual((whole["threads"], whole["contacts"]), ({}, {}))
        result = whole["account"]["lastHistorySyncResult"]
        self.assertIs(result["dryRun"], True)
        self.assertGreaterEqual(result["saved"], messages)
        for table in ("threads", "messages", "contacts"):
            count = self.database().execute("SELECT count(*) FROM " + table).fetchone()
            self.assertEqual(count, (0,), table)
        return simulator, google

    def test_then_for_good(self):
        simulator, google = self.check()
        listing = self.run_sync("threads", "list")
        self.assertIn("in a dry run", listing.err.text())
        run = self.paired(simulator, "--again", **self.where())
        self.assertEqual(len(run.named("qr")), 1)
        self.assertNotIn("dry_run", run.named("done")[0])
        whole = self.assert_uploaded(simulator, google)
        self.assertIs(whole["account"]["lastHistorySyncResult"]["dryRun"], False)

    def test_larger(self):
        self.check(dataset="20x30")

    def test_what_is_stored_already_stays(self):
        simulator = self.simulator()
        self.paired(simulator)
        run = self.paired(simulator, "--again", **DRY)
        done = run.named("done")[0]
        self.assertEqual((done["threads"], done["messages"]), (0, 0))
        self.assert_inbox_equals(simulator)

    def test_only_a_clear_yes(self):
        simulator = self.simulator(dataset="2x2")
        self.paired(simulator, WHATSAPP_HISTORY_SYNC_DRY_RUN="false")
        self.assert_inbox_equals(simulator)

    def test_seen_in_a_pipe(self):
        simulator = self.simulator(dataset="2x3")
        where = ("--server", simulator.url, "--server-key", simulator.key)
        run = self.start("pair", *where, **DRY)
        line = run.out.next(harness.time.monotonic() + harness.PATIENCE)
        simulator.scan(line.partition("code=")[2].rstrip("\n"))
        self.assertEqual(run.wait(), harness.OK, run.account())
        self.assertRegex(run.out.text(), r"(?m)^done .* threads=2 messages=6 .*dry_run=true$")
        self.assertIn("stored none of the history", run.err.text())


if __name__ == "__main__":
    harness.main()
