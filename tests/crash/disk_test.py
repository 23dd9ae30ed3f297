#!/usr/bin/env python3
"""The disk of `pair` and of `listen` is full from one call on, or a call fails once: every file that
wa-sync writes, not only the account's (store_test.py). It says so, and goes on when the disk is well
again: nothing is lost or there twice. A sample of the calls, a larger one with WASYNC_LONG=1.

usage: ctest --test-dir BUILD_DIR -R crash.disk
"""

import json
import os
import random
import signal

import harness
from harness import FAILED, OK, Case
from unlucky import ALL, Unlucky

SAMPLE = 80 if os.environ.get("WASYNC_LONG") else 6  # of the calls
MESSAGES = 60


def chosen(calls):
    """Which of them fail."""
    return sorted(random.sample(range(1, calls + 1), min(SAMPLE, calls)))


class Disk(Case):
    def fresh(self, name, chunk="30"):
        self.state = os.path.join(self.scratch, "state-" + name)
        simulator = self.simulator("--chunk", chunk, dataset="4x20")
        return simulator, Unlucky(self, self.state)

    def is_over(self, simulator):
        load = simulator.ask("load")
        return load["left"] == 0 and not any(load["pending"])


class Pair(Disk):
    def check(self, break_it):
        simulator, luck = self.fresh("undisturbed")
        luck.fail(ALL)
        self.paired(simulator, **luck.environment)
        calls = luck.counted
        simulator.end()
        self.assertGreater(calls, 50)
        reported = 0
        for nth in chosen(calls):
            with self.subTest(call=nth, of=calls):
                simulator, luck = self.fresh(str(nth))
                break_it(luck, nth)
                run = self.pair(simulator, **luck.environment)
                # Two runs are not quite the same, so that the last calls may not come.
                self.assertIn(run.code, (OK, FAILED), run.account())
                if run.code == FAILED:
                    self.assert_fails(run, FAILED)
                    reported += 1
                luck.recover()
                self.paired(simulator, **luck.environment)
                self.assert_inbox_equals(simulator)
                self.assert_sound()
                simulator.end()
        self.assertGreater(reported, 0)

    def test_full(self):
        self.check(lambda luck, nth: luck.fill(nth))

    def test_failing_once(self):
        self.check(lambda luck, nth: luck.fail(nth))


class Listen(Disk):
    def write(self, simulator, seed):
        simulator.ask("load", json.dumps({"messages": MESSAGES, "seed": seed, "window": 20}))

    def check(self, break_it):
        """The same listener, again and again."""
        simulator, luck = self.fresh("live")
        self.paired(simulator)
        run = self.connected(simulator, **luck.environment)
        luck.fail(ALL)
        self.write(simulator, 1)
        simulator.until(lambda _: self.is_over(simulator))
        calls = luck.counted
        self.assertGreater(calls, 20)
        halted = 0
        for seed, nth in enumerate(chosen(calls), 2):
            break_it(luck, nth)
            self.write(simulator, seed)
            while not self.is_over(simulator):
                simulator.until(lambda _: self.is_over(simulator) or not run.out.arrived.empty())
                if not run.out.arrived.empty() and run.next_event()["event"] == "halted":
                    # It does not try all the time what cannot be, and begins at once when told to.
                    self.assertEqual(run.events[-1]["code"], "store", run.account())
                    halted += 1
                    luck.recover()
                    run.process.send_signal(signal.SIGHUP)
            luck.recover()
        run.stop(signal.SIGTERM, OK)
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assertEqual(simulator.receipts("retry"), [])
        return halted

    def test_full(self):
        self.assertGreater(self.check(lambda luck, nth: luck.fill(nth)), 0)

    def test_failing_once(self):
        self.check(lambda luck, nth: luck.fail(nth))


if __name__ == "__main__":
    harness.main()
