#!/usr/bin/env python3
"""`wa-sync diagnose --live`: WhatsApp itself is asked, through the listener or by a login that
leaves no trace; and what is known of the phone.

usage: diagnose_live_test.py BUILD_BIN_DIR [TEST…]
"""

import fcntl
import hashlib
import json
import os
import socket
import threading
import time

import harness
from diagnose_test import ARRIVING, NOT_CONNECTED, NO_ACCOUNT, Diagnose, nowhere
from harness import FAILED, OK

DAY = 24 * 3600


class Live(Diagnose):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator(dataset="3x3")
        self.paired(self.sim)

    def live(self, code, *options, sim=None, url=None):
        sim = sim or self.sim
        return self.diagnose(
            code, "--live", "--server", url or sim.url, "--server-key", sim.key, *options
        )

    def connections(self):
        return self.sim.state()["connections"]

    def says(self, english, romanian):
        for language, words in (("en", english), ("ro", romanian)):
            self.assertIn(words, " ".join(self.words[language].split()))


class ThroughTheListener(Live):
    def test_an_answer(self):
        self.connected(self.sim)
        before = self.connections()
        found = self.live(OK)
        self.assertEqual(found["verdict"], "HEALTHY")
        self.assertEqual({each["ok"] for each in found["checks"]}, {True})
        facts = self.check(found, "live")["facts"]
        self.assertIsNotNone(facts["took_ms"])
        self.assertIsNotNone(facts["server_time"])
        self.says("over the listener's connection", "pe conexiunea listenerului")
        self.assertEqual(self.connections(), before, "it connected by itself")
        without = self.diagnose(OK)
        self.assertNotIn("live", [each["id"] for each in without["checks"]])

    def test_a_server_that_has_fallen_silent(self):
        self.connected(self.sim)
        self.sim.fault("silent")
        found = self.live(NOT_CONNECTED, "--timeout", "8s")
        self.assert_found(found, "STALE", "not_connected", "live", "systemctl restart wa-sync")
        self.says("does not answer over the listener's", "nu răspunde pe conexiunea listenerului")

    def test_a_refusal_says_more_than_the_listener(self):
        run = self.connected(self.sim)
        self.sim.fault("refuse-login=402")
        self.sim.drop_connections()
        run.event("halted")
        found = self.live(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "live", "wa-sync diagnose --live")
        self.assertIn("banned", found["why"])
        self.assertEqual(self.check(found, "connection")["state"], "skipped")

    def test_one_that_cannot_connect(self):
        run = self.connected(self.sim)
        self.sim.end()
        run.event("disconnected")
        found = self.live(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "connection", "systemctl reload wa-sync")
        self.says("the listener is not connected: ", "listenerul nu este conectat: ")

    def test_one_of_an_older_version(self):
        self.hold_account()
        self.answer_like_before()
        found = self.live(FAILED)
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "live"))
        self.assertIn("systemctl restart wa-sync", found["action"])
        self.says("runs an older version", "rulează o versiune mai veche")

    def test_a_command_that_has_the_account(self):
        self.hold_account()
        before = self.connections()
        found = self.live(FAILED)
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "live"))
        self.says("another process works with the account", "alt proces lucrează cu contul")
        self.assertEqual(self.connections(), before)

    def hold_account(self):
        lock = open(os.path.join(self.account_directory(), "lock"))
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)

    def answer_like_before(self):
        """The control socket of a listener that knows nothing of pings."""
        run = os.path.join(self.state, "run")
        os.makedirs(run, mode=0o700, exist_ok=True)
        here = os.getcwd()
        os.chdir(run)  # the path may be too long for an address
        server = socket.socket(socket.AF_UNIX)
        server.bind(os.path.basename(self.account_directory()) + ".sock")
        os.chdir(here)
        server.listen()
        self.addCleanup(server.close)
        threading.Thread(target=self.serve, args=(server,), daemon=True).start()

    @staticmethod
    def serve(server):
        while True:
            try:
                asker, _ = server.accept()
            except OSError:
                return
            with asker, asker.makefile("rw") as lines:
                now = int(time.time())
                status = {"event": "status", "connected_since": now, "last_server_traffic": now}
                error = {"event": "error", "code": "usage", "message": "no such request"}
                asked = json.loads(lines.readline())["request"]
                answer = status if asked == "status" else error
                lines.write(json.dumps({**answer, "end": True}) + "\n")


