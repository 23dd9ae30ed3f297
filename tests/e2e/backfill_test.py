#!/usr/bin/env python3
"""`wa-sync backfill`: older messages of conversations that exist, from a phone that answers well,
badly or not at all.

usage: backfill_test.py BUILD_BIN_DIR [TEST…]
"""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time

import harness
from harness import FAILED, HELD, NOTHING_TO_DO, OK, SIGINT_CODE, TIMED_OUT, USAGE, WHATSAPP, Case

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
OLDER = 70  # of each chat, that come on demand only
CHATS = 3


class Backfill(Case):
    def whatsapp(self, *options, dataset="3x20", **keywords):
        simulator = self.simulator("--older", str(OLDER), *options, dataset=dataset, **keywords)
        self.paired(simulator)
        return simulator

    def start_backfill(self, simulator, *options, **keywords):
        where = ("--server", simulator.url, "--server-key", simulator.key)
        return self.start("backfill", "--json", *where, *options, **keywords)

    def backfill(self, simulator, *options, code=OK, **keywords):
        run = self.start_backfill(simulator, *options, **keywords)
        run.code = run.finish()
        self.assertEqual(run.code, code, run.account())
        return run

    def messages(self, source=None):
        query = "SELECT count(*) FROM messages"
        return self.database().execute(
            query if source is None else query + " WHERE source = %d" % source
        ).fetchone()[0]

    def assert_complete(self, simulator):
        """All that the phone has is here, as it should be."""
        simulator.dataset = lambda app_state=True: simulator.ask("dataset?older=yes")
        self.assert_inbox_equals(simulator)

    def until_asked(self, simulator):
        deadline = time.monotonic() + harness.PATIENCE
        while not simulator.ask("receipts")["history_requests"]:
            self.assertLess(time.monotonic(), deadline, "nothing was asked for")

    def results(self, run):
        return sorted(event["result"] for event in run.named("thread"))

    def test_brings_all_there_is_and_asks_no_more(self):
        whatsapp = self.whatsapp()
        before = self.messages()
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(run.events[0]["event"], "start")
        self.assertEqual(run.events[0]["threads"], CHATS)
        self.assertEqual(self.results(run), ["exhausted"] * CHATS)
        done = run.events[-1]
        self.assertEqual((done["event"], done["threads"], done["errors"]), ("done", CHATS, 0))
        self.assertEqual(done["messages"], self.messages() - before)
        self.assertEqual(done["messages"], self.messages(source=2))
        self.assert_complete(whatsapp)
        self.assert_sound()
        asked = whatsapp.ask("receipts")["history_requests"]
        self.assertTrue(all(request["understood"] for request in asked), asked)
        self.assertTrue(all(request["count"] <= 50 for request in asked), asked)
        again = self.backfill(whatsapp)
        self.assertEqual((again.events[0]["threads"], again.events[0]["skipped"]), (0, CHATS))
        self.assertEqual(whatsapp.ask("receipts")["history_requests"], asked)
        self.backfill(whatsapp, "--force")
        self.assertEqual(len(whatsapp.ask("receipts")["history_requests"]), len(asked) + CHATS)

    def test_the_account_and_its_threads_say_when_and_what(self):
        whatsapp = self.whatsapp()
        self.backfill(whatsapp, "--count", "500", "--threads", "2")
        account = self.database().execute(
            "SELECT ended_at > 0, threads, messages, errors FROM last_backfill"
        ).fetchone()
        self.assertEqual(account, (1, 2, 2 * OLDER, 0))
        first = self.database().execute("SELECT count(*) FROM last_backfill_threads").fetchone()
        self.assertEqual(first, (2,))
        marked = self.database().execute(
            "SELECT count(*) FROM threads WHERE last_backfill_at > 0 AND history_exhausted"
        ).fetchone()
        self.assertEqual(marked, (2,))

    def test_a_count_is_kept_and_the_next_run_goes_on(self):
        whatsapp = self.whatsapp()
        first = self.backfill(whatsapp, "--count", "30")
        self.assertEqual(self.results(first), ["filled"] * CHATS)
        self.assertEqual([event["messages"] for event in first.named("thread")], [30] * CHATS)
        second = self.backfill(whatsapp, WHATSAPP_BACKFILL_COUNT="500")
        self.assertEqual(second.events[-1]["messages"], CHATS * (OLDER - 30))
        self.assert_complete(whatsapp)

    def test_only_the_newest_and_the_chosen(self):
        whatsapp = self.whatsapp()
        newest = [thread["thread"] for thread in self.threads()]
        run = self.backfill(whatsapp, "--count", "5", WHATSAPP_BACKFILL_THREADS="1")
        self.assertEqual([event["thread"] for event in run.named("thread")], newest[:1])
        chosen = self.backfill(whatsapp, "--count", "5", "--thread", newest[2])
        self.assertEqual([event["thread"] for event in chosen.named("thread")], newest[2:3])
        wrong = self.run_sync("backfill", "--thread", "nobody")
        self.assert_fails(wrong, USAGE, says=["nobody"])

    def test_a_dry_run_asks_nobody(self):
        whatsapp = self.whatsapp()
        run = self.backfill(whatsapp, "--dry-run")
        self.assertEqual(self.results(run), ["would_ask"] * CHATS)
        self.assertEqual(whatsapp.ask("receipts")["history_requests"], [])

    def test_without_any_thread(self):
        simulator = self.simulator(dataset="3x2", faults=["no-history"])
        self.pair(simulator, "--no-wait")
        run = self.backfill(simulator, code=NOTHING_TO_DO)
        self.assert_fails(
            run, NOTHING_TO_DO, error="nothing_to_do", says=["never creates"], hints=["pair --again"]
        )
        romanian = self.run_sync("backfill", "--lang", "ro")
        self.assertEqual(romanian.code, NOTHING_TO_DO, romanian.account())
        self.assertIn("nu creează niciodată", romanian.err.text())

    def test_answers_under_the_other_address(self):
        # Whose LID had no phone number so far has one then: its thread is merged into that one's.
        whatsapp = self.whatsapp(dataset="small", faults=["on-demand-other-address"])
        alone = [each for each in self.threads() if each["hidden_because"] != "redirected"]
        run = self.backfill(whatsapp, "--count", "500")
        now = [each for each in self.threads() if each["hidden_because"] != "redirected"]
        self.assertEqual(len(now), len(alone))
        filled = self.results(run).count("exhausted")
        self.assertEqual(set(self.results(run)), {"exhausted"})
        self.assertEqual(self.messages(source=2), filled * OLDER)

    def test_short_answers_are_gone_on_from(self):
        whatsapp = self.whatsapp(faults=["on-demand-short"])
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)

    def test_empty_answers_are_no_end(self):
        whatsapp = self.whatsapp(faults=["on-demand-empty"])
        run = self.backfill(whatsapp)
        self.assertEqual(self.results(run), ["no_answer"] * CHATS)
        whatsapp.fault("on-demand-empty=off")
        self.assertEqual(self.backfill(whatsapp, "--count", "500").events[-1]["messages"], CHATS * OLDER)

    def test_duplicates_count_once(self):
        whatsapp = self.whatsapp(faults=["duplicate"])
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)
        self.assert_complete(whatsapp)

    def test_damaged_answers_are_asked_for_again(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("corrupt-blob=once")
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)

    def test_answers_that_stay_damaged_are_errors(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("corrupt-blob")
        run = self.backfill(whatsapp, "--threads", "1", code=FAILED)
        self.assertEqual(self.results(run), ["error"])
        self.assertEqual(run.named("done")[0]["errors"], 1)
        whatsapp.fault("corrupt-blob=off")
        self.backfill(whatsapp, "--count", "500")
        self.assert_complete(whatsapp)

    def test_late_answers_count(self):
        whatsapp = self.whatsapp(faults=["on-demand-late"])
        run = self.backfill(whatsapp, "--count", "500", "--timeout", "2m")
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)
        self.assert_complete(whatsapp)

    def test_the_phone_is_off(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("phone-offline")
        run = self.backfill(whatsapp, code=TIMED_OUT)
        self.assert_fails(run, TIMED_OUT, error="timeout", says=["the phone does not answer"])
        self.assertEqual(self.results(run), ["no_answer"] * CHATS)
        whatsapp.fault("phone-offline=off")
        self.backfill(whatsapp, "--count", "500")
        self.assert_complete(whatsapp)

    def test_a_phone_that_has_not_moved_to_lids(self):
        whatsapp = self.whatsapp(faults=["phone-number-chats"])
        run = self.backfill(whatsapp, "--count", "500", "--timeout", "2m")
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)
        self.assert_complete(whatsapp)

    def test_a_phone_that_has_lost_our_session_is_heard_and_answered(self):
        whatsapp = self.whatsapp()
        whatsapp.ask("mock-phone/forget-sessions", "")
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(self.results(run), ["exhausted"] * CHATS)
        self.assert_complete(whatsapp)
        self.assertEqual(whatsapp.state()["complaints"], [])

    def test_a_phone_that_cannot_read_us_is_not_called_off(self):
        for fault in ("phone-cannot-read", "phone-identity=other"):
            with self.subTest(fault=fault):
                self.state = self.scratch + "/state-" + fault
                whatsapp = self.whatsapp()
                whatsapp.fault(fault)
                whatsapp.ask("mock-phone/forget-sessions", "")
                run = self.backfill(whatsapp, code=FAILED)
                self.assert_fails(
                    run, FAILED, error="crypto", says=["cannot read"], hints=["pair --again"]
                )

    def test_requests_that_whatsapp_refuses_fail_at_once(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("ack-error=479")
        started = time.monotonic()
        run = self.backfill(whatsapp, code=FAILED)
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(self.results(run), ["error"] * CHATS)
        self.assertTrue(all("479" in event["why"] for event in run.named("thread")), run.events)
        whatsapp.fault("ack-error=off")
        self.backfill(whatsapp, "--count", "500")
        self.assert_complete(whatsapp)

    def test_the_phone_is_asked_so_often_within_an_hour_and_no_more(self):
        whatsapp = self.whatsapp()
        with contextlib.closing(sqlite3.connect(self.account_file())) as database, database:
            now = int(time.time())
            database.executemany(
                "INSERT INTO phone_requests (id, content, asked_at) VALUES (?, x'', ?)",
                [("3EB0%d" % each, now - 60) for each in range(600)],
            )
        run = self.backfill(whatsapp, code=TIMED_OUT)
        self.assert_fails(run, TIMED_OUT, error="timeout", says=["600"], hints=["minutes"])
        self.assertEqual(whatsapp.ask("receipts")["history_requests"], [])
        (delayed,) = self.database().execute("SELECT delayed_requests FROM device").fetchone()
        self.assertEqual(delayed, 1)

    def test_the_time_is_up(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("phone-offline")
        run = self.backfill(whatsapp, "--timeout", "2s", code=TIMED_OUT)
        self.assert_fails(run, TIMED_OUT, error="timeout", says=["time"], hints=["--timeout"])
        self.assertEqual(len(run.named("done")), 1)

    def test_a_lost_connection_is_made_again(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("drop-after=8")
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)
        self.assert_complete(whatsapp)

    def test_whatsapp_is_away(self):
        whatsapp = self.whatsapp()
        whatsapp.end()
        run = self.backfill(whatsapp, "--timeout", "3s", code=WHATSAPP)
        self.assert_fails(run, WHATSAPP, error="network")

    def test_interrupted_it_goes_on_later(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("on-demand-silent")
        run = self.start_backfill(whatsapp, "--count", "500")
        run.event("start")
        self.until_asked(whatsapp)
        run.stop(signal.SIGINT, SIGINT_CODE)
        self.assertEqual(len(run.named("done")), 1)
        self.assert_sound()
        whatsapp.fault("on-demand-silent=off")
        self.backfill(whatsapp, "--count", "500")
        self.assert_complete(whatsapp)

    def test_two_at_once(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("on-demand-silent")
        first = self.start_backfill(whatsapp)
        self.until_asked(whatsapp)
        second = self.backfill(whatsapp, code=HELD)
        self.assert_fails(second, HELD, error="held_elsewhere")
        first.stop(signal.SIGINT, SIGINT_CODE)

    def test_a_running_listener_does_it(self):
        whatsapp = self.whatsapp()
        listening = self.connected(whatsapp)
        run = self.backfill(whatsapp, "--count", "500")
        self.assertEqual(self.results(run), ["exhausted"] * CHATS)
        self.assertEqual(run.events[-1]["messages"], CHATS * OLDER)
        whatsapp.send_message(chat=self.threads()[0]["jid"], text="still here")
        listening.event("received")
        listening.stop(signal.SIGTERM, OK)
        self.assert_sound()

    def test_two_at_once_over_a_listener(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("on-demand-silent")
        listening = self.connected(whatsapp)
        first = self.start_backfill(whatsapp)
        self.until_asked(whatsapp)
        second = self.backfill(whatsapp, code=HELD)
        self.assert_fails(second, HELD, error="held_elsewhere")
        listening.stop(signal.SIGTERM, OK)
        self.assertNotEqual(first.finish(), OK, first.account())

    def test_who_interrupts_it_at_a_listener_ends_it_there(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("on-demand-silent")
        listening = self.connected(whatsapp)
        first = self.start_backfill(whatsapp)
        self.until_asked(whatsapp)
        first.stop(signal.SIGINT, SIGINT_CODE)
        whatsapp.fault("on-demand-silent=off")
        # As soon as the listener has heard of it; an answer takes 20 seconds to be given up.
        deadline = time.monotonic() + harness.PATIENCE
        code = HELD
        while code == HELD and time.monotonic() < deadline:
            second = self.start_backfill(whatsapp, "--count", "500")
            code = second.finish()
        self.assertEqual(code, OK, second.account())
        self.assert_complete(whatsapp)
        listening.stop(signal.SIGTERM, OK)

    def test_anchors_that_the_phone_does_not_know_are_left_behind(self):
        whatsapp = self.whatsapp(dataset="8x20")
        whatsapp.fault("on-demand-silent=3EB0")
        run = self.backfill(whatsapp, "--count", "500", "--timeout", "4m")
        self.assertEqual(self.results(run), ["exhausted"] * 8)
        self.assert_complete(whatsapp)

    def test_what_answers_nobodys_request_is_no_answer(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("on-demand-wrong-session")
        run = self.backfill(whatsapp, "--threads", "1", code=TIMED_OUT)
        self.assertEqual(self.results(run), ["no_answer"])
        self.assertEqual(run.events[-2]["messages"], 0)
        # What our own phone sent is kept all the same; nothing is lost, nothing comes twice.
        whatsapp.fault("on-demand-wrong-session=off")
        self.backfill(whatsapp, "--count", "500")
        self.assert_complete(whatsapp)

    def test_a_chat_without_a_thread_gets_none(self):
        """The phone answers about more than it was asked, as it may."""
        whatsapp = self.whatsapp()
        chosen = self.threads()[0]
        with contextlib.closing(sqlite3.connect(self.account_file())) as database, database:
            for table, column in (("messages", "thread"), ("threads", "row_id")):
                database.execute(
                    "DELETE FROM %s WHERE %s != (SELECT row_id FROM threads WHERE jid = ?)"
                    % (table, column),
                    (chosen["jid"],),
                )
        whatsapp.fault("on-demand-more-chats")
        self.backfill(whatsapp, "--thread", chosen["thread"], "--count", "500")
        self.assertEqual([each["jid"] for each in self.threads()], [chosen["jid"]])

    def test_several_requests_at_once(self):
        whatsapp = self.whatsapp(dataset="6x20")
        whatsapp.fault("on-demand-silent")
        run = self.start_backfill(whatsapp, "--in-flight", "4")
        deadline = time.monotonic() + harness.PATIENCE
        while len(whatsapp.ask("receipts")["history_requests"]) < 4:
            self.assertLess(time.monotonic(), deadline, "four at once were wanted")
        run.stop(signal.SIGINT, SIGINT_CODE)
        whatsapp.fault("on-demand-silent=off")
        done = self.backfill(whatsapp, "--count", "500", "--in-flight", "4")
        self.assertEqual(done.events[-1]["messages"], 6 * OLDER)
        self.assert_complete(whatsapp)

    def test_a_listener_that_is_restarted_in_the_middle(self):
        whatsapp = self.whatsapp()
        whatsapp.fault("on-demand-silent")
        listening = self.connected(whatsapp)
        first = self.start_backfill(whatsapp)
        self.until_asked(whatsapp)
        listening.stop(signal.SIGTERM, OK)
        self.assertNotEqual(first.finish(), OK, first.account())
        whatsapp.fault("on-demand-silent=off")
        again = self.connected(whatsapp)
        self.backfill(whatsapp, "--count", "500")
        self.assert_complete(whatsapp)
        again.stop(signal.SIGTERM, OK)

    def all_of_them(self, whatsapp, *options):
        """scripts/backfill-all, as cron would run it."""
        environment = self.environment(
            WA_SYNC=harness.program("wa-sync"), WA_SYNC_STATE_DIR=self.state,
            WA_SYNC_SERVER=whatsapp.url, WA_SYNC_SERVER_KEY=whatsapp.key,
        )
        script = os.path.join(SCRIPTS, "backfill-all")
        return subprocess.run(
            [script, *options], env=environment, capture_output=True, text=True, timeout=harness.PATIENCE * 4
        )

    def test_the_script_for_cron(self):
        whatsapp = self.whatsapp()
        found = self.all_of_them(whatsapp, "--count", "500")
        self.assertEqual((found.returncode, found.stderr), (0, ""), found)
        self.assertIn("messages=%d" % (CHATS * OLDER), found.stdout)
        whatsapp.fault("phone-offline")
        later = self.all_of_them(whatsapp, "--force", "--timeout", "2s")
        self.assertEqual((later.returncode, later.stderr), (0, ""), later)
        self.assertIn("the next run goes on", later.stdout)
        whatsapp.end()
        away = self.all_of_them(whatsapp, "--force", "--timeout", "2s")
        self.assertEqual((away.returncode, away.stdout), (1, ""), away)
        self.assertIn("WhatsApp is not reachable", away.stderr)

    def test_the_script_for_cron_without_anything(self):
        simulator = self.simulator(dataset="3x2", faults=["no-history"])
        none = self.all_of_them(simulator)
        self.assertEqual(none.returncode, 1, none)
        self.assertIn("wa-sync pair", none.stderr)
        self.pair(simulator, "--no-wait")
        empty = self.all_of_them(simulator)
        self.assertEqual(empty.returncode, 1, empty)
        self.assertIn("no conversation to fill", empty.stderr)


if __name__ == "__main__":
    harness.main()
