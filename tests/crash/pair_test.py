#!/usr/bin/env python3
"""kill -9 of `wa-sync pair` before and after every commit, and at random: the same command run
again ends with the inbox equal to what the phone holds, nothing twice, nothing missing.

usage: ctest --test-dir BUILD_DIR -R crash.pair
"""

import collections
import contextlib
import json
import os
import random
import signal
import sqlite3

import harness
from harness import OK, Case

# Printed with each failure, so that it can be had again.
SEED = int(os.environ.get("CRASH_SEED", "1"))
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "16"))  # of each random test

# Every commit of a pairing that goes well. A new one must be added here: the first test says so.
COMMITS = (
    "tables",
    "link",
    "routing info",
    "pre-keys made",
    "pre-keys uploaded",
    "message",
    "history",
    "app state begun",
    "app state",
    "app state ended",
    "receipts delivered",
    "history ended",
    "deletion secret",
    "account marked",
)
MOMENTS = [moment + " " + name for name in COMMITS for moment in ("before", "after")]

OLD_SIGNED_PRE_KEY = "UPDATE signal_signed_pre_keys SET created_at_s = created_at_s - 30 * 86400"
# What the phone's app state is sealed with is lacking from now on.
OTHER_KEY = "UPDATE app_state_keys SET id = x'0102'"
PERSON = "40721000001@s.whatsapp.net"


class Crash(Case):
    def simulator(self):
        return super().simulator("--chunk", "30", dataset="6x20")

    def crashing(self, simulator, at):
        """A run that ends at the commit; whether it got that far."""
        run = self.start_pair(simulator, name="wa-sync-crash", CRASH_AT=at)
        run.code = run.finish(simulator)
        self.assertIn(run.code, (OK, -signal.SIGKILL), run.account())
        return run

    def history_awaited(self):
        """Else the next run links anew, as the contract wants it."""
        return self.database().execute("SELECT history_awaited FROM device").fetchone()[0]

    def check_goes_on(self, simulator, killed):
        """One more run makes the inbox whole; what was linked is not linked again."""
        if not killed.named("done"):
            awaited = killed.named("paired") and self.history_awaited()
            run = self.paired(simulator)
            if awaited:
                self.assertEqual(run.named("qr"), [], killed.account() + run.account())
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assert_not_restored()
        self.assertEqual(simulator.state()["complaints"], [])

    def check(self, at):
        self.state = os.path.join(self.scratch, "state-" + at.replace(" ", "-"))
        simulator = self.simulator()
        killed = self.crashing(simulator, at)
        self.check_goes_on(simulator, killed)
        simulator.end()
        return killed.code == -signal.SIGKILL


class EveryCommit(Crash):
    def test_the_names_are_all_there_are(self):
        trace = os.path.join(self.scratch, "trace")
        simulator = self.simulator()
        run = self.start_pair(simulator, name="wa-sync-crash", CRASH_TRACE=trace)
        self.assertEqual(run.finish(simulator), OK, run.account())
        with open(trace) as lines:
            seen = collections.Counter(line.rstrip("\n") for line in lines)
        self.assertEqual(sorted(seen), sorted(MOMENTS))

    def check_each_time(self, moment):
        """At the first time it comes, the second, … and on until a run gets by without."""
        for count in range(1, 9):
            with self.subTest(at="%d:%s" % (count, moment)):
                if not self.check("%d:%s" % (count, moment)):
                    self.assertGreater(count, 1, "it never came")
                    return


def add_moments():
    for moment in MOMENTS:
        name = "test_" + moment.replace(" ", "_").replace("-", "_")
        setattr(EveryCommit, name, lambda self, moment=moment: self.check_each_time(moment))


add_moments()


