#!/usr/bin/env python3
"""A stream of mixed messages while `listen` runs: the inbox holds exactly what was written.

usage: load_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import signal

import harness
from harness import OK, Case


class Stream(Case):
    def write(self, simulator, **load):
        """Until the client has answered all of it."""
        simulator.ask("load", json.dumps(load))
        simulator.until(lambda _: self.is_over(simulator.ask("load")))

    def is_over(self, load):
        return load["left"] == 0 and load["pending"] == [0]

    def check(self, dataset, faults=(), **load):
        simulator = self.simulator(dataset=dataset)
        self.paired(simulator)
        for fault in faults:
            simulator.fault(fault)
        run = self.connected(simulator)
        self.write(simulator, **load)
        run.stop(signal.SIGTERM, OK)
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

    def test_everything_comes_twice(self):
        self.check("6x20", faults=["duplicate"], messages=400)

    def test_the_connection_is_cut_meanwhile(self):
        simulator = self.check("6x20", faults=["drop-after=150"], messages=600)
        self.assertGreater(simulator.state()["logins"], 2)

    def test_it_waited_at_the_server(self):
        simulator = self.simulator(dataset="6x20")
        self.paired(simulator)
        simulator.ask("load", json.dumps({"messages": 1000, "window": 1000}))
        simulator.until(lambda _: simulator.ask("load")["left"] == 0)
        self.assertEqual(simulator.ask("load")["pending"], [1000])
        run = self.connected(simulator)
        simulator.until(lambda _: self.is_over(simulator.ask("load")))
        run.stop(signal.SIGTERM, OK)
        self.assert_inbox_equals(simulator)


if __name__ == "__main__":
    harness.main()
