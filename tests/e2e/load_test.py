#!/usr/bin/env python3
"""A stream of mixed messages while wa-sync is online: the inbox holds exactly what was written.

usage: load_test.py BUILD_BIN_DIR [TEST…]
"""

import json

import harness
from harness import OK, Case


class Stream(Case):
    def online(self, simulator):
        """With the history stored, and waiting for the rest."""
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        simulator.until(lambda state: state["history_chunks"] > 0)
        chunks = simulator.state()["history_chunks"]
        simulator.until(lambda _: len(simulator.receipts("hist_sync")) == chunks)
        return run

    def written(self, simulator, **load):
        simulator.ask("load", json.dumps(load))
        simulator.until(lambda _: self.is_over(simulator.ask("load")))

    def is_over(self, load):
        return load["left"] == 0 and load["pending"] == [0]

    def check(self, dataset, *options, **load):
        simulator = self.simulator(*options, dataset=dataset, faults=["hold-app-state"])
        run = self.online(simulator)
        self.written(simulator, **load)
        simulator.fault("hold-app-state=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assertEqual(simulator.state()["complaints"], [])
        return simulator

    def test_as_fast_as_acked(self):
        simulator = self.check("6x20", messages=1500, seed=7)
        written = [
            message
            for thread in simulator.dataset()["threads"]
            for message in thread["message_list"][20:]
        ]
        self.assertGreater(len(written), 900)
        for what in ("edited", "deleted", "reactions", "quoted_id", "from_me"):
            self.assertGreater(len([each for each in written if each.get(what)]), 20, what)

    def test_at_a_rate(self):
        self.check("6x20", messages=60, rate=200)

    def test_in_every_kind_of_chat(self):
        self.check("small", messages=800, seed=3)

    def test_the_connection_is_cut_meanwhile(self):
        simulator = self.simulator(dataset="6x20", faults=["hold-app-state", "drop-after=150"])
        run = self.online(simulator)
        self.written(simulator, messages=600)
        simulator.fault("hold-app-state=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)
        self.assertGreater(simulator.state()["logins"], 1)


if __name__ == "__main__":
    harness.main()
