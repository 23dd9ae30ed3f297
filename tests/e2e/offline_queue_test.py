#!/usr/bin/env python3
"""What waited on the server while nobody listened: it comes as it is asked for, and what nobody can
use holds up nothing else.

usage: offline_queue_test.py BUILD_BIN_DIR [TEST…]
"""

import contextlib
import signal
import sqlite3

import harness
from harness import OK, Case


class OfflineQueue(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator()
        self.paired(self.sim)
        threads = self.threads()
        self.chat = next(each["jid"] for each in threads if each["jid"].endswith("@s.whatsapp.net"))
        self.group = next(each["jid"] for each in threads if each["jid"].endswith("@g.us"))

    def ana_writes(self, count, prefix="waited"):
        texts = ["%s %d" % (prefix, i) for i in range(count)]
        for text in texts:
            self.sim.send_message(chat=self.chat, text=text)
        return texts

    def send_unusable(self, how):
        self.sim.fault("unusable=" + how)
        member = {"from": self.chat} if how == "participant" else {}
        self.sim.send_message(chat=self.group if member else self.chat, text="no use", **member)

    def bodies(self):
        return [each["body"] for each in self.json_of("threads", "show", self.chat, "--limit", "1000")]

    def pending(self):
        return self.sim.state()["companions"][0]["pending"]

    def empty(self, state):
        return state["companions"][0]["pending"] == 0

    def test_all_of_sixty_messages_come(self):
        texts = self.ana_writes(60)
        run = self.connected(self.sim)
        self.sim.until(self.empty)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.bodies()[-60:], texts)
        self.assertGreaterEqual(self.sim.state()["offline_batches"], 1)

    def test_more_than_one_batch(self):
        texts = self.ana_writes(230)
        run = self.connected(self.sim)
        self.sim.until(self.empty)
        live = self.ana_writes(3, "live")
        self.sim.until(self.empty)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.bodies()[-50:], (texts + live)[-50:])
        self.assertGreaterEqual(self.sim.state()["offline_batches"], 3)
        self.assert_sound()

    def test_what_waited_and_is_of_no_use_holds_nothing_back(self):
        for how in ("enc-type", "protobuf", "participant"):
            with self.subTest(how):
                self.send_unusable(how)
                texts = self.ana_writes(50, how)
                run = self.connected(self.sim)
                self.sim.until(self.empty)
                run.stop(signal.SIGTERM, OK)
                self.assertEqual(self.bodies()[-50:], texts)
                self.assertEqual(run.err.text().count("cannot be used"), 1, run.account())

    def test_nor_does_it_while_we_listen(self):
        run = self.connected(self.sim)
        for how in ("enc-type", "protobuf", "participant"):
            with self.subTest(how):
                self.send_unusable(how)
                texts = self.ana_writes(5, how)
                self.sim.until(self.empty)
                self.assertEqual(self.bodies()[-5:], texts)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(run.err.text().count("cannot be used"), 3, run.account())

    def test_what_cannot_be_stored_is_refused_and_then_given_up(self):
        """A fault of ours with one message: the account's file takes the others."""
        run = self.connected(self.sim)
        self.sim.send_message(chat=self.chat, text="no use")
        self.sim.until(self.empty)
        run.stop(signal.SIGTERM, OK)
        with contextlib.closing(sqlite3.connect(self.account_file())) as database, database:
            database.execute("CREATE UNIQUE INDEX once ON messages (body) WHERE body = 'no use'")
        self.sim.fault("refused-at-login")
        self.sim.send_message(chat=self.chat, text="no use")
        texts = self.ana_writes(50)
        run = self.connected(self.sim)
        self.sim.until(lambda state: state["companions"][0]["refused"] == 1)
        self.sim.until(lambda state: state["companions"][0]["pending"] <= 1)
        self.assertEqual(self.bodies()[-50:], texts)
        self.sim.drop_connections()
        run.event("disconnected")
        run.event("connected")
        self.sim.until(self.empty)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(run.err.text().count("cannot be used"), 1, run.account())

    def test_a_server_that_repeats_it_at_the_next_login_only(self):
        self.sim.fault("refused-at-login")
        run = self.connected(self.sim)
        self.send_unusable("enc-type")
        self.sim.until(lambda state: state["companions"][0]["refused"] == 1)
        texts = self.ana_writes(20)
        self.sim.drop_connections()
        run.event("disconnected")
        run.event("connected")
        self.sim.until(self.empty)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.bodies()[-20:], texts)

    def test_an_own_copy_that_does_not_decrypt_is_given_up_in_the_end(self):
        self.sim.fault("no-resend")
        self.sim.fault("undecryptable=1")
        sent = self.sim.send_message(chat=self.chat, **{"from": "me"}, text="from the phone")
        for _ in range(5):
            self.assertEqual(self.pending(), 1)
            run = self.connected(self.sim)
            self.sim.send_message(chat=self.chat, text="after it")
            run.event("received")
            self.sim.until(lambda state: state["companions"][0]["pending"] <= 1)
            run.stop(signal.SIGTERM, OK)
        self.sim.until(self.empty)
        self.assertIn(sent, self.sim.receipts("sender"))


if __name__ == "__main__":
    harness.main()
