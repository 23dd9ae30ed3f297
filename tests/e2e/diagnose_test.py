#!/usr/bin/env python3
"""`wa-sync diagnose` beside real account files and a running listener: what is broken is named, by
exit code and in words, and what is in order stays so.

usage: diagnose_test.py BUILD_BIN_DIR [TEST…]
"""

import hashlib
import json
import os
import signal
import socket
import sqlite3
import subprocess

import harness
from harness import FAILED, OK, USAGE, Case

# Exit codes of diagnose, as the command line's contract lists them.
NO_ACCOUNT, NOT_CONNECTED, NO_HISTORY, ARRIVING, OLD_MISSING = 10, 11, 12, 13, 14
ALL_HIDDEN, CONFIGURATION = 17, 19

PHONE = "40737123397"
SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
CHUNKS_OF_SMALL = 6


class Diagnose(Case):
    def diagnose(self, code, *options, **environment):
        """The diagnosis, which ended with that code. The same in words, in both languages, leaks
        nothing."""
        run = self.run_sync("diagnose", "--json", *options, **environment)
        self.assertEqual(run.code, code, run.account())
        self.assertEqual(run.err.text(), "", run.account())
        found = json.loads(run.out.text())
        self.assertEqual(found["exit_code"], code)
        self.words = {}
        for language in ("en", "ro"):
            told = self.run_sync("diagnose", "--lang", language, *options, **environment)
            self.assertEqual(told.code, code, told.account())
            self.words[language] = told.out.text()
            self.assertNotRegex(told.out.text(), r"[{}]", "a placeholder")
            if found["action"]:
                self.assertIn(found["action"], told.out.text())
            for run_of in (run, told):
                self.assertNotIn(PHONE, run_of.out.text() + run_of.err.text())
        self.assertTrue(self.words["en"].startswith("Inbox: %s (" % found["verdict"]))
        return found

    def check(self, found, id):
        (check,) = [each for each in found["checks"] if each["id"] == id]
        return check

    def assert_found(self, found, verdict, cause, check, action):
        self.assertEqual((found["verdict"], found["cause"], found["check"]), (verdict, cause, check))
        self.assertIn(action, found["action"])
        self.assertEqual(
            [each["id"] for each in found["checks"] if each["state"] == "broken"], [check]
        )

    def assert_healthy(self, **environment):
        found = self.diagnose(OK, **environment)
        self.assertEqual((found["verdict"], found["cause"]), ("HEALTHY", None))
        self.assertEqual((found["action"], found["why"]), (None, None))
        self.assertEqual({each["ok"] for each in found["checks"]}, {True})
        return found

    def change_stored(self, *statements):
        connection = sqlite3.connect(self.account_file())
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def time_passes(self, seconds):
        """As the account's file remembers it."""
        self.change_stored(
            "UPDATE device SET paired_at = paired_at - %d" % seconds,
            "UPDATE account SET last_history_sync_at = max(0, last_history_sync_at - %d)" % seconds,
        )

    def of_new_messages_alone(self):
        """A simulator and its listener: no history ever came, three conversations were begun."""
        sim = self.simulator(faults=["no-history"])
        self.paired(sim, "--no-wait")
        run = self.connected(sim)
        people = [each["jid"] for each in sim.dataset()["threads"] if each["phone"]]
        for jid in people[:3]:
            sim.send_message(chat=jid, text="new")
            run.event("received")
        self.time_passes(1000)
        return sim


class Empty(Diagnose):
    def test_nobody_paired(self):
        found = self.diagnose(NO_ACCOUNT)
        self.assert_found(found, "EMPTY", "no_account", "account", "wa-sync pair")
        self.assertFalse(os.path.exists(self.state), "it made a state directory")

    def test_no_history_ever_came(self):
        sim = self.simulator(faults=["phone-offline"])
        self.paired(sim, "--no-wait")
        self.connected(sim)
        found = self.diagnose(ARRIVING)
        self.assert_found(found, "EMPTY", "history_arriving", "history", "wa-sync diagnose")
        self.time_passes(1000)
        found = self.diagnose(NO_HISTORY)
        self.assert_found(found, "EMPTY", "no_history", "history", "wa-sync pair --again")
        self.assertIn("Backfill cannot help", self.words["en"])
        self.assertIn("Backfill nu ajută", self.words["ro"])
        self.assertIn("send or receive one message, then: wa-sync backfill", self.words["en"])
        self.assertEqual(found["shown"], 0)

    def test_history_was_only_tried(self):
        sim = self.simulator()
        self.paired(sim, WHATSAPP_HISTORY_SYNC_DRY_RUN="true")
        self.connected(sim)
        found = self.diagnose(CONFIGURATION)
        self.assert_found(found, "EMPTY", "configuration", "history", "wa-sync pair --again")
        self.assertIn("WHATSAPP_HISTORY_SYNC_DRY_RUN", found["why"])

    def test_a_phone_without_conversations(self):
        sim = self.simulator(dataset="0x0")
        self.paired(sim)
        self.connected(sim)
        found = self.diagnose(OK)
        self.assertEqual((found["verdict"], found["cause"]), ("EMPTY", None))
        self.assertIn("nothing is wrong", found["why"])

    def test_the_app_hides_everything(self):
        sim = self.simulator()
        self.paired(sim)
        self.change_stored("UPDATE threads SET archived = 1")
        self.connected(sim)
        found = self.diagnose(ALL_HIDDEN)
        self.assert_found(found, "EMPTY", "hidden", "hidden", "wa-sync threads list --all --hidden")
        self.assertIn("archived", found["why"])


