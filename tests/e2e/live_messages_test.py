#!/usr/bin/env python3
"""Live stanzas beyond plain messages: receipts, what does not decrypt and how it comes after all,
and stanzas repeated, reordered and replayed.

usage: live_messages_test.py BUILD_BIN_DIR [TEST…]
"""

import contextlib
import sqlite3
import time

import harness
from harness import OK, Case, node

PERSON, OTHER = "40721000001@s.whatsapp.net", "40721000005@s.whatsapp.net"
GROUP = "120363000000000001@g.us"
LIST, CHANNEL = "40711000001@broadcast", "120363000000000009@newsletter"
BOT = "867051314767696@bot"


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


class Kinds(Live):
    """What of a stanza says what it is, and where it belongs."""

    def thread(self, jid):
        (thread,) = [each for each in self.threads() if each["jid"] == jid]
        return thread

    def test_what_an_admin_deletes_is_deleted(self):
        simulator, run = self.online()
        kept = simulator.send_message(chat=GROUP, text="rămâne", **{"from": OTHER})
        gone = simulator.send_message(chat=GROUP, text="reclamă", **{"from": OTHER})
        ours = simulator.send_message(chat=GROUP, text="al nostru", **{"from": "me"})
        self.answered(simulator)
        admin = {"chat": GROUP, "from": PERSON, "kind": "revoke", "target_from_author": False}
        simulator.send_message(target=kept, **admin)
        simulator.send_message(target=gone, by_admin=True, **admin)
        simulator.send_message(target=ours, by_admin=True, **admin)
        self.answered(simulator)
        columns = "body, deleted_at IS NOT NULL"
        self.assertEqual(self.row(kept, columns), ("rămâne", 0))
        self.assertEqual(self.row(gone, columns), (None, 1))
        self.assertEqual(self.row(ours, columns), (None, 1))
        self.finish(simulator, run)

    def test_through_a_broadcast_list(self):
        simulator, run = self.online()
        promo = simulator.send_message(chat=LIST, text="promoție", **{"from": PERSON})
        self.answered(simulator)
        self.assertEqual(self.row(promo, "body, key_remote_jid"), ("promoție", LIST))
        thread = self.thread(PERSON)
        self.assertEqual(thread["last_message"], "promoție")
        self.assertEqual(thread["unread"], 1)
        simulator.fault("undecryptable=1")
        simulator.fault("no-resend")
        lost = simulator.send_message(chat=LIST, text="de la telefon", **{"from": PERSON})
        self.answered(simulator)
        self.becomes(lost, ("text", "de la telefon"))
        ours = simulator.send_message(
            chat=LIST, text="ofertă", recipients=[PERSON, OTHER], **{"from": "me"}
        )
        self.answered(simulator)
        for jid in (PERSON, OTHER):
            shown = self.json_of("threads", "show", self.thread(jid)["thread"], "--limit", "1")
            self.assertEqual([each["id"] for each in shown], [ours])
        self.assertNotIn(LIST, [each["jid"] for each in self.threads()])
        self.finish(simulator, run)

    def test_what_is_withheld_is_said_at_once(self):
        simulator, run = self.online()
        for kind, says in (
            ("view_once", "View once message, shown on the phone only"),
            ("hosted", "Message of a business account, shown on the phone only"),
            ("bot", "Answer of a bot, shown on the phone only"),
        ):
            simulator.fault("withheld=" + kind)
            message = simulator.send_message(chat=PERSON, text="nu ajunge")
            self.answered(simulator)
            self.assertEqual(self.row(message), ("withheld", says))
        simulator.fault("withheld=off")
        self.assertEqual(self.counts(), {"waiting": 0, "recovered": 0, "lost": 0})
        thread = self.thread(PERSON)["thread"]
        for language, says in (
            ("en", "[kept from linked devices] View once message"),
            ("ro", "[nu ajunge la dispozitivele conectate] View once message"),
        ):
            shown = self.run_sync("--lang", language, "threads", "show", thread)
            self.assertIn(says, shown.out.text())
        self.finish(simulator, run)

    def call(self, simulator, end, *offered, tag="offer", **more):
        """Rings, and ends; the call's id."""
        call = "CALL%d" % time.monotonic_ns()
        about = {"call_id": call, "call_creator": PERSON}
        simulator.send_stanza("call", node(tag, *offered, **about, **more), from_=PERSON)
        simulator.send_stanza("call", node("terminate", **about, **end), from_=PERSON)
        self.answered(simulator)
        return call

    def test_missed_calls(self):
        simulator, run = self.online()
        voice = self.call(simulator, {"reason": "timeout"})
        video = self.call(simulator, {}, node("video"))
        answered = self.call(simulator, {"reason": "accepted_elsewhere"})
        self.assertEqual(self.row(voice), ("call", "Missed voice call"))
        self.assertEqual(self.row(video), ("call", "Missed video call"))
        self.assertIsNone(self.row(answered))
        self.assertEqual(self.thread(PERSON)["unread"], 2)
        in_group = self.call(
            simulator, {"reason": "timeout"}, tag="offer_notice", media="audio", group_jid=GROUP
        )
        self.assertEqual(self.row(in_group), ("call", "Missed voice call"))
        self.assertEqual(self.thread(GROUP)["last_message"], "Missed voice call")
        acks = simulator.ask("receipts")["acks"]
        self.assertEqual(len([ack for ack in acks if ack["class"] == "call"]), 8)
        self.finish(simulator, run)

    def test_channels_make_no_conversation(self):
        simulator, run = self.online()
        post = node("plaintext", content=b"\x0a\x04news")
        simulator.send_stanza("message", post, from_=CHANNEL, type="text", server_id="7")
        simulator.send_stanza("status", post, from_=CHANNEL, type="text", server_id="8")
        self.answered(simulator)
        listed = self.json_of("threads", "list", "--hidden")
        self.assertNotIn(CHANNEL, [each["jid"] for each in listed])
        self.assertEqual([ack for ack in simulator.ask("receipts")["acks"] if "error" in ack], [])
        self.finish(simulator, run)

    def test_a_stranger_without_number_or_name_is_shown(self):
        simulator, run = self.online()
        message = simulator.send_message(chat="123456789012345@lid", text="bună ziua")
        self.answered(simulator)
        self.assertEqual(self.row(message), ("text", "bună ziua"))
        thread = self.thread("123456789012345@lid")
        self.assertEqual((thread["name"], thread["hidden_because"]), ("Contact …2345", None))
        self.finish(simulator, run)

    def test_a_bot_s_answer_is_shown_once(self):
        simulator, run = self.online()
        sealed = node("enc", type="msmsg", v="2", content=bytes(40))
        meta = node("meta", target_chat_jid=PERSON)
        for _ in range(3):
            for edit in ({"edit": "first"}, {"edit": "last", "edit_target_id": "BOT1"}):
                message = "BOT1" if edit["edit"] == "first" else "BOT2"
                simulator.send_stanza(
                    "message", node("bot", **edit), meta, sealed, from_=BOT, type="text", id=message
                )
                self.answered(simulator)
        self.assertEqual(
            self.row("BOT1"), ("withheld", "Answer of a bot, shown on the phone only")
        )
        self.assertIsNone(self.row("BOT2"))
        self.assertEqual([ack for ack in simulator.ask("receipts")["acks"] if "error" in ack], [])
        self.finish(simulator, run)


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
