#!/usr/bin/env python3
"""kill -9 of `pair` at every commit of the upload: the same command run again ends with the
Inbox equal to what the phone holds. Needs wa-sync-crash.

usage: ctest --test-dir BUILD_DIR -R firestore.crash
"""

import os
import signal

import harness
from case import FirestoreCase
from harness import OK
from values import Time

LONG_AGO = Time("2020-01-02T03:04:05Z")
COMMITS = ("uploaded", "adopted", "upload target")


class Crash(FirestoreCase):
    def setUp(self):
        super().setUp()
        if not os.access(harness.program("wa-sync-crash"), os.X_OK):
            self.fail("build the target wa-sync-crash first")

    def check(self, at):
        """Whether it came to that."""
        with self.subTest(at=at):
            self.state = os.path.join(self.scratch, "state-" + at.replace(" ", "-"))
            self.project = self.project.partition("--")[0] + "--" + at[0] + at[2]
            simulator = self.simulator("--chunk", "30", dataset="6x20")
            google = self.google()
            # So that there is something to adopt.
            account = self.account_of(simulator)
            jid = simulator.dataset()["threads"][0]["jid"]
            first = simulator.dataset()["threads"][0]["message_list"][0]["id"]
            google.set("threads/%s__%s" % (account, jid), accountId=account, notes="VIP")
            kept = {"createdAt": LONG_AGO, "syncSource": "realtime"}
            google.set("threads/%s__%s/messages/%s" % (account, jid, first), **kept)
            killed = self.start_pair(simulator, name="wa-sync-crash", CRASH_AT=at, **self.where())
            killed.code = killed.finish(simulator)
            self.assertIn(killed.code, (OK, -signal.SIGKILL), killed.account())
            if killed.code == -signal.SIGKILL:
                self.paired(simulator, **self.where())
            whole = self.assert_uploaded(simulator, google)
            thread = whole["threads"]["%s__%s" % (account, jid)]
            self.assertEqual(thread["fields"]["notes"], "VIP")
            self.assertLessEqual(kept.items(), thread["messages"][first].items())
            self.assert_sound()
            simulator.end()
            return killed.code == -signal.SIGKILL

    def check_each_time(self, moment):
        """At the first time it comes, the second, … and on until a run gets by without."""
        for count in range(1, 9):
            if not self.check("%d:%s" % (count, moment)):
                self.assertGreater(count, 1, "it never came")
                return


def add_moments():
    for name in COMMITS:
        for moment in ("before " + name, "after " + name):
            test = "test_" + moment.replace(" ", "_")
            setattr(Crash, test, lambda self, moment=moment: self.check_each_time(moment))


add_moments()


if __name__ == "__main__":
    harness.main()
