#!/usr/bin/env python3
"""The clock of a running listener jumps while it writes the Inbox, and between what it renews: leases
and documents have the right times. See tests/crash/jumps.py.

usage: ctest --test-dir BUILD_DIR -R firestore.clock_jumps
"""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "crash"))

import harness
from case import FirestoreCase
from inbox_contract import milliseconds
from jumps import Jumps

LEASE_S = 10


class Inbox(Jumps, FirestoreCase):
    def test_in_the_middle_of_everything(self):
        self.inbox = self.google()
        self.survive("--lease", "%ds" % LEASE_S)
        whole = self.assert_uploaded(self.sim, self.inbox)
        now = time.time()
        for thread in whole["threads"].values():
            for fields in (thread["fields"], *thread["messages"].values()):
                for name in ("updatedAt", "syncedAt", "createdAt"):
                    if name in fields:
                        at = milliseconds(fields[name]) / 1000
                        self.assertLess(abs(at - now), 600, (name, fields))

    def check_now(self, run, luck):
        """Also the lease: another host must have it in time, not in a year."""
        super().check_now(run, luck)
        path = "accounts/" + self.account_of(self.sim)
        for ahead in (365 * 86400, -10 * 86400):
            luck.jump(ahead)
            until = self.lease_until(path)
            # It is renewed each third of its time.
            deadline = time.monotonic() + harness.PATIENCE
            while self.lease_until(path) == until:
                self.assertLess(time.monotonic(), deadline)
            left = self.lease_until(path) - time.time()
            self.assertTrue(-2 < left < LEASE_S + 2, left)

    def lease_until(self, path):
        return milliseconds(self.inbox.get(path)["leaseUntil"]) / 1000


if __name__ == "__main__":
    harness.main()
