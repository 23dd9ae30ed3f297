"""The host's clock jumps while a history arrives, people write, older messages are asked for and the
Inbox is written: what is stored has the right times, and nothing waits for the clock. For a Case that
inherits it too; `where` leads to Firestore, if it is to be there.
"""

import json
import signal
import time

import harness
from harness import OK
from unlucky import Unlucky

HOUR_S, DAY_S = 3600, 86400
# How far ahead of the right time it is then.
JUMPS = (-10 * DAY_S, 365 * DAY_S, -HOUR_S, 0)
OLDER = 40  # of each chat, that come on demand only
MESSAGES = 150  # between two jumps
RATE = 100  # a second


class Jumps:
    def survive(self, *options):
        self.sim = self.simulator("--older", str(OLDER), "--chunk", "20", dataset="4x30")
        self.paired(self.sim, "--no-wait")
        luck = Unlucky(self, self.state)
        run = self.connected(self.sim, *options, **self.where(), **luck.environment)
        self.sim.ask("load", json.dumps({"messages": MESSAGES * (len(JUMPS) + 1), "rate": RATE}))
        backfill = None
        for number, ahead in enumerate(JUMPS, 1):
            self.sim.until(lambda _: self.sim.ask("load")["sent"] >= number * MESSAGES)
            luck.jump(ahead)
            if number == 1:
                where = ("--server", self.sim.url, "--server-key", self.sim.key)
                options = ("backfill", "--json", "--count", "500", *where)
                backfill = self.start(*options, **self.where(), **luck.environment)
        self.sim.until(lambda _: self.is_over())
        self.assertEqual(backfill.finish(), OK, backfill.account())
        self.check_now(run, luck)
        run.stop(signal.SIGTERM, OK)
        # No jump ends a connection.
        self.assertEqual(len(run.named("disconnected")), len(JUMPS), run.account())
        self.assertEqual(run.named("halted"), [], run.account())
        self.sim.dataset = lambda app_state=True: self.sim.ask("dataset?older=yes")
        self.assert_inbox_equals(self.sim)
        self.assert_sound()
        self.assertEqual(self.sim.receipts("retry"), [])
        self.assertEqual(self.sim.state()["complaints"], [])

    def is_over(self):
        load = self.sim.ask("load")
        return load["left"] == 0 and not any(load["pending"])

    def check_now(self, run, luck):
        """What it dates itself, at each of those times, and after a login then."""
        for ahead in JUMPS:
            luck.jump(ahead)
            self.sim.drop_connections()
            run.event("connected")
            self.sim.ask("load", json.dumps({"everybody": True}))
            self.sim.until(lambda _: self.is_over())
            query = "SELECT last_disconnected_at, last_connected_at FROM account"
            for at in self.database().execute(query).fetchone():
                self.assertLess(abs(at - time.time()), 120, ahead)
