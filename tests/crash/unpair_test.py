#!/usr/bin/env python3
"""kill -9 of `wa-sync unpair` before and after its commit: the same command run again finishes
what was begun, and the inbox is as it was.

usage: ctest --test-dir BUILD_DIR -R crash.unpair
"""

import json
import os
import signal

import harness
from harness import OK, Case


class Unpair(Case):
    def check(self, moment, *options):
        simulator = self.simulator(dataset="3x5")
        self.paired(simulator)
        where = ("--server", simulator.url, "--server-key", simulator.key)
        killed = self.start("unpair", *where, *options, name="wa-sync-crash", CRASH_AT=moment)
        killed.code = killed.wait()
        self.assertEqual(killed.code, -signal.SIGKILL, killed.account())
        # WhatsApp had agreed by then.
        self.assertEqual(simulator.state()["companions"], [])
        run = self.run_sync("unpair", "--json", *where, *options)
        self.assertEqual(run.code, OK, run.account())
        self.assertEqual(json.loads(run.out.text())["unlinked"], "already")
        return simulator

    def test_before(self):
        self.assert_inbox_equals(self.check("1:before unlink"))
        self.assert_sound()

    def test_after(self):
        self.assert_inbox_equals(self.check("1:after unlink"))
        self.assert_sound()

    def test_purge(self):
        self.check("1:after unlink", "--purge", "--yes")
        self.assertEqual(os.listdir(os.path.join(self.state, "accounts")), [])


if __name__ == "__main__":
    harness.main()
