#!/usr/bin/env python3
"""The clock of a running listener jumps: see jumps.py.

usage: ctest --test-dir BUILD_DIR -R crash.clock_jumps
"""

import harness
from jumps import Jumps


class Inbox(Jumps, harness.Case):
    def where(self):
        return {}

    def test_in_the_middle_of_everything(self):
        self.survive()


if __name__ == "__main__":
    harness.main()
