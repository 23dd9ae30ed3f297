#!/usr/bin/env python3
"""Names that history did not bring: `wa-sync listen` asks for them, a few at a time and once.

usage: names_test.py BUILD_BIN_DIR [TEST…]
"""

import signal
import time

import harness
from harness import OK, PATIENCE, Case


class Names(Case):
    def groups(self):
        return {
            each["jid"]: each["name"] for each in self.threads() if each["jid"].endswith("@g.us")
        }

    def test_subjects_of_groups(self):
        sim = self.simulator(faults=["no-subjects"])
        self.paired(sim)
        wanted = {
            each["jid"]: each["name"]
            for each in sim.dataset()["threads"]
            if each["jid"].endswith("@g.us")
        }
        self.assertTrue(wanted)
        self.assertEqual(set(self.groups().values()), {None})
        self.assertNotIn("w:g2", sim.state()["queries"])
        run = self.connected(sim)
        deadline = time.monotonic() + PATIENCE
        while self.groups() != wanted and time.monotonic() < deadline:
            sim.until(lambda state: state["queries"].get("w:g2", 0) > 0)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.groups(), wanted)
        state = sim.state()
        self.assertEqual(state["queries"]["w:g2"], len(wanted))
        self.assertEqual(state["complaints"], [])
        self.assertEqual(state["unknown_queries"], [])


if __name__ == "__main__":
    harness.main()
