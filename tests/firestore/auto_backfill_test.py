#!/usr/bin/env python3
"""Scheduled backfill of `listen` with Firestore: what the account's document says of it, and that of
several hosts one does it.

usage: ctest --test-dir BUILD_DIR -R firestore.auto_backfill
"""

import signal
import sqlite3

import harness
from case import FirestoreCase
from harness import OK
from inbox_contract import account_violations
from listen_test import ListenCase, in_seconds
from values import Time

ON = {"AUTO_BACKFILL_ENABLED": "true", "AUTO_BACKFILL_INTERVAL_MS": "200"}
CHATS = 3
PER_THREAD = 20


class AutoBackfill(ListenCase):
    def setUp(self):
        FirestoreCase.setUp(self)
        self.sim = self.simulator("--older", "70", dataset="3x20")
        self.paired(self.sim, **self.where())
        self.inbox = self.google()
        self.account = self.account_of(self.sim)
        self.path = "accounts/" + self.account

    def filling(self, *options, host=None, instance="one", **environment):
        return self.listening(*options, host=host, INSTANCE_ID=instance, **ON, **environment)

    def requests(self):
        return self.sim.ask("receipts")["history_requests"]

    def attempt(self):
        database = sqlite3.connect("file:%s?mode=ro" % self.account_file(), uri=True)
        try:
            row = database.execute("SELECT attempt_at FROM auto_backfill").fetchone()
            return row[0] if row else 0
        finally:
            database.close()

    def until_status(self, what, is_so):
        return self.until_document(
            what, lambda it: is_so(it.get("lastAutoBackfillStatus") or {})
        )


class Document(AutoBackfill):
    def test_after_a_success(self):
        run = self.filling()
        run.event("backfill_ended")
        run.stop(signal.SIGTERM, OK)
        document = self.document()
        self.assertEqual([], account_violations(self.account, document))
        status = document["lastAutoBackfillStatus"]
        self.assertGreater(status.pop("durationMs"), 0)
        self.assertEqual(
            status,
            {
                "ok": True,
                "running": False,
                "threads": CHATS,
                "messages": CHATS * PER_THREAD,
                "errors": 0,
                "errorCode": None,
                "errorMessage": None,
            },
        )
        for name in ("lastAutoBackfillAt", "lastAutoBackfillAttemptAt", "lastAutoBackfillSuccessAt"):
            self.assertIsInstance(document[name], Time)
        self.assertEqual(document["lastAutoBackfillAt"], document["lastAutoBackfillSuccessAt"])
        self.assertNotIn("lastBackfillAt", document)
        self.assertNotIn("autoBackfillLeaseHolder", document)
        self.assertNotIn("autoBackfillLeaseUntil", document)
        self.assertIn("autoBackfillLeaseAcquiredAt", document)

    def test_while_it_runs_and_when_it_was_stopped(self):
        self.sim.fault("on-demand-silent")
        run = self.filling()
        run.event("backfill_started")
        document = self.until_status("running", lambda status: status.get("running"))
        self.assertEqual([], account_violations(self.account, document))
        status = document["lastAutoBackfillStatus"]
        self.assertEqual(set(status), {"running", "startedAt", "trigger", "holder"})
        self.assertIn(status["trigger"], ("connect", "periodic"))
        self.assertEqual(status["holder"], "one")
        self.assertEqual(status["startedAt"], document["lastAutoBackfillAttemptAt"])
        self.assertNotIn("lastAutoBackfillSuccessAt", document)
        self.assertEqual(document["autoBackfillLeaseHolder"], "one")
        self.assertGreater(
            document["autoBackfillLeaseUntil"], document["autoBackfillLeaseAcquiredAt"]
        )
        run.stop(signal.SIGTERM, OK)
        document = self.document()
        status = document["lastAutoBackfillStatus"]
        self.assertEqual(
            (status["ok"], status["running"], status["errorCode"]), (False, False, "interrupted")
        )
        self.assertTrue(status["errorMessage"])
        self.assertNotIn("lastAutoBackfillSuccessAt", document)
        self.assertNotIn("autoBackfillLeaseHolder", document)

    def test_killed_in_the_middle(self):
        self.sim.fault("on-demand-silent")
        run = self.filling()
        run.event("backfill_started")
        self.until_status("running", lambda status: status.get("running"))
        run.kill()
        again = self.listening(INSTANCE_ID="one")
        again.event("connected")
        document = self.until_status("settled", lambda status: status.get("running") is False)
        status = document["lastAutoBackfillStatus"]
        self.assertEqual((status["ok"], status["errorCode"]), (False, "interrupted"))
        again.stop(signal.SIGTERM, OK)


class Lease(AutoBackfill):
    def test_another_instance_has_it(self):
        self.inbox.set(
            self.path, autoBackfillLeaseHolder="two", autoBackfillLeaseUntil=in_seconds(3000)
        )
        run = self.filling()
        self.assertEqual(run.event("backfill_skipped")["holder"], "two")
        # Said once; and while it was looked at again and again nothing was done.
        self.sim.send_message(chat=self.chat()[0], text="tick")
        run.event("received")
        self.assertEqual(len(run.named("backfill_skipped")), 1)
        self.assertEqual((run.named("backfill_started"), self.requests()), ([], []))
        self.assertEqual(self.attempt(), 0)
        self.assertEqual(self.document()["autoBackfillLeaseHolder"], "two")
        # Its lease has run out: it is taken.
        self.inbox.set(self.path, autoBackfillLeaseUntil=in_seconds(-1))
        self.assertTrue(run.event("backfill_ended")["ok"])
        self.assertEqual(len(self.requests()), CHATS)
        run.stop(signal.SIGTERM, OK)
        self.assertNotIn("autoBackfillLeaseHolder", self.document())

    def test_the_connection_s_lease_is_another_one(self):
        self.inbox.set(
            self.path, autoBackfillLeaseHolder="two", autoBackfillLeaseUntil=in_seconds(3000)
        )
        run = self.filling()
        run.event("backfill_skipped")
        self.assertEqual(self.document()["claimedBy"], "one")
        run.stop(signal.SIGTERM, OK)

    def test_without_firestore_there_is_none_this_time(self):
        proxy = self.proxy()
        run = self.listening(host=proxy.host, INSTANCE_ID="one")
        run.event("connected")
        run.stop(signal.SIGTERM, OK)
        proxy.pause()
        run = self.filling(host=proxy.host)
        self.assertIsNone(run.event("backfill_skipped")["holder"])
        self.assertEqual(self.attempt(), 0)
        self.assertEqual(self.requests(), [])
        proxy.resume()
        self.assertTrue(run.event("backfill_ended")["ok"])
        self.assertEqual(len(run.named("backfill_skipped")), 1)
        run.stop(signal.SIGTERM, OK)


if __name__ == "__main__":
    harness.main()
