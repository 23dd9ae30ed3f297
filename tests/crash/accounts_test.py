#!/usr/bin/env python3
"""kill -9 of `listen` with several accounts, at random: see killed.py.

usage: ctest --test-dir BUILD_DIR -R crash.accounts
       CRASH_ROUNDS=1000 CRASH_SEED=1 ctest --test-dir BUILD_DIR -R crash.accounts
"""

import harness
from killed import ROUNDS, Killed


class Accounts(Killed, harness.Case):
    def where(self):
        return {}

    def test_all_of_them_at_once(self):
        self.survive(ROUNDS or 8)


if __name__ == "__main__":
    harness.main()
