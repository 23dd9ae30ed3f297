#!/usr/bin/env python3
"""Linking without a camera: the eight characters of `wa-sync pair --method code`, typed on the
simulated phone.

usage: link_code_test.py BUILD_BIN_DIR [TEST…]
"""

import os
import re
import time

import harness
from harness import OK, PATIENCE, TIMED_OUT, USAGE, WHATSAPP, Case
from screen import Program

PHONE = "+40737123397"
CODE = re.compile(r"^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$")
BY_CODE = ("--method", "code", "--phone", PHONE)


class LinkCode(Case):
    def assert_nothing_stored(self):
        accounts = os.path.join(self.state, "accounts")
        self.assertEqual(os.listdir(accounts) if os.path.isdir(accounts) else [], [])

    def test_typed_on_the_phone_it_links_and_the_history_comes(self):
        simulator = self.simulator()
        run = self.paired(simulator, "-v", *BY_CODE)
        (shown,) = run.named("code")
        self.assertRegex(shown["code"], CODE)
        self.assertGreater(shown["expires_in"], 60)
        self.assertEqual(run.named("qr"), [])
        self.assertEqual(run.named("paired")[0]["phone"], PHONE)
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assert_no_secrets(run)
        self.assertEqual(simulator.state()["complaints"], [])
        # The code is shown once, and is in no log.
        for form in (shown["code"], shown["code"].replace("-", "")):
            self.assertNotIn(form, run.err.text())

    def test_the_number_may_be_written_as_people_write_it(self):
        simulator = self.simulator(dataset="1x1")
        self.paired(simulator, "--method", "code", "--phone", "0040 737-123.397")

    def test_a_mistyped_code_is_replaced(self):
        simulator = self.simulator(dataset="2x2")
        run = self.start_pair(simulator, *BY_CODE)
        first = run.event("code")["code"]
        simulator.type_code("1111-1111")
        second = run.event("code")["code"]
        self.assertNotEqual(first, second)
        simulator.type_code(second)
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)

    def test_a_code_that_the_service_wants_refreshed_is_replaced(self):
        simulator = self.simulator(dataset="1x1")
        run = self.start_pair(simulator, *BY_CODE)
        first = run.event("code")["code"]
        simulator.ask("mock-phone/refresh-code", "")
        second = run.event("code")["code"]
        self.assertNotEqual(first, second)
        simulator.type_code(second)
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(simulator.state()["connections"], 2)  # linking, and the first login
        self.assertEqual(simulator.state()["complaints"], [])

    def test_cut_while_the_code_is_shown(self):
        simulator = self.simulator(dataset="2x2")
        run = self.start_pair(simulator, *BY_CODE)
        first = run.event("code")["code"]
        simulator.drop_connections()
        second = run.event("code")["code"]
        self.assertNotEqual(first, second)
        simulator.type_code(second)
        self.assertEqual(run.finish(), OK, run.account())

    def test_a_number_that_whatsapp_refuses(self):
        simulator = self.simulator(dataset="1x1")
        run = self.pair(simulator, "--method", "code", "--phone", "+40700000001")
        self.assert_fails(
            run, WHATSAPP, error="server_refused", says=["+40700000001"], hints=["--method qr"]
        )
        self.assertEqual(run.named("code"), [])
        self.assert_nothing_stored()

    def test_nobody_types(self):
        simulator = self.simulator(dataset="1x1")
        run = self.start_pair(simulator, *BY_CODE, "--timeout", "3s")
        run.code = run.finish()
        self.assert_fails(run, TIMED_OUT, error="timeout", says=["typed"])
        self.assertLessEqual(run.named("code")[0]["expires_in"], 3)
        self.assert_nothing_stored()

    def test_signatures_count_here_too(self):
        for fault in ("bad-adv-hmac", "bad-adv-signature"):
            with self.subTest(fault=fault):
                run = self.pair(self.simulator(dataset="1x1", faults=[fault]), *BY_CODE)
                self.assert_fails(run, WHATSAPP, error="pairing_failed")
                self.assert_nothing_stored()

    def test_phone_alone_is_whose_qr_code_it_is(self):
        simulator = self.simulator(dataset="1x1")
        run = self.pair(simulator, "--phone", "+40700000001")
        self.assert_fails(run, WHATSAPP, error="pairing_failed", says=[PHONE])
        self.assert_nothing_stored()
        self.paired(simulator, "--phone", PHONE)

    def test_wrong_usage(self):
        for options, word in (
            (("--method", "code"), "--phone"),
            (("--method", "telepathy"), "--method"),
            (("--phone", "0737123397"), "--phone"),
            ((*BY_CODE, "--account", "+40700000001"), "--account"),
        ):
            with self.subTest(options=options):
                nowhere = ("--server", "ws://127.0.0.1:9", "--server-key", "ab" * 32)
                run = self.run_sync("pair", "--json", *nowhere, *options)
                self.assert_fails(run, USAGE, says=[word])

    def test_an_interrupted_history_goes_on_without_a_code(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.paired(simulator, *BY_CODE, "--no-wait")
        simulator.fault("hold-history=off")
        run = self.paired(simulator, *BY_CODE)
        self.assertEqual(run.named("code"), [])
        self.assertEqual(len(run.named("resumed")), 1)
        self.assert_inbox_equals(simulator)


class TwoForms(Case):
    """Numbers that are written in two ways: WhatsApp keeps one of them."""

    FORMS = (
        ("553188887777", "+55 31 98888-7777"),
        ("5531988887777", "+55 31 8888-7777"),
        ("5215512345678", "+52 55 1234 5678"),
        ("5491123456789", "+54 11 2345-6789"),
    )

    def test_it_links_by_code_and_by_qr_code_and_goes_on_under_either_form(self):
        for kept, typed in self.FORMS:
            for options in (("--method", "code", "--phone", typed), ("--phone", typed)):
                with self.subTest(kept=kept, options=options):
                    self.state = os.path.join(self.scratch, kept + str(len(options)))
                    simulator = self.simulator(dataset="1x1", faults=["number=" + kept])
                    run = self.paired(simulator, *options, "--no-wait")
                    self.assertEqual(run.named("paired")[0]["phone"], "+" + kept)
                    run = self.paired(simulator, *options)
                    self.assertEqual(len(run.named("resumed")), 1, run.account())

    def test_a_really_different_number_is_refused(self):
        simulator = self.simulator(dataset="1x1", faults=["number=553188887777"])
        run = self.pair(simulator, "--phone", "+55 31 98888-7778")
        self.assert_fails(run, WHATSAPP, error="pairing_failed", says=["+553188887777"])

    def test_a_thread_is_found_by_either_form(self):
        simulator = self.simulator(dataset="1x1")
        self.paired(simulator)
        listener = self.connected(simulator)
        for kept, _ in self.FORMS[:1] + self.FORMS[2:]:
            simulator.send_message(chat=kept + "@s.whatsapp.net", text="from " + kept)
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)
        listener.stop(harness.signal.SIGTERM)
        for kept, typed in self.FORMS[:1] + self.FORMS[2:]:
            (message,) = self.json_of("threads", "show", typed)
            self.assertEqual(message["body"], "from " + kept)
            (thread,) = self.json_of("threads", "list", "--search", typed)
            self.assertEqual(thread["phone"], "+" + kept)
            plan = self.run_sync("backfill", "--json", "--dry-run", "--thread", typed)
            self.assertEqual(plan.code, OK, plan.account())
            self.assertIn(kept, plan.out.text())