class Listener(Diagnose):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator()
        self.paired(self.sim)

    def test_healthy(self):
        run = self.connected(self.sim)
        found = self.assert_healthy()
        shown = [each for each in self.threads() if not each["hidden_because"]]
        self.assertEqual(found["shown"], len(shown))
        self.sim.send_message(chat=shown[0]["jid"], text="live")
        run.event("received")
        self.assert_healthy()

    def test_nobody_listens(self):
        found = self.diagnose(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "holder", "wa-sync listen")
        self.assertIn(self.state, found["action"], "the command is for another state directory")
        self.assertEqual(self.check(found, "threads")["state"], "skipped")

    def test_a_listener_that_was_killed(self):
        run = self.connected(self.sim)
        run.kill()
        found = self.diagnose(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "holder", "wa-sync listen")

    def test_whatsapp_is_out_of_reach(self):
        run = self.connected(self.sim)
        self.sim.end()
        run.event("disconnected")
        found = self.diagnose(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "connection", "systemctl reload wa-sync")

    def test_logged_out_by_the_phone(self):
        run = self.connected(self.sim)
        device = int(self.json_of("accounts", "list")[0]["jid"].split(":")[1].split("@")[0])
        self.sim.ask("mock-phone/remove-device", json.dumps({"device": device}))
        run.event("halted")
        found = self.diagnose(NOT_CONNECTED)
        self.assert_found(found, "STALE", "not_connected", "account", "wa-sync pair")

    def test_a_listener_that_does_not_answer(self):
        run = self.connected(self.sim)
        run.process.send_signal(signal.SIGSTOP)
        self.addCleanup(run.process.send_signal, signal.SIGCONT)
        found = self.diagnose(NOT_CONNECTED, "--timeout", "2s")
        self.assert_found(found, "STALE", "not_connected", "holder", "systemctl restart wa-sync")

    def test_nothing_is_changed(self):
        def digest():
            with open(self.account_file(), "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()

        before = digest()
        self.diagnose(NOT_CONNECTED)
        self.assertEqual(digest(), before)
        self.assert_sound()

    def test_a_whole_phone_number_only_with_verbose(self):
        run = self.run_sync("diagnose", "--verbose")
        self.assertIn("+" + PHONE, run.out.text())
        self.assertIn("+40 737 ••• 397", self.run_sync("diagnose").out.text())

    def test_an_account_that_is_not_there(self):
        run = self.run_sync("diagnose", "--account", "nobody")
        self.assert_fails(run, USAGE, says=["nobody"], hints=["+" + PHONE])


class History(Diagnose):
    def test_placeholders_for_the_most_part(self):
        sim = self.simulator(dataset="12x0")
        self.paired(sim)
        self.connected(sim)
        found = self.diagnose(OLD_MISSING)
        self.assert_found(
            found, "INCOMPLETE", "old_messages_missing", "threads", "wa-sync pair --again"
        )

    def test_conversations_of_new_messages_alone(self):
        self.of_new_messages_alone()
        found = self.diagnose(OLD_MISSING)
        self.assert_found(found, "INCOMPLETE", "old_messages_missing", "threads", "wa-sync backfill")

    def test_parts_of_it_that_cannot_be_used(self):
        sim = self.simulator(faults=["hostile-chunks"])
        self.pair(sim)
        self.connected(sim)
        found = self.diagnose(OLD_MISSING)
        self.assert_found(
            found, "INCOMPLETE", "old_messages_missing", "history", "wa-sync pair --again"
        )

    def test_history_that_comes_and_stops(self):
        sim = self.simulator("--chunk", "300", dataset="200x20", faults=["history-stops=2"])
        self.paired(sim, "--no-wait")
        run = self.connected(sim)
        for _ in range(2):
            run.event("history")
        found = self.diagnose(ARRIVING)
        self.assert_found(found, "INCOMPLETE", "history_arriving", "history", "wa-sync diagnose")
        self.time_passes(3600)
        found = self.diagnose(ARRIVING)
        self.assert_found(
            found, "INCOMPLETE", "history_arriving", "history", "wa-sync pair --again"
        )


class Blind(Diagnose):
    def test_a_state_directory_that_others_may_enter(self):
        os.makedirs(self.state, mode=0o755)
        os.chmod(self.state, 0o755)
        found = self.diagnose(FAILED)
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "state_dir"))
        self.assertIsNone(found["shown"])
        self.assertIn("chmod 700", found["why"])

    def test_a_file_that_is_none(self):
        sim = self.simulator()
        self.paired(sim)
        with open(self.account_file(), "r+b") as file:
            file.write(b"not a database  " * 64)
        found = self.diagnose(FAILED)
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "file"))

    def test_a_file_of_a_newer_version(self):
        sim = self.simulator()
        self.paired(sim)
        self.change_stored("UPDATE schema_versions SET version = 999 WHERE component = 'inbox'")
        found = self.diagnose(FAILED)
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "file"))
        self.assertIn("newer", found["why"])

    def test_firestore_without_a_project(self):
        found = self.diagnose(CONFIGURATION, "--inbox", "firestore", GCE_METADATA_HOST=nowhere())
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "config"))
        self.assertIn("--project", found["why"])

    def test_an_account_whose_firestore_is_not_configured(self):
        sim = self.simulator()
        self.paired(sim)
        self.change_stored("UPDATE account SET uploaded_to = 'projects/shop'")
        self.connected(sim)
        found = self.diagnose(CONFIGURATION)
        self.assert_found(found, "BLIND", "configuration", "config", "systemctl show wa-sync")
        self.diagnose(OK, "--inbox", "sqlite")