class Alone(Live):
    def files(self):
        """What the account's folder holds, but for the lock (which names its last holder) and what
        SQLite keeps beside an open file."""
        found = {}
        for name in os.listdir(self.account_directory()):
            if name != "lock" and not name.endswith(("-shm", "-wal")):
                with open(os.path.join(self.account_directory(), name), "rb") as file:
                    found[name] = hashlib.sha256(file.read()).hexdigest()
        return found

    def test_a_login_that_leaves_no_trace(self):
        thread = self.threads()[0]
        for text in ("first of them", "second of them"):
            self.sim.send_message(chat=thread["jid"], text=text)
        before, state = self.files(), self.sim.state()
        found = self.live(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "holder", "wa-sync listen")
        self.assertIs(self.check(found, "live")["ok"], True)
        self.says("WhatsApp lets the account in", "WhatsApp primește contul")
        self.assertEqual(self.files(), before)
        self.sim.until(lambda now: now["open_connections"] == 0)
        now = self.sim.state()
        self.assertEqual(now["logins"], state["logins"] + 3)  # as JSON, and in two languages
        self.assertEqual(now["companions"], state["companions"], "something was delivered")
        self.assertEqual(now["queries"].get("passive"), state["queries"].get("passive"))
        self.connected(self.sim).event("received")
        self.sim.until(lambda now: now["companions"][0]["pending"] == 0)
        (count,) = self.database().execute(
            "SELECT count(*) FROM messages WHERE body LIKE '% of them'"
        ).fetchone()
        self.assertEqual(count, 2)

    def refused(self, code, action, english, romanian):
        self.sim.fault("refuse-login=%d" % code)
        before = self.files()
        found = self.live(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "live", action)
        self.says(english, romanian)
        self.assertEqual(self.files(), before)
        self.assertEqual(self.check(found, "holder")["state"], "skipped")

    def test_logged_out(self):
        self.refused(401, "wa-sync pair", "WhatsApp refuses the login", "WhatsApp refuză conectarea")

    def test_banned(self):
        self.refused(402, "wa-sync diagnose --live", "banned: ", "blocat: ")

    def test_outdated(self):
        self.refused(405, "--web-version auto", "a newer web version", "o versiune web mai nouă")

    def test_refused_for_another_reason(self):
        self.refused(409, "wa-sync diagnose --live", "WhatsApp refuses: ", "WhatsApp refuză: ")

    def test_busy(self):
        self.refused(503, "curl ", "not reachable: ", "nu poate fi contactat: ")

    def test_nobody_there(self):
        found = self.live(NOT_CONNECTED, url="ws://" + nowhere())
        self.assert_found(found, "STALE", "not_connected", "live", "curl ")
        self.assertIn("Connection refused", found["why"])

    def test_another_server_in_its_place(self):
        other = self.simulator(dataset="1x1")
        found = self.diagnose(
            NOT_CONNECTED, "--live", "--server", other.url, "--server-key", self.sim.key
        )
        self.assert_found(found, "STALE", "not_connected", "live", "openssl s_client")
        self.says("what answers is not WhatsApp", "cine răspunde nu este WhatsApp")

    def test_no_answer_after_the_login(self):
        self.sim.fault("silent")
        found = self.live(NOT_CONNECTED, "--timeout", "6s")
        self.assert_found(found, "STALE", "not_connected", "live", "curl ")
        self.says("no answer: ", "fără răspuns: ")

    def test_unpaired(self):
        run = self.run_sync("unpair", "--yes", "--server", self.sim.url, "--server-key", self.sim.key)
        self.assertEqual(run.code, OK, run.account())
        before = self.connections()
        found = self.live(NO_ACCOUNT)
        self.assert_found(found, "STALE", "no_account", "account", "wa-sync pair")
        self.says("not asked: the account is not linked", "neîntrebat: contul nu este conectat")
        self.assertEqual(self.connections(), before)


