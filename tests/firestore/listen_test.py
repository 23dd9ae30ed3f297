#!/usr/bin/env python3
"""`listen` with Firestore: what comes live is in the Inbox, the account's status is true, and of
several hosts one runs an account.

usage: ctest --test-dir BUILD_DIR -R firestore.listen
"""

import json
import os
import shutil
import signal
import time
from datetime import datetime, timedelta, timezone

import harness
from case import FirestoreCase
from harness import OK
from values import Time

LEASE = ("--lease", "10s")  # renewed every 3.3 s, looked at by others every 1.7 s


def in_seconds(seconds):
    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return Time(at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


class ListenCase(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator()
        self.paired(self.sim, **self.where())
        self.inbox = self.google()
        self.path = "accounts/" + self.account_of(self.sim)

    def listening(self, *options, host=None, **environment):
        return self.start_listen(self.sim, *options, **self.where(host), **environment)

    def document(self):
        return self.inbox.get(self.path)

    def until_document(self, what, is_so):
        """Asks until the account's document is as it should be."""
        deadline = time.monotonic() + harness.PATIENCE
        while not is_so(document := self.document()):
            if time.monotonic() > deadline:
                raise AssertionError("never %s: %r" % (what, document))
        return document

    def until_text(self, thread, text):
        deadline = time.monotonic() + harness.PATIENCE
        while text not in [each["body"] for each in self.texts(thread)]:
            if time.monotonic() > deadline:
                raise AssertionError("%r never came" % text)

    def texts(self, thread):
        whole = self.inbox.read_account(self.account_of(self.sim))
        return list(whole["threads"][thread]["messages"].values())

    def chat(self):
        thread = next(each for each in self.threads() if each["jid"].endswith("s.whatsapp.net"))
        return thread["jid"], thread["thread"]


class Realtime(ListenCase):
    def test_a_live_message_is_in_the_inbox(self):
        jid, thread = self.chat()
        run = self.listening()
        run.event("connected")
        self.sim.send_message(chat=jid, text="live in the Inbox")
        self.until_text(thread, "live in the Inbox")
        (message,) = [each for each in self.texts(thread) if each["body"] == "live in the Inbox"]
        self.assertEqual(message["syncSource"], "realtime")
        self.until_document("ingested", lambda it: it.get("lastRealtimeIngestAt"))
        run.stop(signal.SIGTERM, OK)

    def test_firestore_away_for_a_while(self):
        proxy = self.proxy()
        jid, thread = self.chat()
        run = self.listening(host=proxy.host)
        run.event("connected")
        proxy.pause()
        self.sim.send_message(chat=jid, text="while it was away")
        while not run.event("upload")["trouble"]:
            pass
        proxy.resume()
        self.until_text(thread, "while it was away")
        run.stop(signal.SIGTERM, OK)

    def test_what_was_unsent_when_it_stopped_is_sent_by_the_next(self):
        jid, thread = self.chat()
        proxy = self.proxy()
        run = self.listening(host=proxy.host, INSTANCE_ID="one")
        run.event("connected")
        proxy.pause()
        self.sim.send_message(chat=jid, text="kept for later")
        run.event("received")
        run.stop(signal.SIGTERM, OK)
        self.assertNotIn("kept for later", [each["body"] for each in self.texts(thread)])
        run = self.listening(INSTANCE_ID="one")
        self.until_text(thread, "kept for later")
        run.stop(signal.SIGTERM, OK)


class Status(ListenCase):
    def test_connected_and_then_not(self):
        run = self.listening()
        run.event("connected")
        self.until_document("connected", lambda it: it["status"] == "connected")
        run.stop(signal.SIGTERM, OK)
        document = self.document()
        self.assertEqual(document["status"], "disconnected")
        self.assertIn("stopped", document["lastDisconnectReason"])

    def test_logged_out_by_the_phone(self):
        run = self.listening()
        run.event("connected")
        (account,) = self.json_of("accounts", "list")
        device = int(account["jid"].split(":")[1].split("@")[0])
        self.sim.ask("mock-phone/remove-device", json.dumps({"device": device}))
        run.event("halted")
        self.until_document("logged out", lambda it: it["status"] == "logged_out")
        run.stop(signal.SIGTERM, OK)


class Leases(ListenCase):
    def setUp(self):
        super().setUp()
        # The other host has all of the account's state.
        self.other_state = os.path.join(self.scratch, "other")
        shutil.copytree(self.state, self.other_state, ignore=shutil.ignore_patterns("run", "lock"))
        os.mkdir(os.path.join(self.other_state, "run"), 0o700)

    def other_host(self, *options):
        here, self.state = self.state, self.other_state
        try:
            return self.listening(*LEASE, *options, INSTANCE_ID="two")
        finally:
            self.state = here

    def this_host(self, *options, **environment):
        return self.listening(*LEASE, *options, **{"INSTANCE_ID": "one", **environment})

    def test_one_of_two_hosts_runs_it_and_the_other_takes_over_in_order(self):
        one = self.this_host()
        one.event("connected")
        document = self.document()
        self.assertEqual(document["claimedBy"], "one")
        self.assertGreater(document["leaseUntil"], document["claimedAt"])
        two = self.other_host()
        waiting = two.event("waiting")
        self.assertEqual((waiting["holder"], waiting["elsewhere"]), ("one", True))
        one.stop(signal.SIGTERM, OK)
        two.event("connected")
        self.assertEqual(self.document()["claimedBy"], "two")
        self.assertEqual(two.named("disconnected"), [])
        two.stop(signal.SIGTERM, OK)
        self.assertNotIn("claimedBy", self.document())

    def test_a_host_that_died_loses_it_when_its_lease_has_run_out(self):
        one = self.this_host()
        one.event("connected")
        before = self.document()["leaseUntil"]
        self.until_document("renewed", lambda it: it["leaseUntil"] != before)
        one.kill()
        two = self.other_host()
        two.event("waiting")
        two.event("connected")
        self.assertEqual(self.document()["claimedBy"], "two")
        two.stop(signal.SIGTERM, OK)

    def test_one_that_lost_its_lease_lets_go(self):
        one = self.this_host()
        one.event("connected")
        self.inbox.set(self.path, claimedBy="three", leaseUntil=in_seconds(3600))
        waiting = one.event("waiting")
        self.assertEqual((waiting["holder"], waiting["elsewhere"]), ("three", True))
        self.sim.until(lambda state: state["open_connections"] == 0)
        self.inbox.set(self.path, claimedBy="three", leaseUntil=in_seconds(0))
        one.event("connected")
        one.stop(signal.SIGTERM, OK)

    def test_a_lease_that_a_wrong_clock_wrote_binds_nobody(self):
        self.inbox.set(self.path, claimedBy="three", leaseUntil=in_seconds(10 * 86_400))
        one = self.this_host()
        one.event("connected")
        self.assertEqual(self.document()["claimedBy"], "one")
        one.stop(signal.SIGTERM, OK)

    def test_a_single_host_needs_no_firestore_to_go_on(self):
        proxy = self.proxy()
        proxy.pause()
        run = self.listening(*LEASE, host=proxy.host)
        run.event("connected")
        jid, _ = self.chat()
        self.sim.send_message(chat=jid, text="still taken in")
        run.event("received")
        run.stop(signal.SIGTERM, OK)

    def copied(self):
        """A clone of this host: it has all of its state as of now, and its name."""
        clone = os.path.join(self.scratch, "clone")
        shutil.copytree(self.state, clone, ignore=shutil.ignore_patterns("run", "lock"))
        os.mkdir(os.path.join(clone, "run"), 0o700)
        here, self.state = self.state, clone
        try:
            return self.this_host()
        finally:
            self.state = here

    def test_a_clone_of_the_same_name_is_another_host(self):
        one = self.this_host()
        one.event("connected")
        life = self.document()["claimedLife"]
        clone = self.copied()
        waiting = clone.event("waiting")
        self.assertEqual((waiting["holder"], waiting["elsewhere"]), ("one", True))
        self.assertEqual(self.document()["claimedLife"], life)
        one.stop(signal.SIGTERM, OK)
        clone.event("connected")
        self.assertNotEqual(self.document()["claimedLife"], life)
        clone.stop(signal.SIGTERM, OK)
        self.assertEqual(one.named("halted"), [])
        self.assertEqual(len(one.named("connected")), 1)
        self.assertNotIn("claimedLife", self.document())

    def test_the_same_name_takes_it_up_at_once(self):
        one = self.this_host()
        one.event("connected")
        one.kill()
        again = self.this_host()
        again.event("connected")
        self.assertEqual(again.named("waiting"), [])
        again.stop(signal.SIGTERM, OK)


if __name__ == "__main__":
    harness.main()
