#!/usr/bin/env python3
"""kill -9 of `diagnose --fix` before and after each of its commits: the same command run again ends
with everything repaired, and nothing lost.

usage: fix_crash_test.py BUILD_BIN_DIR [TEST…]
"""

import signal

import fix_test
import harness


class Killed(fix_test.FixCase):
    def killed_at(self, moment):
        self.without_time()
        self.twice()
        run = self.run_sync("diagnose", "--fix", "--yes", name="wa-sync-crash", CRASH_AT=moment)
        self.assertEqual(run.code, -signal.SIGKILL, run.account())
        self.assert_sound()
        return self.repaired(self.fix(fix_test.NOT_CONNECTED))

    def test_before_the_first(self):
        self.assertEqual(len(self.killed_at("1:before repair")), 2)
        self.assert_dated()
        self.assert_united()

    def test_between_two(self):
        self.assertEqual(self.killed_at("1:after repair"), ["redirect_duplicate"])
        self.assert_dated()
        self.assert_united()

    def test_before_the_second(self):
        self.assertEqual(self.killed_at("2:before repair"), ["redirect_duplicate"])
        self.assert_dated()
        self.assert_united()

    def test_after_the_last(self):
        self.assertEqual(self.killed_at("2:after repair"), [])
        self.assert_dated()
        self.assert_united()


if __name__ == "__main__":
    harness.main()
