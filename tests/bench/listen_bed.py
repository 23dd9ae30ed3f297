"""What `listen` is measured on: a simulator with so many users, their accounts paired in a scratch
state directory, and a running listener of which the system says what it uses.
"""

import concurrent.futures
import contextlib
import json
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, "e2e"), os.path.join(TESTS, "firestore")]

import harness

AT_ONCE = 4  # pairings
SECONDS_TO_SETTLE = 300


class Bed(contextlib.ExitStack):
    """Use it in `with`. Everything it started ends with it. `older`: messages of each chat that come
    only when they are asked for."""

    def __init__(self, users, dataset, older=0):
        super().__init__()
        self.scratch = self.enter_context(tempfile.TemporaryDirectory(prefix="wa-sync-bench-"))
        self.state = os.path.join(self.scratch, "state")
        self.users = users
        self.simulator = harness.Simulator(
            self, "--users", str(max(1, users)), "--older", str(older), dataset=dataset
        )
        self.where = ("--server", self.simulator.url, "--server-key", self.simulator.key)
        self.phones = [self.ask("state", user)["phone"] for user in range(users)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._pair, range(users)))

    def addCleanup(self, call):  # as the harness's children expect of a test
        self.callback(call)

    def ask(self, path, user=0, body=None):
        return self.simulator.ask("%s?user=%d" % (path, user), body)

    def start(self, *arguments, **environment):
        whole = harness.clean_environment(
            HOME=self.scratch, AUTO_BACKFILL_ENABLED="false", **environment
        )
        return harness.Sync(self, ["--state-dir", self.state, *arguments], whole)

    def _pair(self, user):
        run = self.start("pair", "--json", "--no-wait", "--phone", self.phones[user], *self.where)
        if run.finish(self.simulator, user=user) != harness.OK:
            raise AssertionError(run.account())

    @contextlib.contextmanager
    def listening(self, *options, **environment):
        """With all accounts connected, and their history taken in."""
        run = self.start("listen", "--json", *self.where, *options, **environment)
        try:
            run.http = run.event("listening")["http"]
            for _ in range(self.users):
                run.event("connected", SECONDS_TO_SETTLE)
            self.until_answered(range(self.users))
            yield run
        finally:
            run.process.terminate()
            run.finish()

    def until_answered(self, users):
        """Every stanza; looks seldom, so that it is not itself what is measured."""
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        for user in users:
            while not self.is_answered(user):
                if time.monotonic() > deadline:
                    raise AssertionError("user %d: %r" % (user, self.ask("load", user)))
                time.sleep(0.1)

    def is_answered(self, user):
        load = self.ask("load", user)
        return load["left"] == 0 and not any(load["pending"])

    def prepare(self, user, **load):
        """Encrypted before anything is measured; release() sends them, as fast as they are acked."""
        self.write([user], prepared=True, **load)
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while not self.ask("load", user)["prepared"]:
            if time.monotonic() > deadline:
                raise AssertionError("user %d: %r" % (user, self.ask("load", user)))
            time.sleep(0.1)

    def release(self, user):
        self.ask("load/release", user, body="")

    def write(self, users, **load):
        for user in users:
            self.ask("load", user, json.dumps(load))


def memory_kib(pid):
    """Proportional set size: what the process costs the machine."""
    with open("/proc/%d/smaps_rollup" % pid) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def threads(pid):
    return len(os.listdir("/proc/%d/task" % pid))


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))