class Several(Live):
    def setUp(self):
        Diagnose.setUp(self)
        self.sim = self.simulator("--users", "2", dataset="1x1")
        for user in (0, 1):
            run = self.start_pair(self.sim)
            self.assertEqual(run.finish(self.sim, user=user), OK, run.account())

    def lives(self, found):
        return [each for each in found["checks"] if each["id"] == "live"]

    def test_each_by_itself(self):
        found = self.live(NOT_CONNECTED)
        self.assertEqual([each["ok"] for each in self.lives(found)], [True, True])

    def test_a_server_that_accepts_and_says_nothing(self):
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(16)
            url = "ws://127.0.0.1:%d" % deaf.getsockname()[1]
            begun = time.monotonic()
            run = self.run_sync(
                *("diagnose", "--json", "--live", "--timeout", "6s"),
                *("--server", url, "--server-key", self.sim.key)
            )
            took = time.monotonic() - begun
        self.assertEqual(run.code, NOT_CONNECTED, run.account())
        self.assertLess(took, 25)  # sooner than anything else gives up
        found = json.loads(run.out.text())
        self.assertEqual(found["check"], "live")
        self.assertEqual([each["state"] for each in self.lives(found)], ["broken", "broken"])


class Phone(Live):
    def heard(self, seconds_ago, *more):
        at = "strftime('%%s','now') - %d" % seconds_ago if seconds_ago else "0"
        self.change_stored("UPDATE device SET phone_heard_at = " + at, *more)

    def test_heard_of_when_the_history_came(self):
        self.connected(self.sim)
        found = self.assert_healthy()
        self.assertIsNotNone(self.check(found, "phone")["facts"]["last_heard"])
        (account,) = self.json_of("accounts", "list")
        self.assertIsNotNone(account["phone_last_seen"])

    def test_what_the_phone_sends_is_noticed(self):
        self.heard(5 * DAY)
        run = self.connected(self.sim)
        self.says_of_phone("5 days ago", "acum 5 zile")
        chat = self.threads()[0]["jid"]
        self.sim.send_message(chat=chat, text="from the phone", **{"from": "me"})
        run.event("received")
        self.diagnose(OK)
        self.assertNotIn("5 days ago", self.words["en"])

    def says_of_phone(self, english, romanian):
        found = self.diagnose(OK)
        self.says("last seen " + english, "văzut ultima dată " + romanian)
        self.assertEqual(found["verdict"], "HEALTHY")
        return self.check(found, "phone")

    def test_never_and_long_ago_are_no_fault(self):
        self.connected(self.sim)
        self.heard(0)
        # The running listener remembers the phone.
        self.says_of_phone("", "")
        self.heard(13 * DAY)
        self.says_of_phone("", "")

    def test_long_ago(self):
        self.heard(13 * DAY)
        self.connected(self.sim)
        self.assertEqual(self.says_of_phone("13 days ago", "acum 13 zile")["state"], "unknown")

    def test_never(self):
        self.heard(0)
        self.connected(self.sim)
        found = self.diagnose(OK)
        self.assertEqual(found["verdict"], "HEALTHY")
        self.assertEqual(self.check(found, "phone")["state"], "unknown")
        self.says("not seen since it was linked", "nu a dat niciun semn de la conectare")

    def test_is_to_be_switched_on_first(self):
        self.heard(
            3 * 3600,
            "DELETE FROM history_queue WHERE type <> 3",
            "UPDATE history_queue SET progress = 30",
            "UPDATE device SET history_awaited = 1, paired_at = paired_at - 7200",
            "UPDATE account SET last_history_sync_at = last_history_sync_at - 3600",
        )
        self.connected(self.sim)
        found = self.diagnose(ARRIVING)
        self.assertIn("switch it on first", found["why"])
        self.assertIn("last seen 3 hours ago", found["why"])
        self.says("switch it on first", "pornește-l întâi")


if __name__ == "__main__":
    harness.main()