class Shown(Case):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator(dataset="2x2")

    def pair(self, columns=80, rows=24, **environment):
        program = Program(
            [harness.program("wa-sync"), "pair", "--state-dir", self.state, *BY_CODE]
            + ["--server", self.whatsapp.url, "--server-key", self.whatsapp.key],
            columns,
            rows,
            self.environment(**{"TERM": "xterm-256color", **environment}),
        )
        self.addCleanup(program.end)
        return program

    def code_on(self, program):
        """What a person reads in the frame."""
        program.read_until(lambda p: re.search(r"\d s", p.terminal.text()))
        spaced = re.search(r"[│|]  (\w(?: [\w-]){8})  [│|]", program.terminal.text())
        self.assertIsNotNone(spaced, program.terminal.text())
        return spaced[1].replace(" ", "")

    def test_in_a_terminal(self):
        program = self.pair()
        code = self.code_on(program)
        self.assertRegex(code, CODE)
        text = program.terminal.text()
        self.assertIn("Link with phone number instead", text)
        self.assertRegex(text, r"\d+ s left")
        self.whatsapp.type_code(code)
        program.read_until(lambda p: "wa-sync threads list" in p.terminal.text(), 90)
        self.assertEqual(program.wait(), OK)
        self.assertNotIn("│", program.terminal.text())

    def test_a_new_code_says_that_it_replaces_the_former(self):
        program = self.pair()
        first = self.code_on(program)
        self.whatsapp.type_code("1111-1111")
        program.read_until(lambda p: "no longer valid" in p.terminal.text())
        second = self.code_on(program)
        self.assertNotEqual(first, second)
        self.whatsapp.type_code(second)
        program.read_until(lambda p: "wa-sync threads list" in p.terminal.text(), 90)

    def test_romanian_without_utf8(self):
        program = self.pair(LANG="C", WA_SYNC_LANG="ro")
        code = self.code_on(program)
        self.assertIn("Dispozitive conectate", program.terminal.text())
        self.whatsapp.type_code(code)
        program.read_until(lambda p: "wa-sync threads list" in p.terminal.text(), 90)

    def test_a_window_that_is_hardly_one(self):
        program = self.pair(columns=24, rows=4)
        program.read_until(lambda p: re.search(r"\w{4}-\w{4}", p.terminal.text()))

    def test_a_pipe(self):
        run = self.start(
            "pair", *BY_CODE, "--server", self.whatsapp.url, "--server-key", self.whatsapp.key
        )
        run.says("Link with phone number instead")
        line = run.out.next(time.monotonic() + PATIENCE)
        self.assertRegex(line, r"^code expires_in=\d+ code=\w{4}-\w{4}\n$")
        self.whatsapp.type_code(line.split("code=")[-1].strip())
        self.assertEqual(run.wait(), OK)


if __name__ == "__main__":
    harness.main()
