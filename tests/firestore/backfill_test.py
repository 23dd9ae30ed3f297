#!/usr/bin/env python3
"""`wa-sync backfill` beside Firestore: what it brings is in the Inbox when it ends, and what others
have put there is gone on from.

usage: ctest --test-dir BUILD_DIR -R firestore.backfill
"""

import os

import harness
from case import FirestoreCase
from harness import OK, TIMED_OUT

OLDER = 70  # of each chat, that come on demand only
CHATS, HELD = 3, 20


class Backfill(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator("--older", str(OLDER), dataset="%dx%d" % (CHATS, HELD))
        self.paired(self.whatsapp, **self.where())

    def backfill(self, *options, code=OK, **environment):
        where = ("--server", self.whatsapp.url, "--server-key", self.whatsapp.key)
        run = self.start("backfill", "--json", *where, *options, **self.where(), **environment)
        run.code = run.finish()
        self.assertEqual(run.code, code, run.account())
        return run

    def another_host(self):
        """Linked too, with nothing of the history but a message that came since."""
        self.state = os.path.join(self.scratch, "another")
        self.whatsapp.fault("no-history")
        self.paired(self.whatsapp, "--no-wait", **self.where())
        listening = self.start_listen(self.whatsapp, **self.where())
        listening.event("connected")
        self.whatsapp.send_message(chat=self.threads()[0]["jid"], text="de pe telefon", **{"from": "me"})
        listening.event("received")
        listening.stop(harness.signal.SIGTERM, OK)
        self.assertEqual([each["messages"] for each in self.threads()], [1] + [0] * (CHATS - 1))

    def in_the_inbox(self):
        whole = self.google().read_account(self.account_of(self.whatsapp))
        return {name: thread["messages"] for name, thread in whole["threads"].items()}

    def assert_all_there(self):
        found = sorted(len(each) for each in self.in_the_inbox().values())
        self.assertEqual(found, [HELD + OLDER] * (CHATS - 1) + [HELD + OLDER + 1])
        # One that another host has brought may come once more: it stays that host's.
        sources = [
            message["syncSource"]
            for messages in self.in_the_inbox().values()
            for message in messages.values()
        ]
        self.assertEqual(sources.count("backfill"), CHATS * OLDER)

    def test_what_it_brings_is_in_the_inbox(self):
        run = self.backfill("--count", "500")
        self.assertEqual(run.named("done")[0]["messages"], CHATS * OLDER)
        self.whatsapp.dataset = lambda app_state=True: self.whatsapp.ask("dataset?older=yes")
        whole = self.assert_uploaded(self.whatsapp, self.google())
        account = whole["account"]
        self.assertEqual(account["lastBackfillResult"]["messages"], CHATS * OLDER)
        self.assertTrue(all(each["fields"]["historyExhausted"] for each in whole["threads"].values()))
        sources = [
            message["syncSource"]
            for thread in whole["threads"].values()
            for message in thread["messages"].values()
        ]
        self.assertEqual(sources.count("backfill"), CHATS * OLDER)

    def test_what_came_before_it_failed_is_there_too(self):
        newest = self.threads()[0]["thread"]
        self.backfill("--count", "10", "--thread", newest)
        self.whatsapp.fault("phone-offline")
        self.backfill("--thread", newest, "--timeout", "2s", code=TIMED_OUT)
        self.assertEqual(len(self.in_the_inbox()[newest]), HELD + 10)

    def test_from_messages_that_another_host_has_put_there(self):
        self.another_host()
        run = self.backfill("--count", "500")
        self.assertEqual([each["result"] for each in run.named("thread")], ["exhausted"] * CHATS)
        self.assert_all_there()

    def test_a_listener_asks_from_there_too(self):
        self.another_host()
        listening = self.start_listen(self.whatsapp, **self.where())
        listening.event("connected")
        self.backfill("--count", "500")
        listening.stop(harness.signal.SIGTERM, OK)
        self.assert_all_there()

    def test_without_firestore_there_is_nothing_to_ask_from(self):
        self.another_host()
        proxy = self.proxy()
        proxy.pause()
        where = ("--server", self.whatsapp.url, "--server-key", self.whatsapp.key)
        run = self.start("backfill", "--json", *where, **self.where(proxy.host))
        run.finish()
        results = sorted(each["result"] for each in run.named("thread"))
        self.assertEqual(results, ["exhausted"] + ["no_anchor"] * (CHATS - 1))
        self.assertIn("from what is stored here alone", run.err.text())


if __name__ == "__main__":
    harness.main()
