#!/usr/bin/env python3
"""Every read, write, sync, lock, … of an account's file fails once, or all of them from one on, or
the disk is full from one on, and later works again: nothing is lost or there twice, and what fails is
an error that is told. A sample of them; WASYNC_LONG=1: all. See store_faults.cpp.

usage: ctest --test-dir BUILD_DIR -R crash.store
"""

import json
import os
import random
import subprocess
import unittest

import harness

OLD_ACCOUNT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "old_account.db")
EVERY = 1 if os.environ.get("WASYNC_LONG") else 60
WORK = ("history", "live", "pair", "update")
TROUBLE = ("once", "broken", "full")


def run(*options):
    """The figures, a dictionary for each way to go on; and what went wrong."""
    command = [harness.program("store-faults"), "--old-account", OLD_ACCOUNT, *options]
    done = subprocess.run(
        command, env={**harness.clean_environment(), "TMPDIR": os.environ.get("TMPDIR", "/tmp")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr, done.returncode


class Store(unittest.TestCase):
    def check(self, work, trouble):
        first = random.randint(1, EVERY)
        options = ("--work", work, "--trouble", trouble)
        figures, said, code = run(*options, "--every", str(EVERY), "--first", str(first))
        print("from call %d on, each %d: %s" % (first, EVERY, json.dumps(figures)))
        self.assertEqual((code, said), (0, ""))
        self.assertEqual(len(figures), 2)
        for each in figures:
            self.assertGreaterEqual(each["faults"], 3, each)
            # What fails once in a burst of messages may go well with each of them alone.
            self.assertTrue(each["reported"] > 0 or trouble == "once", each)


def add_tests():
    for work in WORK:
        for trouble in TROUBLE:
            name = "test_%s_%s" % (work, trouble)
            setattr(
                Store, name, lambda self, work=work, trouble=trouble: self.check(work, trouble)
            )


add_tests()


if __name__ == "__main__":
    harness.main()
