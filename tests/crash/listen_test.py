#!/usr/bin/env python3
"""kill -9 of `wa-sync listen` before and after every commit, and at random, while people write:
run again it has all of it, once, and can still read everybody.

usage: ctest --test-dir BUILD_DIR -R crash.listen
"""

import collections
import json
import os
import random
import shutil
import signal

import harness
from harness import OK, Case

# Printed with each failure, so that it can be had again.
SEED = int(os.environ.get("CRASH_SEED", "1"))
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "4"))  # of each random test
MESSAGES = int(os.environ.get("CRASH_MESSAGES", "120"))
PERSON = "40721000001@s.whatsapp.net"

# Every commit that happens while messages come, the history is there and nothing is wrong. A new
# one must be added here: the first test says so.
COMMITS = ("message",)
MOMENTS = [moment + " " + name for name in COMMITS for moment in ("before", "after")]


class Crash(Case):
    def linked(self, faults=()):
        """A simulator whose phone has handed over its history."""
        simulator = self.simulator("--chunk", "30", dataset="6x20", faults=faults)
        self.paired(simulator)
        return simulator

    def doomed(self, simulator, at):
        where = ("--server", simulator.url, "--server-key", simulator.key)
        return self.start("listen", "--json", *where, name="wa-sync-crash", CRASH_AT=at)

    def crash(self, simulator, at):
        """Listens until it is killed."""
        run = self.doomed(simulator, at)
        self.assertEqual(run.wait(), -signal.SIGKILL, run.account())

    def crash_or_end(self, simulator, at):
        """… or everything has been written; whether it was killed."""
        run = self.doomed(simulator, at)
        simulator.until(lambda _: run.process.poll() is not None or self.is_over(simulator))
        killed = run.process.poll() is not None
        if killed:
            self.assertEqual(run.wait(), -signal.SIGKILL, run.account())
        else:
            run.kill()
        return killed

    def is_over(self, simulator):
        load = simulator.ask("load")
        return load["left"] == 0 and load["pending"] == [0]

    def write(self, simulator, **load):
        simulator.ask("load", json.dumps(load))

    def check_goes_on(self, simulator):
        """The rest of it comes, then one more message of everybody; nobody was asked twice."""
        run = self.connected(simulator)
        simulator.until(lambda _: self.is_over(simulator))
        self.write(simulator, everybody=True)
        simulator.until(lambda _: self.is_over(simulator))
        run.stop(signal.SIGTERM, OK)
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assert_not_restored()
        self.assertEqual(simulator.receipts("retry"), [])
        self.assertEqual(simulator.state()["complaints"], [])


class EveryCommit(Crash):
    def test_the_names_are_all_there_are(self):
        trace = os.path.join(self.scratch, "trace")
        simulator = self.linked()
        self.write(simulator, messages=MESSAGES)
        run = self.connected(simulator, name="wa-sync-crash", CRASH_TRACE=trace)
        simulator.until(lambda _: self.is_over(simulator))
        run.stop(signal.SIGTERM, OK)
        with open(trace) as lines:
            seen = collections.Counter(line.rstrip("\n") for line in lines)
        marked = ["before account marked", "after account marked"]
        self.assertEqual(sorted(seen), sorted(MOMENTS + marked))

    def check_moment(self, moment):
        """At the first time it comes, and at some later ones."""
        for count in (1, 2, 7):
            with self.subTest(at="%d:%s" % (count, moment)):
                self.state = os.path.join(self.scratch, "state-%d" % count)
                simulator = self.linked()
                self.write(simulator, messages=MESSAGES, seed=count, window=10)
                self.crash(simulator, "%d:%s" % (count, moment))
                self.check_goes_on(simulator)
                simulator.end()


def add_moments():
    for moment in MOMENTS:
        name = "test_" + moment.replace(" ", "_").replace("-", "_")
        setattr(EveryCommit, name, lambda self, moment=moment: self.check_moment(moment))


add_moments()


class RareCommits(Crash):
    """Those that need something to be asked for, or changed on the phone."""

    def check_rare(self, name, faults=(), meanwhile=None):
        for moment in ("before " + name, "after " + name):
            with self.subTest(at=moment):
                self.state = os.path.join(self.scratch, "state-" + moment.replace(" ", "-"))
                simulator = self.linked(faults)
                self.write(simulator, messages=MESSAGES)
                if meanwhile:
                    meanwhile(simulator)
                self.crash(simulator, "1:" + moment)
                self.check_goes_on(simulator)
                simulator.end()

    def test_account_marked(self):
        self.check_rare("account marked")

    def test_restored_backup(self):
        for moment in ("before restored backup", "after restored backup"):
            with self.subTest(at=moment):
                self.state = os.path.join(self.scratch, "state-" + moment.replace(" ", "-"))
                simulator = self.linked()
                backup = self.state + "-backup"
                shutil.copytree(self.account_directory(), backup)
                self.connected(simulator).stop(signal.SIGTERM, OK)
                shutil.copytree(backup, self.account_directory(), dirs_exist_ok=True)
                self.crash(simulator, "1:" + moment)
                run = self.connected(simulator)
                self.write(simulator, everybody=True)
                simulator.until(lambda _: self.is_over(simulator))
                run.stop(signal.SIGTERM, OK)
                self.assert_inbox_equals(simulator)
                self.assert_sound()
                self.assertEqual(simulator.state()["complaints"], [])
                (account,) = self.json_of("accounts", "list")
                self.assertIsNotNone(account["restored_at"])
                simulator.end()

    def test_pre_keys_made(self):
        self.check_rare("pre-keys made", faults=["few-pre-keys=8"])

    def test_pre_keys_uploaded(self):
        self.check_rare("pre-keys uploaded", faults=["few-pre-keys=8"])

    def rename(self, simulator):
        """To what he is called already: a change all the same."""
        (name,) = [
            each["name"] for each in simulator.dataset()["contacts"] if each["jid"] == PERSON
        ]
        simulator.ask("mock-phone/rename-contact", json.dumps({"jid": PERSON, "name": name}))

    def test_app_state(self):
        self.check_rare("app state", meanwhile=self.rename)


class AtRandom(Crash):
    """Killed again and again at the Nth commit, whatever it is, until everything was written."""

    def check_rounds(self, seed):
        moments = random.Random(seed)
        for number in range(ROUNDS):
            with self.subTest(seed=seed, round=number):
                self.state = os.path.join(self.scratch, "state-%d" % number)
                simulator = self.linked()
                # Few wait at once, or all of them come in fewer commits than it is killed at.
                of_load = moments.randint(1, 10**6)
                self.write(simulator, messages=3 * MESSAGES, seed=of_load, window=10)
                crashes = 0
                while not self.is_over(simulator):
                    moment = moments.choice(("before ", "after "))
                    at = "%d:%s" % (moments.randint(1, 12), moment)
                    crashes += self.crash_or_end(simulator, at)
                self.assertGreater(crashes, 0)
                self.check_goes_on(simulator)
                simulator.end()


def add_seeds():
    for number in range(4):
        seed = SEED * 1000 + number
        setattr(AtRandom, "test_seed_%d" % seed, lambda self, seed=seed: self.check_rounds(seed))


add_seeds()


if __name__ == "__main__":
    harness.main()
