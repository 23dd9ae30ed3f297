#!/usr/bin/env python3
"""What WhatsApp and the phone are told, and when: every stanza gets its answer, and none
before what it says is stored for good.

usage: receipts_test.py BUILD_BIN_DIR [TEST…]
"""

import random

import harness
from harness import OK, Case

WAITING, DONE = 0, 1  # history_queue.state


CHUNKS = 6  # of the small history: a phase each, one of statuses, names and side data


class Receipts(Case):
    def queue(self):
        """Of every history notification: the message that carried it, and its state."""
        return dict(self.database().execute("SELECT message_id, state FROM history_queue"))

    def kill_when(self, run, simulator, condition):
        simulator.until(condition)
        run.kill()

    def linked(self, simulator):
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        return run


class History(Receipts):
    def check_all_told(self, simulator, chunks):
        told = simulator.receipts("hist_sync")
        received = simulator.receipts("peer_msg")
        self.assertEqual(len(told), chunks)
        self.assertEqual(len(set(told)), chunks)
        self.assertLessEqual(set(told), set(received))
        self.assertEqual(len(set(received)), len(received))
        for chunk in told:  # first that the notification arrived, then that its content did
            kinds = [each["type"] for each in simulator.ask("receipts")["receipts"] if each["id"] == chunk]
            self.assertEqual(kinds, ["peer_msg", "hist_sync"])
        self.assertEqual(simulator.state()["companions"][0]["pending"], 0)
        self.assertEqual(simulator.state()["complaints"], [])

    def test_every_notification_and_every_chunk(self):
        simulator = self.simulator()
        self.paired(simulator)
        self.check_all_told(simulator, CHUNKS)
        self.assertEqual(set(self.queue().values()), {DONE})

    def test_inside_the_notifications_too(self):
        simulator = self.simulator("--history-inline")
        self.paired(simulator)
        self.check_all_told(simulator, CHUNKS)

    def test_many_chunks(self):
        simulator = self.simulator("--chunk", "60", dataset="10x40")
        self.paired(simulator)
        chunks = simulator.state()["history_chunks"]
        self.assertGreater(chunks, 15)
        self.check_all_told(simulator, chunks)

    def test_every_blob_is_deleted_at_the_servers(self):
        simulator = self.simulator("--chunk", "60", dataset="10x40")
        run = self.paired(simulator, "-v")
        state = simulator.state()
        self.assertEqual(state["complaints"], [])
        self.assertEqual(state["blobs_deleted"], state["history_chunks"])
        self.assertGreater(state["blobs_deleted"], 15)
        self.assertNotIn("stays at the media servers", run.err.text())
        self.assertNotIn(state["media_auth"], run.out.text() + run.err.text())
        # Nothing of it is kept either.
        self.assertNotIn(state["media_auth"], "".join(self.database().iterdump()))

    def test_a_chunk_that_is_not_stored_is_not_told(self):
        # The notifications arrive, what they announce cannot be had.
        simulator = self.simulator(faults=["media-status=503"])
        run = self.linked(simulator)
        self.kill_when(run, simulator, lambda state: state["companions"][0]["pending"] == 0
                       and state["history_chunks"] == CHUNKS)
        self.assertEqual(simulator.receipts("hist_sync"), [])
        self.assertEqual(simulator.state()["blobs_deleted"], 0)
        self.assertEqual(len(self.queue()), CHUNKS)
        self.assertEqual(set(self.queue().values()), {WAITING})
        simulator.fault("media-status=off")
        again = self.paired(simulator)
        self.assertEqual(again.named("qr"), [])
        self.check_all_told(simulator, CHUNKS)
        self.assert_inbox_equals(simulator)

    def test_what_was_told_survives_a_kill(self):
        moments = random.Random(3)
        for round_number in range(6):
            told_before = moments.randint(1, 14)
            with self.subTest(round=round_number, told_before=told_before):
                self.state = self.scratch + "/state-%d" % round_number
                simulator = self.simulator("--chunk", "30", dataset="8x20")
                run = self.linked(simulator)
                while len(simulator.receipts("hist_sync")) < told_before:
                    self.assertIsNone(run.process.poll(), run.account())
                run.kill()
                queue = self.queue()
                told = simulator.receipts("hist_sync")
                self.assertEqual({queue.get(message) for message in told}, {DONE})
                # The first peer message shares keys; the others are in the queue by now.
                announced = simulator.receipts("peer_msg")[1:]
                self.assertLessEqual(set(announced), set(queue))
                # Nothing is fetched twice: it is there.
                self.paired(simulator)
                self.assert_inbox_equals(simulator)
                chunks = simulator.state()["history_chunks"]
                self.assertLessEqual(len(told) + 1, chunks)
                self.assertEqual(set(simulator.receipts("hist_sync")), set(self.queue()))
                simulator.end()


