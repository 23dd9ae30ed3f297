#!/usr/bin/env python3
"""An account's folder put back from a backup, and one that moves: what the listener notices, and that
it goes on with senders, the phone and WhatsApp, who have gone on meanwhile.

usage: restore_test.py BUILD_BIN_DIR [TEST…]
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3

import harness
from harness import OK, Case

SEEN = "put back from a backup"
OLDER = 30  # messages of each chat that only the phone has


class Restored(Case):
    def paired_with_more(self, *options, **keywords):
        simulator = self.simulator("--older", str(OLDER), *options, dataset="3x20", **keywords)
        self.paired(simulator)
        return simulator

    def back_up(self):
        shutil.copytree(self.account_directory(), self.backup())

    def backup(self):
        return os.path.join(self.scratch, "backup")

    def restore(self):
        directory = self.account_directory()
        shutil.rmtree(directory)
        shutil.copytree(self.backup(), directory)

    def generation_file(self):
        account = os.path.basename(self.account_directory())
        return os.path.join(self.state, "run", account + ".generation")

    def stop(self, run):
        run.stop(signal.SIGTERM, OK)
        return run.err.text()

    def talk(self, simulator, tag):
        """Messages of each chat, in both directions; their ids."""
        return [
            simulator.send_message(chat=thread["jid"], text="%s %d" % (tag, i), **writer)
            for thread in simulator.dataset()["threads"]
            for i in range(3)
            for writer in ({}, {"from": "me"})
        ]

    def taken(self, simulator):
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)

    def written(self):
        """The account's file, to change."""
        return contextlib.closing(sqlite3.connect(self.account_file(), isolation_level=None))

    def come(self, simulator, ids):
        """Waits until the inbox has these messages, and their content."""
        marks = ", ".join("?" * len(ids))
        count = "SELECT count(*) FROM messages WHERE type = 'text' AND document_id IN (%s)" % marks
        with self.written() as database:
            simulator.until(lambda _: database.execute(count, ids).fetchone() == (len(ids),))

    def backfill(self, simulator):
        return self.run_sync(
            *("backfill", "--json", "--server", simulator.url, "--server-key", simulator.key),
            *("--count", "10"),
        )

    def move_on(self, simulator):
        """What happens between the backup and its return: messages, and questions to the phone."""
        run = self.connected(simulator)
        self.talk(simulator, "lost")
        self.taken(simulator)
        self.stop(run)
        asked = self.backfill(simulator)
        self.assertEqual(asked.code, OK, asked.account())

    def test_it_is_told_and_goes_on(self):
        simulator = self.paired_with_more()
        self.stop(self.connected(simulator))
        self.back_up()
        self.move_on(simulator)
        self.restore()
        waiting = self.talk(simulator, "while nobody listened")
        run = self.connected(simulator)
        ids = waiting + self.talk(simulator, "afterwards")
        # Whoever has lost its ratchet asks the sender, and gets all again.
        self.taken(simulator)
        self.come(simulator, ids)
        said = self.stop(run)
        self.assertIn(SEEN, said)
        self.assertIn("wa-sync pair --again", said)
        asked = self.backfill(simulator)
        self.assertEqual(asked.code, OK, asked.account())
        self.assertNotIn(SEEN, asked.err.text())
        self.assertEqual(simulator.state()["complaints"], [])
        self.assert_sound()
        (account,) = self.json_of("accounts", "list")
        self.assertIsNotNone(account["restored_at"])
        self.assertEqual(account["status"], "disconnected")
        self.assertEqual(account["undecryptable"]["waiting"], 0)
        diagnosis = json.loads(self.run_sync("diagnose", "--json").out.text())
        (found,) = [check for check in diagnosis["checks"] if check["id"] == "account"]
        self.assertEqual(found["state"], "ok")
        self.assertEqual(found["facts"]["restored_at"], account["restored_at"])

    def test_the_phone_understands_the_first_question(self):
        """In the session of the backup, its keys were used before: the phone would drop it as a
        duplicate, without a word."""
        simulator = self.paired_with_more()
        self.back_up()
        self.move_on(simulator)
        self.restore()
        asked = self.backfill(simulator)
        self.assertEqual(asked.code, OK, asked.account())
        self.assertIn(SEEN, asked.err.text())
        self.assertEqual(simulator.state()["complaints"], [])

    def test_where_no_ratchet_has_moved_nothing_is_asked_for_again(self):
        """Also the phone's session of before goes on, until the phone learns of the new one."""
        simulator = self.simulator("--chunk", "30", dataset="6x20")
        self.paired(simulator)
        self.back_up()
        self.stop(self.connected(simulator))
        self.restore()
        simulator.ask("load", json.dumps({"messages": 120}))
        run = self.connected(simulator)
        simulator.until(lambda _: self.is_over(simulator))
        self.assertIn(SEEN, self.stop(run))
        self.assertEqual(simulator.receipts("retry"), [])
        self.assertEqual(simulator.state()["complaints"], [])
        self.assert_inbox_equals(simulator)

    def is_over(self, simulator):
        load = simulator.ask("load")
        return load["left"] == 0 and load["pending"] == [0]

    def test_no_pre_key_id_names_two_keys(self):
        # The server runs low, so that each login hands out new ids.
        simulator = self.paired_with_more(faults=["few-pre-keys=1"])
        self.stop(self.connected(simulator))
        self.back_up()
        self.move_on(simulator)
        self.restore()
        run = self.connected(simulator)
        # New keys are used from now on, and of those of the backup that the server still has.
        ids = self.talk(simulator, "afterwards")
        self.come(simulator, ids)
        self.assertIn(SEEN, self.stop(run))
        self.stop(self.connected(simulator))
        self.assertEqual(simulator.state()["complaints"], [])

    def said(self, run, words):
        for line in run.err.all:
            if words in line:
                return line
        return run.says(words)

    def test_a_phone_whose_keys_are_not_its_own_gets_nothing(self):
        simulator = self.paired_with_more()
        self.stop(self.connected(simulator))
        self.back_up()
        self.move_on(simulator)
        self.restore()
        simulator.fault("phone-identity=other")
        run = self.connected(simulator)
        self.assertIn("refused", self.said(run, "not its own"))
        ids = self.talk(simulator, "afterwards")
        self.taken(simulator)
        self.come(simulator, ids)
        self.stop(run)
        self.assertEqual(simulator.state()["complaints"], [])

    def test_of_a_former_link_it_says_why_it_is_refused(self):
        simulator = self.paired_with_more()
        self.stop(self.connected(simulator))
        # Links are told apart by their second.
        with self.written() as database:
            database.execute("UPDATE device SET paired_at = paired_at - 1")
        self.back_up()
        self.paired(simulator, "--again")
        self.restore()
        run = self.start_listen(simulator)
        halted = run.event("halted")
        self.assertEqual(halted["code"], "logged_out")
        self.assertIn(SEEN, halted["message"])
        self.assertIn("wa-sync pair --again", halted["hint"])
        self.assertIn("linked anew", self.stop(run))
        shown = self.run_sync("diagnose").out.text()
        self.assertIn(SEEN, shown)
        self.assertIn("wa-sync pair --again", shown)

    def test_a_moved_account_is_no_restore(self):
        simulator = self.paired_with_more()
        run = self.connected(simulator)
        self.stop(run)
        directory = self.account_directory()
        elsewhere = os.path.join(self.scratch, "elsewhere")
        os.makedirs(os.path.join(elsewhere, "accounts"), mode=0o700)
        for made in (elsewhere, os.path.join(elsewhere, "accounts")):
            os.chmod(made, 0o700)
        shutil.move(directory, os.path.join(elsewhere, "accounts"))
        self.state = elsewhere
        run = self.connected(simulator)
        ids = self.talk(simulator, "moved")
        self.taken(simulator)
        self.come(simulator, ids)
        self.assertNotIn(SEEN, self.stop(run))
        self.assertEqual(simulator.receipts("retry"), [])
        self.assertTrue(os.path.exists(self.generation_file()))
        (account,) = self.json_of("accounts", "list")
        self.assertIsNone(account["restored_at"])

    def test_killed_at_any_time_is_no_restore(self):
        simulator = self.paired_with_more()
        run = self.connected(simulator)
        self.talk(simulator, "told")
        self.taken(simulator)
        run.kill()
        run = self.connected(simulator)
        self.assertNotIn(SEEN, self.stop(run))

    def test_unpair_purge_leaves_nothing(self):
        simulator = self.paired_with_more()
        marked = self.generation_file()
        self.assertTrue(os.path.exists(marked))
        self.assertEqual(os.stat(marked).st_mode & 0o777, 0o600)
        run = self.run_sync(
            *("unpair", "--purge", "--yes", "--server", simulator.url, "--server-key", simulator.key)
        )
        self.assertEqual(run.code, OK, run.account())
        self.assertFalse(os.path.exists(marked))


if __name__ == "__main__":
    harness.main()
