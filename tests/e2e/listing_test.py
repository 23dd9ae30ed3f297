#!/usr/bin/env python3
"""Finding things again: what the listings select, and by which names.

usage: listing_test.py BUILD_BIN_DIR [TEST…]
"""

import os
from datetime import datetime, timezone

import harness
from harness import OK, USAGE, Case


class Listing(Case):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator()
        self.paired(self.whatsapp)

    def listed(self, *options):
        return [thread["jid"] for thread in self.json_of("threads", "list", *options)]

    def expected(self, condition=lambda thread: True):
        threads = [each for each in self.whatsapp.dataset()["threads"] if condition(each)]
        return [each["jid"] for each in sorted(threads, key=lambda t: -t["last_message_at"])]

    def test_hidden_ones_only_when_asked_for(self):
        shown = self.expected(lambda thread: not thread["hidden_because"])
        self.assertLess(len(shown), len(self.expected()))
        self.assertEqual(self.listed(), shown)
        self.assertEqual(self.listed("--hidden"), self.expected())

    def test_limit(self):
        self.assertEqual(self.listed("--limit", "3"), self.expected()[:3])

    def test_since(self):
        newest = self.whatsapp.dataset()["threads"][0]["last_message_at"]
        for seconds_back in (0, 4000, 90000):
            since = datetime.fromtimestamp(newest - seconds_back, timezone.utc).isoformat()
            self.assertEqual(
                self.listed("--since", since),
                self.expected(lambda thread: thread["last_message_at"] >= newest - seconds_back),
            )

    def test_search(self):
        for text, jid in (
            ("mures", "40721000002@s.whatsapp.net"),  # by name, accents or not
            ("COFETĂRIA", "40721000006@s.whatsapp.net"),
            ("+40721000005", "40721000005@s.whatsapp.net"),  # by phone
            ("Comanda #123", "40721000006@s.whatsapp.net"),  # by the last message
            ("120363000000000001", "120363000000000001@g.us"),  # by address
        ):
            with self.subTest(text=text):
                self.assertEqual(self.listed("--search", text), [jid])
        nothing = self.run_sync("threads", "list", "--search", "nicăieri")
        self.assertEqual((nothing.code, nothing.out.text()), (OK, ""))
        self.assertIn("13 conversations", nothing.err.text())

    def test_a_conversation_by_any_of_its_names(self):
        (thread,) = [t for t in self.threads() if t["jid"] == "40721000002@s.whatsapp.net"]
        by_id = self.json_of("threads", "show", thread["thread"])
        self.assertEqual(len(by_id), 6)
        for name in (
            "40721000002@s.whatsapp.net",
            "120000000000002@lid",
            "+40721000002",
            "0040 721 000 002",
            "Mihai Mureșan",
            "mihai",
        ):
            with self.subTest(name=name):
                self.assertEqual(self.json_of("threads", "show", name), by_id)

    def test_an_ambiguous_name(self):
        run = self.run_sync("threads", "show", "an")  # Ana, Sânziana
        self.assert_fails(run, USAGE, hints=["Ana Popescu", "Sânziana"])

    def test_parts_of_a_conversation(self):
        whole = self.json_of("threads", "show", "Ana Popescu")
        self.assertEqual(self.json_of("threads", "show", "Ana Popescu", "--limit", "2"), whole[-2:])
        self.assertEqual(
            self.json_of("threads", "show", "Ana Popescu", "--before", whole[4]["at"]), whole[:4]
        )

    def test_two_accounts(self):
        other = self.simulator(dataset="3x5")
        run = self.start(
            *("pair", "--json", "--server", other.url, "--server-key", other.key),
            ACCOUNT_NAMESPACE="dev",
        )
        self.assertEqual(run.finish(other), OK, run.account())
        accounts = [account["account"] for account in self.json_of("accounts", "list")]
        self.assertEqual(len(accounts), 2)
        counts = {each: len(self.listed("--hidden", "--account", each)) for each in accounts}
        self.assertEqual(sorted(counts.values()), [3, 13])
        self.assertEqual(len(self.listed("--hidden")), 16)
        # They have the same phone.
        self.assert_fails(self.run_sync("threads", "list", "--account", "+40737123397"), USAGE)
        self.assertEqual(len(os.listdir(self.state + "/accounts")), 2)


if __name__ == "__main__":
    harness.main()
