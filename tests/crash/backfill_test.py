#!/usr/bin/env python3
"""kill -9 of `wa-sync backfill`, and of the listener that runs one for it, before and after every
commit: the next run brings what is left, and nothing twice.

usage: ctest --test-dir BUILD_DIR -R crash.backfill
"""

import collections
import os
import signal

import harness
from harness import OK, Case

OLDER = 70  # of each chat, that come on demand only

# Every commit of a backfill, and of the login before it.
COMMITS = (
    "older messages asked for",
    "message",
    "history",
    "receipts delivered",
    "account marked",
)
MOMENTS = [moment + " " + name for name in COMMITS for moment in ("before", "after")]


class Crash(Case):
    def linked(self):
        simulator = self.simulator("--older", str(OLDER), dataset="3x20")
        self.paired(simulator)
        return simulator

    def doomed(self, simulator, command, at=None, trace=None):
        environment = {"CRASH_AT": at} if at else {"CRASH_TRACE": trace} if trace else {}
        where = ("--server", simulator.url, "--server-key", simulator.key)
        options = ("--count", "500") if command == "backfill" else ()
        name = "wa-sync-crash" if environment else "wa-sync"
        return self.start(command, "--json", *where, *options, name=name, **environment)

    def check_goes_on(self, simulator):
        run = self.doomed(simulator, "backfill")
        self.assertEqual(run.finish(), OK, run.account())
        simulator.dataset = lambda app_state=True: simulator.ask("dataset?older=yes")
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assert_not_restored()
        self.assertEqual(simulator.receipts("retry"), [])
        self.assertEqual(simulator.state()["complaints"], [])


class EveryCommit(Crash):
    def test_the_names_are_all_there_are(self):
        trace = os.path.join(self.scratch, "trace")
        simulator = self.linked()
        run = self.doomed(simulator, "backfill", trace=trace)
        self.assertEqual(run.finish(), OK, run.account())
        with open(trace) as lines:
            seen = collections.Counter(line.rstrip("\n") for line in lines)
        self.assertEqual(sorted(seen), sorted(MOMENTS))

    def check_moment(self, moment):
        for count in (1, 3):
            with self.subTest(at="%d:%s" % (count, moment)):
                self.state = os.path.join(self.scratch, "state-%d" % count)
                simulator = self.linked()
                run = self.doomed(simulator, "backfill", at="%d:%s" % (count, moment))
                # The receipts of several answers may be delivered together, and an account is
                # marked twice: at the login and at the end.
                fewer = count > 1 and ("receipts" in moment or "marked" in moment)
                endings = [-signal.SIGKILL] + [OK] * fewer
                self.assertIn(run.wait(), endings, run.account())
                self.check_goes_on(simulator)
                simulator.end()

    def test_of_the_listener_that_runs_it(self):
        for moment in ("before ", "after "):
            with self.subTest(at=moment):
                self.state = os.path.join(self.scratch, "state-listener-" + moment.strip())
                simulator = self.linked()
                listening = self.doomed(simulator, "listen", at="4:" + moment + COMMITS[0])
                listening.event("connected")
                run = self.doomed(simulator, "backfill")
                self.assertEqual(listening.wait(), -signal.SIGKILL, listening.account())
                self.assertNotIn(run.finish(), (OK, -signal.SIGKILL), run.account())
                self.check_goes_on(simulator)
                simulator.end()


def add_moments():
    for moment in MOMENTS:
        name = "test_" + moment.replace(" ", "_").replace("-", "_")
        setattr(EveryCommit, name, lambda self, moment=moment: self.check_moment(moment))


add_moments()


if __name__ == "__main__":
    harness.main()