class RareCommits(Crash):
    """Those that need something to be wrong, old or changed."""

    def check_rare(self, name, faults=(), prepared_by=None):
        for moment in ("before " + name, "after " + name):
            with self.subTest(at=moment):
                self.state = os.path.join(self.scratch, "state-" + moment.replace(" ", "-"))
                simulator = Case.simulator(self, "--chunk", "30", dataset="6x20", faults=faults)
                if prepared_by:
                    self.stop_and_edit(simulator, prepared_by)
                killed = self.crashing(simulator, "1:" + moment)
                self.assertEqual(killed.code, -signal.SIGKILL, killed.account())
                for fault in faults:
                    simulator.fault(fault.split("=")[0] + "=off")
                self.check_goes_on(simulator, killed)
                simulator.end()

    def stop_and_edit(self, simulator, statement):
        """A linked device that is online no more, and its file changed."""
        simulator.fault("hold-history")
        simulator.fault("hold-app-state")
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        simulator.until(lambda _: self.keys_are_here())
        run.stop(signal.SIGTERM)
        with contextlib.closing(sqlite3.connect(self.account_file())) as database, database:
            database.execute(statement)
        simulator.fault("hold-history=off")
        simulator.fault("hold-app-state=off")

    def keys_are_here(self):
        keys = "SELECT count(*) FROM app_state_keys"
        with contextlib.closing(sqlite3.connect(self.account_file())) as database:
            return database.execute(keys).fetchone()[0]

    def test_chunk_failed(self):
        self.check_rare("chunk failed", faults=["media-status=503"])

    def test_blob_asked_for_again(self):
        self.check_rare("blob asked for again", faults=["missing-blob=once"])

    def test_blobs_still_awaited(self):
        """The session that repeats the request ends too early as well."""
        for moment in ("before blobs still awaited", "after blobs still awaited"):
            with self.subTest(at=moment):
                self.state = os.path.join(self.scratch, "state-" + moment.replace(" ", "-"))
                simulator = self.simulator()
                simulator.fault("missing-blob=once")
                killed = self.crashing(simulator, "1:after blob asked for again")
                self.assertEqual(killed.code, -signal.SIGKILL, killed.account())
                killed = self.crashing(simulator, "1:" + moment)
                self.assertEqual(killed.code, -signal.SIGKILL, killed.account())
                self.paired(simulator)
                self.assertNotEqual(simulator.receipts("server-error"), [])
                self.assert_inbox_equals(simulator)
                self.assert_sound()
                simulator.end()

    def test_app_state_keys_asked_for(self):
        self.check_rare("app state keys asked for", prepared_by=OTHER_KEY)

    def test_app_state_keys_asked_for_again(self):
        prepared_by = "INSERT INTO app_state_keys (id, requested_at) VALUES (x'0102', 1)"
        self.check_rare("app state keys asked for again", prepared_by=prepared_by)

    def test_own_lid(self):
        self.check_rare("own lid", prepared_by="UPDATE device SET lid = ''")

    def test_signed_pre_key_made(self):
        self.check_rare("signed pre-key made", prepared_by=OLD_SIGNED_PRE_KEY)

    def test_signed_pre_key_told(self):
        self.check_rare("signed pre-key told", prepared_by=OLD_SIGNED_PRE_KEY)

    def test_app_state_announced(self):
        for moment in ("before message", "after message"):
            with self.subTest(at=moment):
                self.state = os.path.join(self.scratch, "state-" + moment.replace(" ", "-"))
                simulator = Case.simulator(self, dataset="6x20")
                self.paired(simulator)
                listen = ("listen", "--json", "--server", simulator.url)
                listen += ("--server-key", simulator.key)
                run = self.start(*listen, name="wa-sync-crash", CRASH_AT="1:" + moment)
                run.event("connected")
                renamed = json.dumps({"jid": PERSON, "name": "Ana de la florărie"})
                simulator.ask("mock-phone/rename-contact", renamed)
                self.assertEqual(run.finish(), -signal.SIGKILL, run.account())
                run = self.connected(simulator)
                simulator.until(lambda _: self.name_of(PERSON) == "Ana de la florărie")
                run.stop(signal.SIGTERM, harness.OK)
                self.assert_sound()
                simulator.end()

    def name_of(self, person):
        (thread,) = [each for each in self.threads() if each["jid"] == person]
        return thread["name"]


class AtRandom(Crash):
    """Killed again and again at the Nth commit, whatever it is, until a run gets to the end,
    while messages arrive."""

    def check_rounds(self, seed):
        moments = random.Random(seed)
        for round_number in range(ROUNDS):
            with self.subTest(seed=seed, round=round_number):
                self.state = os.path.join(self.scratch, "state-%d" % round_number)
                simulator = self.simulator()
                sent = self.survive(simulator, moments)
                self.assert_received(simulator, sent)
                simulator.end()

    def survive(self, simulator, moments):
        linked = False
        sent = []
        for _ in range(6):
            moment = moments.choice(("before ", "after "))
            run = self.crashing(simulator, "%d:%s" % (moments.randint(1, 25), moment))
            if linked:
                self.assertEqual(run.named("qr"), [], run.account())
            linked = linked or bool(run.named("paired"))
            if run.code == OK or (linked and not self.history_awaited()):
                return sent
            # Before that nobody can encrypt for this device.
            if any(companion["pre_keys"] for companion in simulator.state()["companions"]):
                text = "mesajul %d" % len(sent)
                sent.append(simulator.send_message(chat=PERSON, text=text))
        self.paired(simulator)
        return sent

    def assert_received(self, simulator, sent):
        self.assert_sound()
        self.assertEqual(simulator.state()["complaints"], [])
        (thread,) = [each for each in self.threads() if each["jid"] == PERSON]
        shown = self.json_of("threads", "show", thread["thread"], "--limit", "1000000")
        live = [each["id"] for each in shown if each["id"] in sent]
        self.assertEqual(sorted(live), sorted(sent))
        expected = simulator.dataset()["threads"]
        (key,) = [each for each in expected if each["jid"] == PERSON]
        self.assertEqual(len(shown), len(key["message_list"]) + len(sent))
        total = sum(each["messages"] for each in self.threads())
        self.assertEqual(total, sum(len(each["message_list"]) for each in expected) + len(sent))


def add_seeds():
    for number in range(10):
        seed = SEED * 1000 + number
        setattr(AtRandom, "test_seed_%d" % seed, lambda self, seed=seed: self.check_rounds(seed))


add_seeds()


if __name__ == "__main__":
    harness.main()
