#!/usr/bin/env python3
"""The main job: after `wa-sync pair` the inbox equals what the phone holds.

usage: history_test.py BUILD_BIN_DIR [TEST…]
"""

import harness
from harness import OK, Case


class History(Case):
    def check(self, dataset, *options):
        simulator = self.simulator(*options, dataset=dataset)
        run = self.paired(simulator)
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        return simulator, run

    def test_small(self):
        simulator, run = self.check("small")
        kinds = [event["event"] for event in run.events]
        self.assertEqual(kinds[:2], ["qr", "paired"])
        self.assertEqual(set(kinds[2:-1]), {"history"})
        self.assertEqual(kinds[-1], "done")
        self.assertEqual(run.err.text(), "")
        self.assertEqual(simulator.state()["complaints"], [])
        self.assertEqual(simulator.state()["unknown_queries"], [])

    def test_small_with_history_inside_the_notifications(self):
        simulator, _ = self.check("small", "--history-inline")
        self.assertEqual(simulator.state()["blobs"], 0)

    def test_small_with_other_seeds(self):
        for seed in ("2", "3"):
            with self.subTest(seed=seed):
                self.state = self.scratch + "/state-" + seed
                self.check("small", "--seed", seed)

    def test_20_chats_of_30_messages(self):
        self.check("20x30")

    def test_20_chats_of_30_messages_with_other_seeds(self):
        for seed in ("2", "3"):
            with self.subTest(seed=seed):
                self.state = self.scratch + "/state-" + seed
                self.check("20x30", "--seed", seed)

    def test_many_chunks(self):
        simulator, run = self.check("20x30", "--chunk", "50")
        chunks = {(e["type"], e["chunk"]) for e in run.named("history")}
        self.assertGreater(len(chunks), 10)
        progress = [e["progress"] for e in run.named("history") if e["type"] == "FULL"]
        self.assertEqual(progress, sorted(progress))
        self.assertLess(progress[0], 100)
        self.assertEqual(progress[-1], 100)

    def test_recent_history_only(self):
        simulator = self.simulator(dataset="3x70")
        run = self.paired(simulator, "--history", "recent")
        self.assertNotIn("FULL", {event["type"] for event in run.named("history")})
        self.assertEqual(run.named("done")[0]["ending"], "complete")

    def test_done_tells_what_there_is(self):
        simulator, run = self.check("small")
        dataset = simulator.dataset()
        done = run.named("done")[0]
        messages = [m for thread in dataset["threads"] for m in thread["message_list"]]
        self.assertEqual(done["threads"], len(dataset["threads"]))
        self.assertEqual(done["messages"], len(messages))
        self.assertEqual(
            harness.seconds(done["oldest_message_at"]), min(m["timestamp"] for m in messages)
        )
        self.assertEqual(done["failed_chunks"], 0)
        self.assertEqual(done["ending"], "complete")

    def test_accounts_list_agrees(self):
        simulator, run = self.check("small")
        (account,) = self.json_of("accounts", "list")
        done, owner = run.named("done")[0], simulator.dataset()["owner"]
        self.assertEqual(account["phone"], owner["phone"])
        self.assertEqual(account["threads"], done["threads"])
        self.assertEqual(account["messages"], done["messages"])

    def test_side_data_between_the_others(self):
        _, run = self.check("small")
        kinds = [event["type"] for event in run.named("history")]
        self.assertIn("NON_BLOCKING_DATA", kinds)
        self.assertNotIn(kinds.index("NON_BLOCKING_DATA"), (0, len(kinds) - 1))

    def check_side_data(self, where):
        """It comes out of turn, and is needed: nothing else tells of all LIDs whose they are."""
        faults = ["side-data=" + where, "no-app-state-keys"]
        simulator = self.simulator(dataset="20x30", faults=faults)
        run = self.paired(simulator, "--timeout", "1h")
        self.assertEqual(run.named("done")[0]["ending"], "complete")
        kinds = [event["type"] for event in run.named("history")]
        self.assertEqual(kinds.count("NON_BLOCKING_DATA"), 1)
        lids = self.database().execute("SELECT count(*) FROM lid_mappings").fetchone()[0]
        told = [each for each in simulator.dataset()["contacts"] if each["lid"] and each["phone"]]
        self.assertGreaterEqual(lids, len(told))
        self.assertGreater(len(told), 0)
        self.assert_sound()
        return simulator, kinds

    def test_side_data_before_all_others(self):
        simulator, kinds = self.check_side_data("first")
        self.assertEqual(kinds.index("NON_BLOCKING_DATA"), 0)
        self.assert_inbox_equals(simulator, app_state=False)

    def test_side_data_when_everything_is_complete(self):
        simulator, kinds = self.check_side_data("last")
        self.assertEqual(kinds[-1], "NON_BLOCKING_DATA")
        self.assertIn("FULL", kinds)
        everything = self.threads()
        merged = [each for each in everything if each["hidden_because"] == "redirected"]
        self.assertNotEqual(merged, [])
        self.threads = lambda: [each for each in everything if each not in merged]
        self.assert_inbox_equals(simulator, app_state=False)

    def test_what_is_no_conversation_makes_no_thread(self):
        simulator, _ = self.check("small")
        unwanted = simulator.dataset()["not_threads"]
        self.assertIn("status@broadcast", unwanted)
        self.assertFalse({thread["jid"] for thread in self.threads()} & set(unwanted))

    def test_a_phone_without_chats(self):
        simulator = self.simulator(dataset="0x0")
        run = self.paired(simulator)
        done = run.named("done")[0]
        self.assertEqual((done["threads"], done["messages"]), (0, 0))
        self.assertEqual(done["ending"], "complete")
        self.assertEqual(self.threads(), [])
        listing = self.run_sync("threads", "list")
        self.assertEqual(listing.code, OK)
        self.assertEqual(listing.out.text(), "")
        self.assertIn("the phone has no chats", listing.err.text())
        self.assertIn("Send or receive a new message", listing.err.text())

    def test_a_phone_without_chats_says_so_when_pairing(self):
        simulator = self.simulator(dataset="0x0")
        run = self.start("pair", "--server", simulator.url, "--server-key", simulator.key)
        line = run.out.next(harness.time.monotonic() + harness.PATIENCE)
        simulator.scan(line.split("code=")[1].strip())
        self.assertEqual(run.wait(), OK, run.account())
        self.assertIn("the phone has no chats", run.err.text())
        self.assertIn("Send or receive a new message", run.err.text())


if __name__ == "__main__":
    harness.main()