class Several(Diagnose):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator("--users", "2", dataset="3x3")
        for user in (0, 1):
            run = self.start_pair(self.sim)
            self.assertEqual(run.finish(self.sim, user=user), OK, run.account())
        self.accounts = os.path.join(self.state, "accounts")
        self.ids = sorted(os.listdir(self.accounts))

    def listen(self):
        run = self.start_listen(self.sim)
        for _ in self.ids:
            run.event("connected")

    def test_healthy(self):
        self.listen()
        found = self.assert_healthy()
        self.assertEqual(len(found["accounts"]), 2)
        self.assertEqual(found["shown"], sum(each["shown"] for each in found["accounts"]))

    def test_one_with_a_broken_file(self):
        self.listen()
        broken = os.path.join(self.accounts, self.ids[0][:-1] + ("0" if self.ids[0][-1] != "0" else "1"))
        os.makedirs(broken, mode=0o700)
        with open(os.path.join(broken, "wa-sync.db"), "wb") as file:
            file.write(b"not a database  " * 64)
        found = self.diagnose(FAILED)
        self.assertEqual(found["verdict"], "BLIND")
        verdicts = {each["account"]: each["verdict"] for each in found["accounts"]}
        self.assertEqual([verdicts[each] for each in self.ids], ["HEALTHY", "HEALTHY"])

    def test_the_action_names_the_account(self):
        found = self.diagnose(NOT_CONNECTED)
        self.assertEqual(found["account"], self.ids[0])
        self.assertIn("--account " + self.ids[0], found["action"])
        found = self.diagnose(NOT_CONNECTED, "--account", self.ids[1])
        self.assertEqual([each["account"] for each in found["accounts"]], [self.ids[1]])


class SamePhone(Diagnose):
    def test_linked_twice(self):
        sim = self.simulator()
        self.paired(sim, ACCOUNT_NAMESPACE="dev")
        self.paired(sim)
        run = self.start_listen(sim)
        for _ in range(2):
            run.event("connected")
        found = self.diagnose(CONFIGURATION)
        self.assert_found(found, "INCOMPLETE", "configuration", "same_phone", "wa-sync unpair")
        self.assertIn("account_prod_", found["action"])


