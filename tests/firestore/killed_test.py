#!/usr/bin/env python3
"""kill -9 of `listen` with several accounts and Firestore, at random: the Inbox has in the end what
an undisturbed run leaves. See tests/crash/killed.py.

usage: ctest --test-dir BUILD_DIR -R firestore.killed
       CRASH_ROUNDS=1000 CRASH_SEED=1 ctest --test-dir BUILD_DIR -R firestore.killed
"""

import collections
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "crash"))

import harness
from case import FirestoreCase
from killed import ROUNDS, Killed


class Inbox(Killed, FirestoreCase):
    def test_all_of_it_is_there_once(self):
        self.inbox = self.google()
        self.survive(ROUNDS or 8)

    def unsent(self):
        waiting = "SELECT count(*) FROM messages WHERE revision > uploaded_revision"
        return sum(self.rows(each["account"], waiting)[0][0] for each in self.accounts())

    def compare(self, key, figures):
        super().compare(key, figures)
        whole = self.assert_uploaded(key, self.inbox)
        found = collections.Counter(
            (thread["fields"]["clientJid"], message)
            for thread in whole["threads"].values()
            for message in thread["messages"]
        )
        figures["documents"] += found.total()
        self.count(self.stored(), found, figures)


if __name__ == "__main__":
    harness.main()
