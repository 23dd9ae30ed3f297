"""Several accounts in one `listen` that is killed again and again while people write to all of them
and their histories arrive: in the end nothing is lost and nothing is there twice. For a Case that
inherits it too; `where` leads to Firestore, if it is to be there.
"""

import collections
import concurrent.futures
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess

import harness
from harness import OK, OneUser

# Printed, so that a failure can be had again.
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.randrange(1, 10**6)
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "0"))  # 0: as the test likes
USERS = 4
MESSAGES = 8  # to each of them in a round
SECONDS = 1.0  # at most, until it is killed


class Killed:
    account = None  # whom the command line is about

    def environment(self, **more):
        chosen = {"WA_SYNC_ACCOUNT": self.account} if self.account else {}
        return super().environment(INSTANCE_ID="host-1", **chosen, **more)

    def linked(self):
        """The phones hand over their histories to the listener."""
        self.sim = self.simulator("--users", str(USERS), "--chunk", "20", dataset="4x15")
        self.phones = [self.ask("state", user)["phone"] for user in range(USERS)]
        with concurrent.futures.ThreadPoolExecutor(USERS) as pool:
            list(pool.map(self.pair_one, range(USERS)))

    def pair_one(self, user):
        run = self.start_pair(self.sim, "--no-wait", "--phone", self.phones[user])
        self.assertEqual(run.finish(self.sim, user=user), OK, run.account())

    def ask(self, path, user, body=None):
        return self.sim.ask("%s?user=%d" % (path, user), body)

    def write(self, **load):
        for user in range(USERS):
            # Nobody can write to an account before it has told its keys.
            if self.ask("load", user)["left"] == 0:
                self.ask("load", user, json.dumps(load))

    def is_over(self):
        loads = [self.ask("load", user) for user in range(USERS)]
        return all(load["left"] == 0 and not any(load["pending"]) for load in loads)

    def listen(self, **keywords):
        where = ("--server", self.sim.url, "--server-key", self.sim.key)
        return self.start("listen", "--json", *where, **self.where(), **keywords)

    def kill(self, moments, connected):
        """Some time after the start; or after the first account is connected, if that is to be."""
        chosen = {}
        if not connected and moments.random() < 0.5:
            at = "%d:%s " % (moments.randint(1, 40), moments.choice(("before", "after")))
            chosen = {"name": "wa-sync-crash", "CRASH_AT": at}
        run = self.listen(**chosen)
        if connected:
            run.event("connected")
        # The moment itself is what is tested: no event can be waited for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(moments.uniform(0, SECONDS))
        run.kill()
        self.assertEqual(run.process.returncode, -signal.SIGKILL, run.account())
        self.assertEqual(run.named("halted"), [], run.account())

    def survive(self, rounds):
        """Figures, after nothing was found to be lost, twice or different."""
        print("CRASH_SEED=%d" % SEED)
        moments = random.Random(SEED)
        self.linked()
        for number in range(rounds):
            # All of them at once: what is not answered comes again at each login.
            self.write(messages=MESSAGES, seed=moments.randrange(10**6), window=10**6)
            self.kill(moments, connected=number % 2 == 0)
        self.come_to_the_end()
        self.assertEqual(self.sim.receipts("retry"), [])
        self.assertEqual(self.sim.state()["complaints"], [])
        figures = collections.Counter(rounds=rounds, accounts_killed=rounds * USERS)
        figures.update(live=sum(self.ask("load", user)["sent"] for user in range(USERS)))
        for user, phone in enumerate(self.phones):
            self.account = phone
            self.compare(OneUser(self.sim, user), figures)
        figures = {"messages": 0, "lost": 0, "twice": 0, **figures}
        print("figures: " + json.dumps(figures), flush=True)
        self.assertEqual((figures["lost"], figures["twice"]), (0, 0))
        return figures

    def come_to_the_end(self):
        run = self.listen()
        for _ in range(USERS):
            run.event("connected")
        self.sim.until(lambda _: self.is_over())
        self.write(everybody=True)
        self.sim.until(lambda _: self.is_over())
        self.sim.until(lambda _: self.queued() == 0 and self.unsent() == 0)
        run.stop(signal.SIGTERM, OK)

    def queued(self):
        """Parts of histories that are not taken in."""
        waiting = "SELECT count(*) FROM history_queue WHERE state = 0"
        return sum(self.rows(each["account"], waiting)[0][0] for each in self.accounts())

    def unsent(self):
        """Messages that Firestore has not confirmed as they are now; for who has a Firestore."""
        return 0

    def accounts(self):
        return self.json_of("accounts", "list")

    def rows(self, account, query):
        path = os.path.join(self.state, "accounts", account, "wa-sync.db")
        with contextlib.closing(sqlite3.connect(path)) as database:
            return database.execute(query).fetchall()

    def compare(self, key, figures):
        dataset = key.dataset()
        wanted = collections.Counter(
            (thread["jid"], harness.document_id(message, thread))
            for thread in dataset["threads"]
            for message in thread["message_list"]
        )
        figures["messages"] += wanted.total()
        self.count(wanted, self.stored(), figures)
        self.assert_inbox_equals(key)

    def count(self, wanted, found, figures):
        figures["lost"] += (wanted - found).total()
        figures["twice"] += (found - wanted).total()

    def stored(self):
        """In the account's file, which is sound."""
        (account,) = self.accounts()
        self.assertEqual(self.rows(account["account"], "PRAGMA integrity_check"), [("ok",)])
        messages = "SELECT t.jid, m.document_id FROM messages m JOIN threads t ON t.row_id = m.thread"
        return collections.Counter(self.rows(account["account"], messages))
