#!/usr/bin/env python3
"""Live stanzas beyond plain messages: receipts, what does not decrypt and how it comes after all,
and stanzas repeated, reordered and replayed.

usage: live_messages_test.py BUILD_BIN_DIR [TEST…]
"""

import contextlib
import sqlite3
import time

import harness
from harness import OK, Case

PERSON, OTHER = "40721000001@s.whatsapp.net", "40721000005@s.whatsapp.net"
GROUP = "120363000000000001@g.us"


class Live(Case):
    def online(self, *faults):
        """Online while the history is held back, as long as the test likes."""
        simulator = self.simulator(faults=["hold-history"])
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        # The phone has written to us: what goes wrong from now on are the test's own messages.
        simulator.until(
            lambda state: state["companions"][0]["active"]
            and state["companions"][0]["app_state_keys_sent"]
            and state["companions"][0]["pending"] == 0
        )
        for fault in faults:
            simulator.fault(fault)
        return simulator, run

    def answered(self, simulator):
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)

    def finish(self, simulator, run):
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_sound()

    def row(self, message, columns="type, body"):
        with contextlib.closing(sqlite3.connect(self.account_file(), timeout=30)) as database:
            return database.execute(
                "SELECT %s FROM messages WHERE document_id = ?" % columns, (message,)
            ).fetchone()

    def becomes(self, message, expected, columns="type, body"):
        deadline = time.monotonic() + harness.PATIENCE
        while (found := self.row(message, columns)) != expected:
            if time.monotonic() > deadline:
                self.fail("%s is %r and never became %r" % (message, found, expected))

    def counts(self):
        (account,) = self.json_of("accounts", "list")
        return account["undecryptable"]


class Delivery(Live):
    def test_our_messages_are_delivered_and_read(self):
        simulator, run = self.online()
        ours = [
            simulator.send_message(chat=PERSON, text=str(n), **{"from": "me"}) for n in range(3)
        ]
        self.answered(simulator)
        simulator.send_receipt(chat=PERSON, ids=ours)
        simulator.send_receipt(chat=PERSON, ids=ours[:1], type="read")
        simulator.send_receipt(chat=PERSON, ids=ours[:1])
        self.answered(simulator)
        statuses = {each["id"]: each["status"] for each in self.messages_of(PERSON)}
        self.assertEqual([statuses[each] for each in ours], ["read", "delivered", "delivered"])
        self.finish(simulator, run)

    def messages_of(self, jid):
        (thread,) = [each for each in self.threads() if each["jid"] == jid]
        return self.json_of("threads", "show", thread["thread"], "--limit", "1000")


class Undecryptable(Live):
    def test_waits_in_sight_until_the_sender_sends_again(self):
        simulator, run = self.online("undecryptable=1", "no-resend")
        message = simulator.send_message(chat=PERSON, text="încă o dată")
        self.answered(simulator)
        self.assertEqual(self.row(message), ("undecryptable", None))
        self.assertEqual(self.counts(), {"waiting": 1, "recovered": 0, "lost": 0})
        (thread,) = [each for each in self.threads() if each["jid"] == PERSON]
        for language, says in (
            ("en", "(waiting for this message)"),
            ("ro", "(se așteaptă acest mesaj)"),
        ):
            shown = self.run_sync("--lang", language, "threads", "show", thread["thread"])
            self.assertIn(says, shown.out.text())
        self.finish(simulator, run)

    def test_the_phone_has_it(self):
        # To a group it has two parts.
        for chat, sender, parts in ((PERSON, {}, 1), (GROUP, {"from": OTHER}, 2)):
            with self.subTest(chat=chat):
                self.state = self.scratch + "/state-" + chat
                simulator, run = self.online("no-resend", "undecryptable=%d" % parts)
                message = simulator.send_message(chat=chat, text="de la telefon", **sender)
                self.answered(simulator)
                self.becomes(message, ("text", "de la telefon"))
                self.assertEqual(self.counts(), {"waiting": 0, "recovered": 1, "lost": 0})
                self.finish(simulator, run)
                self.assertEqual(self.row(message), ("text", "de la telefon"))
                simulator.end()

    def test_a_message_without_content(self):
        simulator, run = self.online("unavailable")
        message = simulator.send_message(chat=PERSON, text="o singură dată")
        self.answered(simulator)
        self.assertEqual(self.row(message), ("undecryptable", None))
        self.becomes(message, ("text", "o singură dată"))
        self.assertNotIn(message, simulator.receipts("retry"))
        self.finish(simulator, run)

    def test_a_phone_that_was_away_is_asked_again_after_a_restart(self):
        simulator, run = self.online("no-resend", "undecryptable=1")
        message = simulator.send_message(chat=PERSON, text="mai târziu")
        self.answered(simulator)
        run.kill()
        self.assertEqual(self.row(message), ("undecryptable", None))
        run = self.start_pair(simulator)
        self.becomes(message, ("text", "mai târziu"))
        self.finish(simulator, run)
        self.assertEqual(self.counts(), {"waiting": 0, "recovered": 1, "lost": 0})


class Again(Live):
    def test_repeated_and_reordered_stanzas_double_nothing(self):
        for fault in ("duplicate", "swap"):
            with self.subTest(fault=fault):
                self.state = self.scratch + "/state-" + fault
                simulator, run = self.online()
                simulator.fault(fault)
                sent = [
                    simulator.send_message(chat=PERSON, text="mesajul %d" % n) for n in range(40)
                ]
                simulator.fault(fault + "=off")
                self.answered(simulator)
                for number, message in enumerate(sent):
                    self.assertEqual(self.row(message), ("text", "mesajul %d" % number))
                self.finish(simulator, run)
                self.assertEqual(self.counts(), {"waiting": 0, "recovered": 0, "lost": 0})
                self.assert_inbox_has_all(simulator)
                simulator.end()

    def assert_inbox_has_all(self, simulator):
        self.assertEqual(simulator.state()["complaints"], [])
        self.assertEqual(simulator.state()["companions"][0]["pending"], 0)

    def test_what_was_not_answered_is_delivered_again(self):
        simulator, run = self.online()
        sent = [simulator.send_message(chat=PERSON, text="a") for _ in range(20)]
        simulator.drop_connections()
        sent += [simulator.send_message(chat=PERSON, text="b") for _ in range(20)]
        self.answered(simulator)
        self.assertEqual([self.row(each, "body") for each in sent], [("a",)] * 20 + [("b",)] * 20)
        self.finish(simulator, run)


if __name__ == "__main__":
    harness.main()
