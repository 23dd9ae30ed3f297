#!/usr/bin/env python3
"""A listener with several accounts that may open no more files: it says so, waits without work, and
goes on when it may again. Nothing is lost or there twice.

usage: ctest --test-dir BUILD_DIR -R crash.descriptors
"""

import collections
import os
import resource
import signal
import socket
import time

import harness
from harness import OK, OneUser
from killed import USERS, Killed

NONE_MORE = 3
WATCHED_S = 2


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Descriptors(Killed, harness.Case):
    def where(self):
        return {}

    def setUp(self):
        super().setUp()
        self.linked()
        for user in range(USERS):
            self.ask("fault", user, "hold-history")
        where = ("--server", self.sim.url, "--server-key", self.sim.key)
        self.run_ = self.start("listen", "--json", "--http", "127.0.0.1:0", *where)
        self.http = self.run_.event("listening")["http"]
        self.read_until("connected")

    def read_until(self, *names):
        """All accounts have said one of these since the last time."""
        said = set()
        while len(said) < USERS:
            event = self.run_.next_event()
            self.assertIsNotNone(event, self.run_.account())
            if event["event"] in names:
                said.add(event["account"])

    def allow(self, descriptors):
        _, most = resource.prlimit(self.run_.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.run_.process.pid, resource.RLIMIT_NOFILE, (descriptors, most))

    def release_history(self):
        for user in range(USERS):
            self.ask("fault", user, "hold-history=off")

    def recover(self):
        self.allow(1024)
        self.run_.process.send_signal(signal.SIGHUP)  # what rests for a minute begins at once
        self.read_until("connected")

    def knock(self):
        """At the two doors, where nobody can open now."""
        host, _, port = self.http.rpartition(":")
        tcp = socket.create_connection((host, int(port)))
        self.addCleanup(tcp.close)
        folder = os.path.join(self.state, "run")
        for name in (each for each in os.listdir(folder) if each.endswith(".sock")):
            local = socket.socket(socket.AF_UNIX)
            self.addCleanup(local.close)
            local.connect(os.path.join(folder, name))

    def check_rests(self):
        """Out of descriptors: what cannot be had is not tried all the time."""
        before = cpu_seconds(self.run_.process.pid)
        time.sleep(WATCHED_S)  # the time is what is measured
        self.assertLess(cpu_seconds(self.run_.process.pid) - before, WATCHED_S / 4)

    def check_nothing_is_lost(self):
        self.sim.until(lambda _: self.is_over())
        self.sim.until(lambda _: self.queued() == 0)
        self.run_.stop(signal.SIGTERM, OK)
        figures = collections.Counter()
        for user, phone in enumerate(self.phones):
            self.account = phone
            self.compare(OneUser(self.sim, user), figures)
        self.assertEqual((figures["lost"], figures["twice"]), (0, 0), figures)
        self.assertEqual(self.sim.receipts("retry"), [])

    def test_when_all_connections_end(self):
        self.allow(NONE_MORE)
        self.knock()
        for user in range(USERS):
            self.ask("drop", user, "")
        self.read_until("disconnected", "halted")
        self.write(messages=40)
        self.check_rests()
        self.recover()
        self.release_history()
        self.check_nothing_is_lost()
        self.assertIn("oo many open files", self.run_.err.text())
        self.assertEqual(self.run_.err.text().count("cannot accept"), 1, self.run_.account())

    def test_when_a_history_comes(self):
        self.allow(NONE_MORE)
        self.release_history()
        self.read_until("halted")
        self.check_rests()
        self.recover()
        self.check_nothing_is_lost()
        for halted in self.run_.named("halted"):
            self.assertIn("Too many open files", halted["message"])
            self.assertIn("LimitNOFILE", halted["hint"])


if __name__ == "__main__":
    harness.main()
