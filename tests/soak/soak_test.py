#!/usr/bin/env python3
"""A week of `listen` in ten minutes: its timers shortened (main.cpp), messages and breaks all the
time, Firestore with tokens that soon expire. In the end nothing is missing and nothing has grown.

usage: ctest --test-dir BUILD_DIR -R soak.soak
       SOAK_SECONDS=600 ctest --test-dir BUILD_DIR -R soak.soak
"""

import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(os.path.dirname(HERE), each) for each in ("firestore", "e2e"))]

import harness
from case import FirestoreCase
from harness import OK, OneUser
from issuer import Accepted, Issuer, Tally
from process import Samples
from tunnel import Tunnel, service_account

SECONDS = int(os.environ.get("SOAK_SECONDS", "20"))
WEEK = 600  # seconds of it
USERS = 3
RATE = 5  # messages a second, to each
# What a week without a bad day has: the tokens of the process, the others of each account.
A_WEEK_HAS = {
    "pings": 20_000,
    "lease renewals": 20_000,
    "token refreshes": 168,
    "signed pre-key rotations": 1,
    "pre-key looks": 28,
    "reconnects": 7,
}
# Beyond what a cache may still take in. A leak shows in the long run.
MOST_GROWTH_KIB = 8 * 1024
MOST_MORE_DESCRIPTORS = 4


class Soak(FirestoreCase):
    account = None  # whom the command line is about

    def environment(self, **more):
        chosen = {"WA_SYNC_ACCOUNT": self.account} if self.account else {}
        return super().environment(**chosen, **more)

    def setUp(self):
        super().setUp()
        self.tunnel = Tunnel(self.scratch)
        self.issuer = Issuer()
        tokens = self.stub()
        tokens.add(self.issuer)
        self.firestore = self.proxy(authorization=Accepted(self.issuer), tunnel=self.tunnel)
        self.tallies = [Tally(tokens), Tally(self.firestore)]
        self.google_environment = {
            "GOOGLE_APPLICATION_CREDENTIALS": service_account(
                self.scratch, self.project, tokens.host
            ),
            "SSL_CERT_FILE": self.tunnel.authority,
            "https_proxy": "http://" + self.firestore.host,
        }
        self.sim = self.simulator("--users", str(USERS), dataset="6x20")
        self.phones = [self.ask("state", user)["phone"] for user in range(USERS)]
        for user, phone in enumerate(self.phones):
            run = self.start_pair(self.sim, "--phone", phone, **self.where())
            self.assertEqual(run.finish(self.sim, user=user), OK, run.account())

    def ask(self, path, user, body=None):
        return self.sim.ask("%s?user=%d" % (path, user), body)

    def write(self, **load):
        for user in range(USERS):
            self.ask("load", user, json.dumps(load))

    def is_over(self):
        loads = [self.ask("load", user) for user in range(USERS)]
        return all(load["left"] == 0 and not any(load["pending"]) for load in loads)

    def started(self):
        run = self.start(
            *("--server", self.sim.url, "--server-key", self.sim.key),
            name="wa-sync-soak",
            **self.google_environment,
        )
        for _ in range(USERS):
            run.event("connected")
        return run

    def troubles(self):
        """What happens on the way, one after the other, again and again."""
        renamed = {}
        while True:
            self.sim.drop_connections()
            yield
            self.firestore.drop_connections()
            yield
            self.sim.fault("few-pre-keys=3")
            yield
            self.sim.fault("few-pre-keys=off")
            yield
            self.sim.fault("phone-offline")
            yield
            self.sim.fault("phone-offline=off")
            for user in range(USERS):  # to what they are called already
                if user not in renamed:
                    contacts = self.ask("dataset", user)["contacts"]
                    renamed[user] = next(each for each in contacts if each["name"])
                contact = {name: renamed[user][name] for name in ("jid", "name")}
                self.ask("mock-phone/rename-contact", user, json.dumps(contact))
            yield

    def live(self, run, samples):
        """The week itself."""
        self.write(messages=RATE * SECONDS, rate=RATE)
        troubles = self.troubles()
        began = time.monotonic()
        second = 0
        while (second := second + 1) <= SECONDS:
            # The clock is what is tested here: a sample each second.
            time.sleep(max(0, began + second - time.monotonic()))
            self.assertIsNone(run.process.poll(), run.account())
            next(troubles)
            samples.take()
            for each in self.tallies:
                each.take()

    def settle(self):
        """All that was broken is whole, and everybody writes once more."""
        self.sim.fault("few-pre-keys=off")
        self.sim.fault("phone-offline=off")
        self.sim.until(lambda _: self.is_over())
        self.write(everybody=True)
        self.sim.until(lambda _: self.is_over())

    def test_a_week(self):
        run = self.started()
        samples = Samples(run.process.pid)
        self.live(run, samples)
        self.settle()
        run.stop(signal.SIGTERM, OK)
        self.report(run, samples)
        self.check_inbox()
        self.assertEqual([each for each in run.named("halted")], [])
        self.assertEqual(self.tallies[1].refused, 0)
        self.assertLess(samples.growth(samples.rss), MOST_GROWTH_KIB, samples.rss)
        self.assertLess(samples.growth(samples.open), MOST_MORE_DESCRIPTORS, samples.open)

    def check_inbox(self):
        self.assertEqual(self.sim.receipts("retry"), [])
        self.assertEqual(self.sim.state()["complaints"], [])
        google = None if os.environ.get("WASYNC_NO_NODE") else self.google()
        for user, phone in enumerate(self.phones):
            self.account = phone
            key = OneUser(self.sim, user)
            self.assert_inbox_equals(key)
            if google:
                self.assert_uploaded(key, google)

    def report(self, run, samples):
        asked, requests = (each.take() for each in self.tallies)
        (ended,) = run.named("soak")
        commits = ended["commits"]
        state = self.sim.state()
        found = {
            "messages": sum(self.ask("load", user)["sent"] for user in range(USERS)),
            "pings": state["queries"].get("w:p", 0),
            "lease renewals": requests.get("lease", 0),
            "token refreshes": self.issuer.count,
            "signed pre-key rotations": commits.get("signed pre-key told", 0),
            "pre-key looks": state["queries"].get("encrypt", 0),
            "reconnects": len(run.named("disconnected")),
        }
        found = {
            name: count if name == "token refreshes" else count // USERS
            for name, count in found.items()
        }
        print("\n%d s, %d accounts; each of them, and tokens of the process" % (SECONDS, USERS))
        for name, count in found.items():
            wanted = A_WEEK_HAS.get(name)
            beside = "" if wanted is None else "  (a week has %d)" % wanted
            print("  %-26s %7d%s" % (name, count, beside))
        print("  commits: %s" % json.dumps(commits))
        print("  Firestore: %s" % json.dumps(requests))
        print("  resident KiB by quarters %s, growth %d" % (samples.quarters(samples.rss), samples.growth(samples.rss)))
        print("  descriptors by quarters %s" % samples.quarters(samples.open), flush=True)
        for name in ("pings", "lease renewals", "token refreshes", "signed pre-key rotations", "reconnects"):
            self.assertGreater(found[name], 0, name)
        if SECONDS >= WEEK:
            short = {name: found[name] for name in A_WEEK_HAS if found[name] < A_WEEK_HAS[name]}
            self.assertEqual(short, {})


if __name__ == "__main__":
    harness.main()
