#!/usr/bin/env python3
"""messages search and the index it needs, beside a listener that stores, edits and takes back.

usage: messages_search_test.py BUILD_BIN_DIR [TEST…]
"""

import signal

import harness
from harness import OK, USAGE, Case

ANA = "40721000001@s.whatsapp.net"
DAN = "40721000002@s.whatsapp.net"


class MessagesSearch(Case):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator()
        self.paired(self.whatsapp)

    def found(self, *arguments):
        return self.json_of("messages", "search", *arguments)

    def ids(self, *arguments):
        return [message["id"] for message in self.found(*arguments)]

    def tables(self):
        with self.database() as database:
            return [
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%search%'"
                )
            ]

    def test_what_comes_live_is_found_at_once(self):
        listener = self.connected(self.whatsapp)
        self.whatsapp.send_message(chat=ANA, text="Prăjitura cu șofran e gata")
        self.whatsapp.send_message(chat=DAN, text="vreau două prăjituri")
        self.whatsapp.until(lambda state: state["companions"][0]["pending"] == 0)
        bodies = [message["body"] for message in self.found("prajitur")]
        self.assertEqual(bodies, ["vreau două prăjituri", "Prăjitura cu șofran e gata"])
        (message,) = self.found("PRAJITUR şofran")
        self.assertEqual(message["excerpt"], "Prăjitura cu șofran e gata")
        (thread,) = [t for t in self.threads() if t["jid"] == ANA]
        self.assertEqual(message["thread"], thread["thread"])
        self.assertEqual(message["thread_name"], thread["name"])
        self.assertEqual(message["account"], thread["account"])
        self.assertEqual(self.ids("prăjitur", "--thread", ANA), [message["id"]])
        self.assertEqual(len(self.ids("prăjitur", "--limit", "1")), 1)
        self.assertEqual(self.ids("prăjitur", "--since", "2100-01-01"), [])
        listener.stop(signal.SIGTERM)
        self.assert_index_is_sound(whole=True)

    def test_the_history_is_found(self):
        """As a scan of the stored bodies finds it."""
        with self.database() as database:
            (count,) = database.execute(
                "SELECT count(*) FROM messages WHERE body LIKE '%comanda%'"
            ).fetchone()
        found = self.found("comanda")
        self.assertGreater(count, 0)
        self.assertEqual(len(found), count)
        times = [message["at"] for message in found]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assert_index_is_sound(whole=True)

    def test_as_a_table(self):
        run = self.run_sync("messages", "search", "comanda")
        self.assertEqual(run.code, OK, run.account())
        title, *lines = run.out.text().splitlines()
        self.assertEqual(title.split(), ["TIME", "CONVERSATION", "FROM", "TEXT", "ID"])
        self.assertIn("Comanda #123", lines[0])
        run = self.run_sync("messages", "search", "comanda", "--lang", "ro")
        self.assertIn("CONVERSAȚIE", run.out.text())
        for language, says in (("en", "No message has these words."), ("ro", "Niciun mesaj")):
            run = self.run_sync("messages", "search", "nicăierinu", "--lang", language)
            self.assertEqual((run.code, run.out.text()), (OK, ""))
            self.assertIn(says, run.err.text())

    def test_what_cannot_be_searched(self):
        for text in ("👍", "?!", "", '"'):
            run = self.run_sync("messages", "search", text)
            self.assert_fails(run, USAGE, says=["no word"], hints=["letters and digits"])
        run = self.run_sync("messages", "search", "tort", "--thread", "nimeni")
        self.assert_fails(run, USAGE, says=["no conversation matches"])
        run = self.run_sync("messages", "search")
        self.assertEqual(run.code, USAGE)

    def test_switched_off_and_on(self):
        before = self.ids("comanda")
        names = self.tables()
        self.assertTrue(before)
        plain = self.json_of("threads", "list", "--search", "mures")
        listener = self.connected(self.whatsapp, "--search-index", "off")
        self.assertEqual(self.tables(), ["search_state"])
        run = self.run_sync("messages", "search", "comanda")
        self.assert_fails(run, USAGE, says=["switched off"], hints=["--search-index on"])
        self.assertEqual(self.json_of("threads", "list", "--search", "mures"), plain)
        self.whatsapp.send_message(chat=ANA, text="comanda nouă")
        self.whatsapp.until(lambda state: state["companions"][0]["pending"] == 0)
        listener.stop(signal.SIGTERM)
        # It stays off until it is wanted again.
        self.connected(self.whatsapp).stop(signal.SIGTERM)
        self.assertEqual(self.tables(), ["search_state"])
        self.connected(self.whatsapp, WA_SYNC_SEARCH_INDEX="on").stop(signal.SIGTERM)
        self.assertEqual(self.tables(), names)
        self.assertEqual(self.ids("comanda")[1:], before)
        self.assert_index_is_sound(whole=True)


if __name__ == "__main__":
    harness.main()
