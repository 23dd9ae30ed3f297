#!/usr/bin/env python3
"""`wa-sync unpair`: unlinks at WhatsApp, keeps or deletes what is here, and changes nothing when
WhatsApp cannot be asked.

usage: unpair_test.py BUILD_BIN_DIR [TEST…]
"""

import fcntl
import json
import os
import signal

import harness
from harness import FAILED, HELD, NOT_PAIRED, OK, SIGTERM_CODE, TIMED_OUT, USAGE, WHATSAPP, Case
from screen import Program

PHONE = "+40737123397"


class Unpair(Case):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator(dataset="3x2")
        self.paired(self.whatsapp)

    def where(self, simulator=None):
        simulator = simulator or self.whatsapp
        return ("--server", simulator.url, "--server-key", simulator.key)

    def unpair(self, *options, **environment):
        return self.run_sync("unpair", *self.where(), *options, **environment)

    def status(self):
        (account,) = self.json_of("accounts", "list")
        return account["status"]

    def assert_linked_as_before(self):
        self.assertEqual(len(self.whatsapp.state()["companions"]), 1)
        self.assertEqual(self.status(), "disconnected")
        self.assertTrue(self.secrets())

    def test_the_inbox_stays_and_the_keys_go(self):
        run = self.unpair("--json")
        self.assertEqual(run.code, OK, run.account())
        report = json.loads(run.out.text())
        self.assertEqual(
            (report["phone"], report["unlinked"], report["purged"]), (PHONE, "now", False)
        )
        self.assertEqual(report["account"], os.path.basename(self.account_directory()))
        self.assertEqual(self.whatsapp.state()["companions"], [])
        self.assertEqual(self.status(), "logged_out")
        self.assert_inbox_equals(self.whatsapp)
        self.assert_sound()
        database = self.database()
        for table in ("device", "signal_local", "signal_pre_keys", "signal_sessions"):
            self.assertEqual(
                database.execute("SELECT count(*) FROM %s" % table).fetchone(), (0,), table
            )

    def test_twice_is_as_good_as_once_and_pairing_again_works(self):
        self.assertIn("Unlinked: " + PHONE, self.unpair().out.text())
        again = self.run_sync("unpair", "--server", "ws://127.0.0.1:9", "--server-key", "ab" * 32)
        self.assertEqual(again.code, OK, again.account())
        self.assertIn("Already unlinked: " + PHONE, again.out.text())
        self.assertIn("conversations stay", again.err.text())
        self.paired(self.whatsapp)
        self.assert_inbox_equals(self.whatsapp)

    def test_the_phone_was_faster(self):
        device = self.whatsapp.state()["companions"][0]["jid"].split(":")[1].split("@")[0]
        self.whatsapp.ask("mock-phone/remove-device", json.dumps({"device": int(device)}))
        run = self.unpair("--json")
        self.assertEqual(run.code, OK, run.account())
        self.assertEqual(json.loads(run.out.text())["unlinked"], "already")
        self.assertEqual(self.status(), "logged_out")

    def test_unreachable_changes_nothing(self):
        self.whatsapp.end()
        for options in ((), ("--purge", "--yes")):
            run = self.unpair("--json", *options)
            self.assert_fails(run, WHATSAPP, error="network")
            self.assertEqual(self.status(), "disconnected")
            self.assertEqual(len(self.threads()), 3)

    def test_refusals_and_silence_change_nothing(self):
        for fault, code, error in (
            ("refuse-login=405", WHATSAPP, "client_outdated"),
            ("refuse-login=503", WHATSAPP, "network"),
            ("silent", TIMED_OUT, "timeout"),
        ):
            with self.subTest(fault=fault):
                self.whatsapp.fault(fault)
                run = self.unpair("--json", "--timeout", "3s")
                self.assert_fails(run, code, error=error)
                self.assert_linked_as_before()
                self.whatsapp.fault(fault.split("=")[0] + "=off")

    def test_stopped_while_whatsapp_is_silent(self):
        self.whatsapp.fault("silent")
        run = self.start("unpair", *self.where())
        self.whatsapp.until(lambda state: state["open_connections"] == 1)
        run.process.send_signal(signal.SIGTERM)
        run.code = run.wait()
        self.assert_stopped(run, SIGTERM_CODE)
        self.assert_linked_as_before()

    def test_purge_needs_a_word(self):
        run = self.unpair("--json", "--purge")
        self.assert_fails(run, USAGE, error="usage", hints=["--yes"])
        self.assert_linked_as_before()

    def test_a_word_that_nobody_typed_does_not_count(self):
        path = self.scratch + "/typed.toml"
        with open(path, "w") as file:
            file.write("[unpair]\nyes = true\n")
        for options, environment, says in (
            ((), {"WA_SYNC_YES": "true", "WA_SYNC_PURGE": "true"}, "WA_SYNC_"),
            (("--purge",), {"WA_SYNC_YES": "1"}, "WA_SYNC_YES"),
            (("--yes",), {"WA_SYNC_PURGE": "1"}, "WA_SYNC_PURGE"),
            (("--purge", "--config", path), {}, path),
        ):
            with self.subTest(options=options, environment=environment):
                run = self.unpair("--json", *options, **environment)
                self.assert_fails(run, USAGE, error="config", says=[says], hints=["type --"])
                self.assert_linked_as_before()

    def test_purge(self):
        directory = self.account_directory()
        run = self.unpair("--purge", "--yes", "--json")
        self.assertEqual(run.code, OK, run.account())
        self.assertTrue(json.loads(run.out.text())["purged"])
        self.assertFalse(os.path.exists(directory))
        self.assertEqual(self.whatsapp.state()["companions"], [])
        self.assert_fails(self.run_sync("accounts", "list"), NOT_PAIRED)

    def test_purge_after_unpair_needs_no_server(self):
        self.unpair()
        self.whatsapp.end()
        run = self.unpair("--purge", "--yes")
        self.assertEqual(run.code, OK, run.account())
        self.assertEqual(os.listdir(os.path.join(self.state, "accounts")), [])

    def test_held_by_another_process(self):
        with open(os.path.join(self.account_directory(), "lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assert_fails(self.unpair("--json"), HELD, error="held_elsewhere")
        self.assert_linked_as_before()

    def test_which_of_several(self):
        first = os.path.basename(self.account_directory())
        other = self.simulator(dataset="1x1")
        run = self.start("pair", "--json", *self.where(other), ACCOUNT_NAMESPACE="test")
        self.assertEqual(run.finish(other), OK, run.account())
        self.assert_fails(self.unpair(), USAGE, hints=[PHONE])
        self.assert_fails(self.unpair("--account", PHONE), USAGE)
        run = self.unpair("--account", first)
        self.assertEqual(run.code, OK, run.account())
        self.assertEqual(self.whatsapp.state()["companions"], [])
        self.assertEqual(len(other.state()["companions"]), 1)

    def on_terminal(self, *options, **environment):
        program = Program(
            [harness.program("wa-sync"), "unpair", *options, "--state-dir", self.state]
            + list(self.where()),
            80,
            24,
            self.environment(**{"TERM": "xterm", **environment}),
        )
        self.addCleanup(program.end)
        return program

    def answered(self, answer, *options, **environment):
        program = self.on_terminal(*options, **environment)
        program.read_until(lambda p: "/N]" in p.terminal.text())
        os.write(program.descriptor, answer)
        return program, program.wait()

    def assert_only_yes_counts(self, *options):
        for answer in (b"\n", b"n\n", b"\x04"):
            with self.subTest(answer=answer):
                program, code = self.answered(answer, *options)
                self.assertEqual(code, FAILED, program.terminal.text())
                self.assertIn("nothing was changed", program.terminal.text())
                self.assert_linked_as_before()

    def test_asked_before_unlinking(self):
        self.assert_only_yes_counts()
        program, code = self.answered(b"y\n")
        self.assertEqual(code, OK, program.terminal.text())
        self.assertIn("Only its phone can link it again", program.terminal.text())
        self.assertEqual(self.whatsapp.state()["companions"], [])
        self.assert_inbox_equals(self.whatsapp)
        # There is nothing left to unlink, and so nothing to ask.
        program = self.on_terminal()
        self.assertEqual(program.wait(), OK, program.terminal.text())
        self.assertNotIn("/N]", program.terminal.text())

    def test_yes_is_not_asked(self):
        program = self.on_terminal("--yes")
        self.assertEqual(program.wait(), OK, program.terminal.text())
        self.assertNotIn("/N]", program.terminal.text())
        self.assertEqual(self.whatsapp.state()["companions"], [])

    def test_asked_before_deleting(self):
        self.assert_only_yes_counts("--purge")
        program, code = self.answered(b"y\n", "--purge")
        self.assertEqual(code, OK, program.terminal.text())
        self.assertIn("3 conversations with", program.terminal.text())
        self.assertEqual(os.listdir(os.path.join(self.state, "accounts")), [])

    def test_asked_in_romanian(self):
        program, code = self.answered(b"d\n", "--purge", LANG="ro_RO.UTF-8")
        self.assertEqual(code, OK, program.terminal.text())
        self.assertIn("Deconectat: " + PHONE, program.terminal.text())


class NothingThere(Case):
    def test_never_paired(self):
        run = self.run_sync("unpair", "--json")
        self.assert_fails(run, NOT_PAIRED, error="not_paired")
        self.assertFalse(os.path.exists(self.state))


if __name__ == "__main__":
    harness.main()
