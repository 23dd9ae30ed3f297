#!/usr/bin/env python3
"""What `wa-sync listen` fills by itself: without being asked, not too often, and not all at once.

usage: auto_backfill_test.py BUILD_BIN_DIR [TEST…]
"""

import signal
import sqlite3
import time
from datetime import datetime

import harness
from harness import HELD, OK, Case

OLDER = 70  # of each chat, that come on demand only
CHATS = 3
PER_THREAD = 20  # as long as no variable says otherwise

# A tick this often also bounds how long an account that came online is left to settle.
ON = {"AUTO_BACKFILL_ENABLED": "true", "AUTO_BACKFILL_INTERVAL_MS": "200"}
ALL = {**ON, "WHATSAPP_BACKFILL_MESSAGES_PER_THREAD": "500"}


def seconds(event):
    return datetime.fromisoformat(event["ts"].replace("Z", "+00:00")).timestamp()


class AutoBackfill(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator("--older", str(OLDER), dataset="3x20")

    def requests(self, user=0):
        return self.sim.ask("receipts?user=%d" % user)["history_requests"]

    def row(self):
        """What the account says of them."""
        database = sqlite3.connect("file:%s?mode=ro" % self.account_file(), uri=True)
        try:
            database.row_factory = sqlite3.Row
            (row,) = database.execute("SELECT * FROM auto_backfill").fetchall()
        finally:
            database.close()
        return dict(row)

    def some_ticks(self, run):
        """Lets at least two seconds pass while live messages go through."""
        until = time.monotonic() + 2
        while time.monotonic() < until:
            self.sim.send_message(chat=self.threads()[0]["jid"], text="tick")
            run.event("received")


class OneAccount(AutoBackfill):
    def setUp(self):
        super().setUp()
        self.paired(self.sim)

    def until_asked(self):
        deadline = time.monotonic() + harness.PATIENCE
        while not self.requests():
            self.assertLess(time.monotonic(), deadline, "nothing was asked for")

    def test_threads_are_filled_without_anybody_asking(self):
        run = self.connected(self.sim, **ALL)
        started = run.event("backfill_started")
        self.assertIn(started["trigger"], ("connect", "periodic"))
        ended = run.event("backfill_ended")
        self.assertEqual(
            {name: ended[name] for name in ("ok", "threads", "messages", "errors", "code", "message")},
            {
                "ok": True,
                "threads": CHATS,
                "messages": CHATS * OLDER,
                "errors": 0,
                "code": None,
                "message": None,
            },
        )
        run.stop(signal.SIGTERM, OK)
        self.sim.dataset = lambda app_state=True: self.sim.ask("dataset?older=yes")
        self.assert_inbox_equals(self.sim)
        self.assert_sound()

    def test_what_the_account_says_of_it(self):
        run = self.connected(self.sim, INSTANCE_ID="one", **ON)
        run.event("backfill_ended")
        row = self.row()
        self.assertEqual(
            [row[name] for name in ("running", "ok", "threads", "messages", "errors", "error_code")],
            [0, 1, CHATS, CHATS * PER_THREAD, 0, ""],
        )
        self.assertEqual(row["holder"], "one")
        self.assertGreaterEqual(row["ended_at"], row["attempt_at"])
        self.assertEqual(row["success_at"], row["ended_at"])
        self.assertEqual(row["started_at"], row["attempt_at"])
        # Those tell of backfills that somebody asked for.
        asked_for = self.database().execute("SELECT count(*) FROM last_backfill").fetchone()
        self.assertEqual(asked_for, (0,))
        run.stop(signal.SIGTERM, OK)

    def test_not_again_until_the_cooldown_is_over(self):
        run = self.connected(self.sim, **ON, AUTO_BACKFILL_COOLDOWN_SUCCESS_MS="4000",
                             AUTO_BACKFILL_ATTEMPT_BACKOFF_MS="1")
        first = run.event("backfill_ended")
        asked = len(self.requests())
        second = run.event("backfill_started")
        # Times are stored in whole seconds.
        self.assertGreaterEqual(seconds(second) - seconds(first), 3)
        self.assertEqual(asked, CHATS)
        self.assertEqual(run.event("backfill_ended")["messages"], CHATS * PER_THREAD)
        self.assertEqual(len(self.requests()), 2 * CHATS)
        run.stop(signal.SIGTERM, OK)

    def test_nor_after_a_restart(self):
        run = self.connected(self.sim, **ON)
        first = run.event("backfill_ended")
        run.stop(signal.SIGTERM, OK)
        again = self.connected(self.sim, **ON)
        self.some_ticks(again)
        again.stop(signal.SIGTERM, OK)
        self.assertEqual(again.named("backfill_started"), [])
        self.assertEqual(len(self.requests()), CHATS)
        later = self.connected(self.sim, **ON, AUTO_BACKFILL_COOLDOWN_SUCCESS_MS="5000",
                               AUTO_BACKFILL_ATTEMPT_BACKOFF_MS="1")
        self.assertGreaterEqual(seconds(later.event("backfill_started")) - seconds(first), 4)
        later.event("backfill_ended")
        later.stop(signal.SIGTERM, OK)

    def test_an_attempt_that_failed_is_not_repeated_at_once(self):
        self.sim.fault("on-demand-silent")
        run = self.connected(self.sim, **ON)
        run.event("backfill_started")
        self.until_asked()
        run.stop(signal.SIGTERM, OK)
        ended = run.named("backfill_ended")[0]
        self.assertEqual((ended["ok"], ended["code"]), (False, "interrupted"))
        row = self.row()
        self.assertEqual(
            (row["running"], row["ok"], row["error_code"], row["success_at"]), (0, 0, "interrupted", 0)
        )
        self.sim.fault("on-demand-silent=off")
        asked = len(self.requests())
        again = self.connected(self.sim, **ON)
        self.some_ticks(again)
        again.stop(signal.SIGTERM, OK)
        self.assertEqual(again.named("backfill_started"), [])
        self.assertEqual(len(self.requests()), asked)
        soon = self.connected(self.sim, **ON, AUTO_BACKFILL_ATTEMPT_BACKOFF_MS="1000")
        self.assertTrue(soon.event("backfill_ended")["ok"])
        soon.stop(signal.SIGTERM, OK)

    def test_turned_off(self):
        run = self.connected(self.sim, **{**ON, "AUTO_BACKFILL_ENABLED": "False"})
        self.some_ticks(run)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.requests(), [])
        self.assertEqual(run.named("backfill_started"), [])

    def test_killed_in_the_middle_it_runs_no_more(self):
        self.sim.fault("on-demand-silent")
        run = self.connected(self.sim, **ON)
        run.event("backfill_started")
        self.until_asked()
        run.kill()
        self.assertEqual(self.row()["running"], 1)
        again = self.connected(self.sim)
        row = self.row()
        self.assertEqual((row["running"], row["ok"], row["error_code"]), (0, 0, "interrupted"))
        again.stop(signal.SIGTERM, OK)

    def test_who_asks_meanwhile_is_told(self):
        self.sim.fault("on-demand-silent")
        run = self.connected(self.sim, **ON)
        run.event("backfill_started")
        self.until_asked()
        asked = self.start(
            *("backfill", "--json", "--server", self.sim.url, "--server-key", self.sim.key)
        )
        asked.code = asked.finish()
        self.assert_fails(asked, HELD, error="held_elsewhere")
        run.stop(signal.SIGTERM, OK)

    def test_nothing_to_do_is_a_success(self):
        run = self.connected(self.sim, **ALL, AUTO_BACKFILL_COOLDOWN_SUCCESS_MS="1",
                             AUTO_BACKFILL_ATTEMPT_BACKOFF_MS="1")
        run.event("backfill_ended")
        asked = len(self.requests())
        again = run.event("backfill_ended")
        self.assertEqual((again["ok"], again["threads"], again["messages"]), (True, 0, 0))
        self.assertEqual(len(self.requests()), asked)
        run.stop(signal.SIGTERM, OK)

    def test_the_log_has_a_line_for_the_start_and_one_for_the_end(self):
        run = self.start(
            *("listen", "--server", self.sim.url, "--server-key", self.sim.key), **ON
        )
        run.says("scheduled backfill begins")
        self.assertIn("%d threads" % CHATS, run.says("scheduled backfill of"))
        run.process.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(), OK)


