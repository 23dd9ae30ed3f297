#!/usr/bin/env python3
"""No statement of pair, listen, backfill, threads, accounts, diagnose or unpair goes through a whole
table that grows with the account: each is collected as it runs, and SQLite is asked for its plan.

usage: ctest --test-dir BUILD_DIR -R crash.statements
"""

import contextlib
import json
import os
import re
import signal
import sqlite3

import harness
from harness import OK, Case

# They have a bounded number of rows, whatever the account holds.
SMALL = {
    "account",
    "app_state_collections",
    "app_state_keys",
    "auto_backfill",
    "device",
    "last_backfill",
    "last_backfill_threads",
    "left_out",  # a row for each kind
    "phone_requests",
    "refused_stanzas",
    "rhythm",
    "schema_versions",
    "search_changes",  # 256 from one transaction to the next
    "search_state",
    "signal_local",
    "signal_pre_keys",  # some hundreds
    "sqlite_schema",
    "totals",
    "unopened",
    "waiting_amendments",  # five thousand
}
# What scans all the same, by a part of its text, and why that is right. (A partial index holds just
# the rows that wait for something: to go through it is no scan, but for the messages that wait for
# Firestore, which without it are all.)
ALLOWED = {
    "FROM history_queue WHERE state <> 1 AND last_error": "a row for each part of a history",
    "SELECT state, count(*) FROM history_queue": "likewise",
    "SELECT type, progress FROM history_queue": "likewise",
}
PERSON = "40721000001@s.whatsapp.net"


class Statements(Case):
    def setUp(self):
        super().setUp()
        self.texts = os.path.join(self.scratch, "statements")

    def traced(self, *arguments):
        return self.start(*arguments, name="wa-sync-crash", STATEMENTS=self.texts)

    def use_everything(self):
        simulator = self.simulator("--chunk", "30", "--older", "70", dataset="6x20")
        server = ("--server", simulator.url, "--server-key", simulator.key)
        run = self.start_pair(simulator, name="wa-sync-crash", STATEMENTS=self.texts)
        self.assertEqual(run.finish(simulator), OK, run.account())
        run = self.traced("listen", "--json", "--http", "127.0.0.1:0", *server)
        run.event("connected")
        simulator.ask("load", json.dumps({"messages": 300}))
        simulator.until(lambda _: simulator.ask("load")["left"] == 0)
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)
        simulator.fault("undecryptable=1")
        simulator.send_message(chat=PERSON, text="nu se citește")
        name = json.dumps({"jid": PERSON, "name": "Altul"})
        simulator.ask("mock-phone/rename-contact", name)
        simulator.until(lambda _: any(each["name"] == "Altul" for each in self.threads()))
        run.stop(signal.SIGTERM, OK)
        thread = self.threads()[0]["thread"]
        for arguments in (
            ("backfill", "--json", "--count", "100", *server),
            ("accounts", "list"),
            ("threads", "list"),
            ("threads", "list", "--all", "--hidden"),
            ("threads", "list", "--search", "altul"),
            ("messages", "search", "nu se"),
            ("messages", "search", "mesaj", "--thread", thread),
            ("threads", "show", thread),
            ("threads", "show", "Altul"),
            ("diagnose",),
        ):
            run = self.traced(*arguments)
            run.wait()

    def scans(self):
        """Text and plan of those that go through a table that grows."""
        with open(self.texts, encoding="utf-8") as file:
            texts = sorted(set(file.read().split("\0")) - {""})
        self.assertGreater(len(texts), 100)
        with contextlib.closing(sqlite3.connect(self.account_file())) as database:
            partial = {
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'"
                )
            } - {"messages_dirty"}
            for text in texts:
                if re.match(r"\s*(PRAGMA|BEGIN|COMMIT|ROLLBACK|CREATE|ALTER|DROP)\b", text):
                    continue
                values = [None] * len(set(re.findall(r"\?\d+", text))) + [None] * len(
                    re.findall(r"\?(?!\d)", text)
                )
                for row in database.execute("EXPLAIN QUERY PLAN " + text, values):
                    scanned = re.match(r"SCAN (?!CONSTANT)(\w+)(?: USING (?:COVERING )?INDEX (\w+))?", row[3])
                    # A full-text index that is asked for words; without them it is read as a whole.
                    matched = re.search(r"VIRTUAL TABLE INDEX \d+:\S*M", row[3])
                    if scanned and not matched and scanned.group(2) not in partial:
                        yield text, row[3], scanned.group(1)

    def test_none_goes_through_a_table_that_grows(self):
        self.use_everything()
        found = []
        used = set()
        for text, plan, scanned in self.scans():
            # By its table, where the statement has another name for it.
            alias = re.search(r"\b(\w+) (?:AS )?%s\b(?! \()" % scanned, text)
            named = {scanned, alias.group(1) if alias else scanned}
            if named & SMALL or re.search(r"\b%s \([\w, ]+\) AS \(" % scanned, text):
                continue  # the latter: rows that the statement itself makes
            why = [part for part in ALLOWED if part in text]
            used.update(why)
            if not why:
                found.append("%s\n    %s" % (plan, text))
        self.assertEqual(found, [], "\n" + "\n".join(found))
        self.assertEqual(set(ALLOWED) - used, set(), "no longer needed")


if __name__ == "__main__":
    harness.main()