class Messages(Receipts):
    """Messages that come while `pair` waits for history."""

    PERSON, OTHER = "40721000001@s.whatsapp.net", "40721000005@s.whatsapp.net"
    BY_LID, GROUP = "120000000000003@lid", "120363000000000001@g.us"

    def online(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        simulator.until(lambda state: state["companions"][0]["active"])
        return simulator, run

    def finish(self, simulator, run):
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())

    def messages_of(self, jid):
        (thread,) = [each for each in self.threads() if each["jid"] == jid]
        return {
            each["id"]: each
            for each in self.json_of("threads", "show", thread["thread"], "--limit", "1000")
        }

    def test_each_kind_of_sender(self):
        simulator, run = self.online()
        sent = [
            (self.PERSON, "inbound", simulator.send_message(chat=self.PERSON, text="alo?")),
            (self.PERSON, "outbound", simulator.send_message(chat=self.PERSON, text="da", **{"from": "me"})),
            (self.GROUP, "inbound", simulator.send_message(chat=self.GROUP, text="toți?", **{"from": self.OTHER})),
            ("40721000003@s.whatsapp.net", "inbound", simulator.send_message(chat=self.BY_LID, text="LID")),
        ]
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)
        for jid, direction, message in sent:
            self.assertIn(message, simulator.receipts())
        self.finish(simulator, run)
        for jid, direction, message in sent:
            self.assertEqual(self.messages_of(jid)[message]["direction"], direction, jid)
        # What history says of the same chats is there as well.
        expected = {thread["jid"]: thread for thread in simulator.dataset()["threads"]}
        for jid in {jid for jid, _, _ in sent}:
            self.assertLess(
                {harness.document_id(m, expected[jid]) for m in expected[jid]["message_list"]},
                set(self.messages_of(jid)),
            )
        self.assert_sound()

    def test_receipted_means_stored(self):
        for round_number in range(4):
            with self.subTest(round=round_number):
                self.state = self.scratch + "/state-%d" % round_number
                simulator, run = self.online()
                sent = [
                    simulator.send_message(chat=self.PERSON, text="mesajul %d" % number)
                    for number in range(30)
                ]
                while not set(simulator.receipts()) & set(sent[5 * round_number :]):
                    self.assertIsNone(run.process.poll(), run.account())
                run.kill()
                receipted = set(simulator.receipts()) & set(sent)
                self.assertLessEqual(receipted, set(self.messages_of(self.PERSON)))
                simulator.fault("hold-history=off")
                self.paired(simulator)
                there = self.messages_of(self.PERSON)
                self.assertLessEqual(set(sent), set(there))
                self.assertEqual(
                    [there[each]["body"] for each in sent], ["mesajul %d" % n for n in range(30)]
                )
                self.assert_sound()
                simulator.end()

    def test_undecryptable_is_asked_for_again(self):
        simulator, run = self.online()
        simulator.fault("undecryptable=1")
        message = simulator.send_message(chat=self.PERSON, text="încă o dată")
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)
        self.finish(simulator, run)
        self.assertIn(message, simulator.receipts("retry"))
        self.assertEqual(self.messages_of(self.PERSON)[message]["body"], "încă o dată")


if __name__ == "__main__":
    harness.main()