class History(AutoBackfill):
    def test_not_while_it_arrives(self):
        self.paired(self.sim, "--no-wait")
        run = self.connected(self.sim, **{**ON, "AUTO_BACKFILL_INTERVAL_MS": "1500"})
        deadline = time.monotonic() + harness.PATIENCE
        while len(self.threads()) < CHATS:
            self.assertLess(time.monotonic(), deadline, "the history never came")
        # Its chunks may come some time apart: ticks between them start nothing.
        self.some_ticks(run)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(run.named("backfill_started"), [])
        self.assertEqual(self.requests(), [])


class TwoAccounts(AutoBackfill):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator("--users", "2", "--older", str(OLDER), dataset="2x5")
        for user in range(2):
            phone = self.sim.ask("state?user=%d" % user)["phone"]
            run = self.start_pair(self.sim, "--phone", phone)
            self.assertEqual(run.finish(self.sim, user=user), OK, run.account())

    def backfills(self, run, count):
        """The next so many events of backfills, as (what, account)."""
        found = []
        while len(found) < count:
            event = run.next_event()
            self.assertIsNotNone(event, run.account())
            if event["event"].startswith("backfill_"):
                found.append((event["event"].removeprefix("backfill_"), event["account"]))
        return found

    def test_one_after_the_other(self):
        run = self.start_listen(self.sim, **ALL)
        first, first_end, second, second_end = self.backfills(run, 4)
        self.assertEqual((first[0], first_end[0]), ("started", "ended"))
        self.assertEqual((second[0], second_end[0]), ("started", "ended"))
        self.assertEqual((first[1], second[1]), (first_end[1], second_end[1]))
        self.assertNotEqual(first[1], second[1])
        run.stop(signal.SIGTERM, OK)

    def test_one_that_came_online_is_looked_at_between_two_ticks(self):
        # A tick for all takes one of them; the other settles before the next comes.
        run = self.start_listen(
            self.sim,
            **{**ALL, "AUTO_BACKFILL_INTERVAL_MS": "3000"},
            AUTO_BACKFILL_MAX_ACCOUNTS_PER_TICK="1"
        )
        triggers = {run.event("backfill_started")["trigger"] for _ in range(2)}
        self.assertIn("connect", triggers)
        run.stop(signal.SIGTERM, OK)

    def test_both_at_once_where_that_is_allowed(self):
        self.sim.fault("on-demand-silent")
        run = self.start_listen(self.sim, **ALL, AUTO_BACKFILL_MAX_CONCURRENCY="2")
        first, second = self.backfills(run, 2)
        self.assertEqual((first[0], second[0]), ("started", "started"))
        self.assertNotEqual(first[1], second[1])
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(len(run.named("backfill_ended")), 2)


if __name__ == "__main__":
    harness.main()