class Datasets(Diagnose):
    """An account whose history came is in order, whatever it holds."""

    def check_dataset(self, dataset):
        sim = self.simulator(dataset=dataset)
        self.paired(sim)
        self.connected(sim)
        self.assert_healthy()

    def test_chats_of_one_message(self):
        self.check_dataset("30x1")

    def test_one_chat(self):
        self.check_dataset("1x1")

    def test_many(self):
        self.check_dataset("200x20")

    def test_long_ones(self):
        self.check_dataset("2x600")

    def test_all_kinds(self):
        self.check_dataset("small")

    def test_linked_again(self):
        sim = self.simulator()
        self.paired(sim)
        self.paired(sim, "--again")
        self.connected(sim)
        self.assert_healthy()

    def test_filled(self):
        sim = self.simulator("--older", "30", dataset="5x5")
        self.paired(sim)
        self.connected(sim)
        run = self.run_sync("backfill", "--timeout", "20s")
        self.assertEqual(run.code, OK, run.account())
        found = self.assert_healthy()
        self.assertEqual(self.check(found, "backfill")["facts"]["threads"], 5)
        self.assertIn("5 conversations filled", self.words["en"])

    def test_much_that_is_new(self):
        sim = self.simulator(dataset="3x3")
        self.paired(sim)
        run = self.connected(sim)
        for number in range(40):
            sim.send_message(chat=sim.dataset()["threads"][number % 3]["jid"], text="new %d" % number)
            run.event("received")
        self.assert_healthy()

    def test_recent_history_only(self):
        sim = self.simulator()
        self.paired(sim, "--history", "recent")
        self.connected(sim)
        self.assert_healthy()

    def test_taken_in_by_the_listener(self):
        sim = self.simulator()
        self.paired(sim, "--no-wait")
        run = self.connected(sim)
        for _ in range(CHUNKS_OF_SMALL):
            run.event("history")
        self.assert_healthy()


class Script(Diagnose):
    def run_script(self, code, *arguments, **environment):
        """scripts/inbox-check, as cron would run it."""
        found = subprocess.run(
            [os.path.join(SCRIPTS, "inbox-check"), *arguments],
            env=self.environment(
                WA_SYNC=harness.program("wa-sync"), WA_SYNC_STATE_DIR=self.state, **environment
            ),
            capture_output=True,
            text=True,
            timeout=harness.PATIENCE * 2,
        )
        self.assertEqual(found.returncode, code, found)
        self.assertNotIn(PHONE, found.stdout + found.stderr)
        return found

    def check_inbox(self, code, *arguments, **environment):
        """What it said: on standard output where nobody is needed, else on standard error."""
        found = self.run_script(code, *arguments, **environment)
        said, silent = (found.stdout, found.stderr) if code == OK else (found.stderr, found.stdout)
        self.assertEqual(silent, "", found)
        return said

    def test_for_cron(self):
        self.assertIn("Do:  wa-sync pair", self.check_inbox(FAILED))
        sim = self.simulator()
        self.paired(sim)
        self.assertIn("Do:  wa-sync listen", self.check_inbox(FAILED))
        self.connected(sim)
        # Whatever the operator's own settings are, and without a locale.
        self.assertEqual(
            self.check_inbox(OK, WA_SYNC_JSON="true", WA_SYNC_LANG="ro", LANG="C"), "inbox: HEALTHY\n"
        )
        self.change_stored("UPDATE threads SET archived = 1")
        self.assertIn("Do:  wa-sync threads list", self.check_inbox(FAILED, WA_SYNC_JSON="true"))
        self.check_inbox(USAGE, "--help")

    def test_old_messages_are_asked_for(self):
        self.of_new_messages_alone()
        self.assertIn("backfill: done threads=3", self.check_inbox(OK))
        self.assertEqual(self.check_inbox(OK), "inbox: HEALTHY\n")

    def test_a_phone_that_does_not_answer(self):
        sim = self.of_new_messages_alone()
        sim.fault("phone-offline")
        self.assertIn("the next run goes on", self.check_inbox(OK, WA_SYNC_TIMEOUT="2s"))

    def test_history_that_comes_and_that_has_stopped(self):
        sim = self.simulator(faults=["phone-offline"])
        self.paired(sim, "--no-wait")
        self.connected(sim)
        self.assertIn(": history awaited", self.check_inbox(OK))
        self.time_passes(1000)
        self.assertIn("Do:  wa-sync pair --again", self.check_inbox(FAILED))

    def test_one_of_two(self):
        sim = self.simulator("--users", "2", dataset="3x3")
        for user in (0, 1):
            run = self.start_pair(sim)
            self.assertEqual(run.finish(sim, user=user), OK, run.account())
        one, other = sorted(os.listdir(os.path.join(self.state, "accounts")))
        self.connected(sim, "--account", one)
        said = self.run_script(FAILED)
        self.assertIn(one + ": Inbox: HEALTHY", said.stdout)
        self.assertTrue(said.stderr.startswith(other + ": Inbox: STALE"), said)


def nowhere():
    """An address of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


if __name__ == "__main__":
    harness.main()
