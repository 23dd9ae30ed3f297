#!/usr/bin/env python3
"""Stopping and killing `wa-sync pair` at any moment: the same command goes on, without a new
QR code once the phone has linked this device, and ends with the whole inbox.

usage: interrupt_test.py BUILD_BIN_DIR [TEST…]
"""

import os
import random
import signal
import subprocess

import harness
from harness import HELD, NOT_PAIRED, OK, SIGHUP_CODE, SIGINT_CODE, SIGTERM_CODE, Case
from screen import Program

# What kills are timed by; printed with each failure, so that it can be had again.
SEED = int(os.environ.get("E2E_SEED", "1"))
ROUNDS = int(os.environ.get("E2E_ROUNDS", "15"))


class Interrupt(Case):
    def assert_goes_on(self, simulator, *options):
        """One more run ends with everything, and asks nobody to scan again."""
        run = self.paired(simulator, *options)
        self.assertEqual(run.named("qr"), [], run.account())
        self.assertEqual(len(run.named("resumed")), 1, run.account())
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assertEqual(len(simulator.state()["companions"]), 1)
        return run

    def linked(self, simulator, *options):
        """A run that has just been linked."""
        run = self.start_pair(simulator, *options)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        return run


class Signals(Interrupt):
    def check_during_code(self, signal_number, code):
        simulator = self.simulator()
        run = self.start_pair(simulator)
        run.event("qr")
        run.stop(signal_number)
        self.assert_stopped(run, code)
        self.assertEqual(run.events[-1]["code"], "interrupted")
        self.assertEqual(os.listdir(os.path.join(self.state, "accounts")), [])
        simulator.until(lambda state: state["open_connections"] == 0)
        self.paired(simulator)
        self.assert_inbox_equals(simulator)

    def test_sigint_while_the_code_is_shown(self):
        self.check_during_code(signal.SIGINT, SIGINT_CODE)

    def test_sigterm_while_the_code_is_shown(self):
        self.check_during_code(signal.SIGTERM, SIGTERM_CODE)

    def test_sighup_while_the_code_is_shown(self):
        self.check_during_code(signal.SIGHUP, SIGHUP_CODE)

    def test_sighup_after_linking(self):
        self.check_after_linking(signal.SIGHUP, SIGHUP_CODE)

    def test_nohup_goes_on(self):
        simulator = self.simulator()
        run = self.start_pair(simulator, by=("sh", "-c", 'trap "" HUP; exec "$@"', "sh"))
        code = run.event("qr")["code"]
        run.process.send_signal(signal.SIGHUP)
        simulator.scan(code)
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)

    def test_sigterm_before_the_server_answers(self):
        # It accepts connections and says nothing.
        import socket

        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            run = self.start(
                *("pair", "--json", "--server", "ws://127.0.0.1:%d" % port),
                *("--server-key", "11" * 32),
            )
            silent.settimeout(harness.PATIENCE)
            connection, _ = silent.accept()
            with connection:
                run.stop(signal.SIGTERM)
        self.assert_stopped(run, SIGTERM_CODE)

    def check_after_linking(self, signal_number, code):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        run.stop(signal_number)
        self.assert_stopped(run, code)
        simulator.fault("hold-history=off")
        self.assert_goes_on(simulator)

    def test_sigint_after_linking(self):
        self.check_after_linking(signal.SIGINT, SIGINT_CODE)

    def test_sigterm_after_linking(self):
        self.check_after_linking(signal.SIGTERM, SIGTERM_CODE)

    def test_sigterm_while_history_arrives(self):
        simulator = self.simulator("--chunk", "50", dataset="20x30")
        run = self.linked(simulator)
        run.event("history")
        run.stop(signal.SIGTERM)
        self.assert_stopped(run, SIGTERM_CODE)
        self.assertEqual(run.named("done"), [])
        self.assert_goes_on(simulator)

    def test_no_wait_stops_by_itself(self):
        simulator = self.simulator()
        run = self.paired(simulator, "--no-wait")
        self.assertEqual(run.named("done")[0]["ending"], "not_awaited")
        self.assertEqual(run.named("history"), [])
        self.assert_goes_on(simulator)


class VanishedTerminal(Interrupt):
    """The SSH connection drops: nobody sees what is said any more."""

    def on_terminal(self, *arguments):
        run = Program(
            [harness.program("wa-sync"), "--state-dir", self.state, *arguments],
            100,
            40,
            self.environment(TERM="xterm-256color"),
        )
        self.addCleanup(run.end)
        return run

    def where(self, simulator):
        return ("--server", simulator.url, "--server-key", simulator.key)

    def test_pair_while_the_code_is_shown(self):
        simulator = self.simulator()
        picture = os.path.join(self.scratch, "qr.png")
        run = self.on_terminal("pair", *self.where(simulator), "--qr-png", picture)
        run.read_until(lambda p: "▀" in p.terminal.text() and os.path.exists(picture))
        self.assertEqual(run.hang_up(), SIGHUP_CODE)
        self.assertFalse(os.path.exists(picture), "the code is still there for others to see")
        simulator.until(lambda state: state["open_connections"] == 0)
        self.paired(simulator)
        self.assert_inbox_equals(simulator)

    def test_backfill(self):
        simulator = self.simulator()
        self.paired(simulator)
        simulator.fault("silent")
        run = self.on_terminal("backfill", *self.where(simulator))
        simulator.until(lambda state: state["open_connections"] == 1)
        self.assertEqual(run.hang_up(), SIGHUP_CODE)
        simulator.fault("silent=off")
        self.assertEqual(self.run_sync("backfill", *self.where(simulator)).code, OK)

    def test_unpair(self):
        simulator = self.simulator()
        self.paired(simulator)
        simulator.fault("silent")
        run = self.on_terminal("unpair", "--yes", *self.where(simulator))
        simulator.until(lambda state: state["open_connections"] == 1)
        self.assertEqual(run.hang_up(), SIGHUP_CODE)
        simulator.fault("silent=off")
        self.assertEqual(self.run_sync("unpair", *self.where(simulator)).code, OK)

    def test_listen(self):
        simulator = self.simulator()
        self.paired(simulator)
        run = self.on_terminal("listen", *self.where(simulator))
        run.read_until(lambda p: "connected" in p.terminal.text())
        self.assertEqual(run.hang_up(), SIGHUP_CODE)
        simulator.until(lambda state: state["open_connections"] == 0)
        (account,) = self.json_of("accounts", "list")
        self.assertEqual((account["status"], account["holder"]), ("disconnected", None))


class Kills(Interrupt):
    """kill -9: no chance to tidy up."""

    def test_while_the_code_is_shown(self):
        simulator = self.simulator()
        run = self.start_pair(simulator)
        run.event("qr")
        run.kill()
        self.paired(simulator)
        self.assert_inbox_equals(simulator)

    def test_after_linking(self):
        simulator = self.simulator()
        run = self.linked(simulator)
        run.kill()
        self.assert_goes_on(simulator)

    def test_after_the_first_history(self):
        simulator = self.simulator("--chunk", "50", dataset="20x30")
        run = self.linked(simulator)
        run.event("history")
        run.kill()
        self.assertEqual(run.named("done"), [])
        self.assert_goes_on(simulator)

    def test_between_scan_and_link(self):
        """The device may be stored here and unknown there: then it is linked anew at once."""
        moments = random.Random(SEED)
        for round_number in range(8):
            delay = moments.uniform(0, 0.06)
            with self.subTest(seed=SEED, round=round_number, delay=delay):
                self.state = os.path.join(self.scratch, "state-%d" % round_number)
                simulator = self.simulator(dataset="2x3")
                run = self.start_pair(simulator)
                simulator.scan(run.event("qr")["code"])
                self.let_live(run, delay)
                run.kill()
                again = self.paired(simulator)
                if run.named("paired"):
                    self.assertEqual(again.named("qr"), [], again.account())
                self.assert_inbox_equals(simulator)
                self.assert_sound()
                simulator.end()

    def test_a_link_that_whatsapp_never_heard_of(self):
        simulator = self.simulator(faults=["refuse-login=503"])
        run = self.linked(simulator)
        run.event("reconnecting")
        run.kill()
        simulator.fault("refuse-login=401")
        again = self.start_pair(simulator)
        self.assertEqual(again.next_event()["event"], "resumed")
        code = again.event("qr")["code"]
        simulator.fault("refuse-login=off")
        simulator.scan(code)
        self.assertEqual(again.finish(), OK, again.account())
        self.assert_inbox_equals(simulator)

    def test_a_link_that_was_in_use_is_not_replaced_unasked(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        simulator.until(lambda state: state["companions"][0]["active"])
        message = simulator.send_message(chat="40721000001@s.whatsapp.net", text="alo?")
        simulator.until(lambda _: message in simulator.receipts())
        run.stop(signal.SIGTERM, SIGTERM_CODE)
        simulator.fault("refuse-login=401")
        again = self.pair(simulator)
        self.assert_fails(again, NOT_PAIRED, error="logged_out")
        self.assertEqual(again.named("qr"), [])

    def test_at_random_moments(self):
        moments = random.Random(SEED)
        for round_number in range(ROUNDS):
            events, delay = moments.randint(2, 24), moments.uniform(0, 0.03)
            again, second_delay = moments.random() < 0.5, moments.uniform(0, 0.5)
            with self.subTest(seed=SEED, round=round_number, events=events, delay=delay):
                self.state = os.path.join(self.scratch, "state-%d" % round_number)
                simulator = self.simulator("--chunk", "30", dataset="8x20")
                run = self.linked(simulator)
                while len(run.events) < events and run.events[-1]["event"] != "done":
                    self.assertIsNotNone(run.next_event(), run.account())
                self.let_live(run, delay)
                run.kill()
                if again and not run.named("done"):
                    run = self.start_pair(simulator)
                    self.let_live(run, second_delay)
                    run.kill()
                    self.assertEqual(run.named("qr"), [], run.account())
                if run.named("done"):
                    self.assert_inbox_equals(simulator)
                else:
                    self.assert_goes_on(simulator)
                self.assertEqual(simulator.state()["complaints"], [])
                simulator.end()

    def let_live(self, run, seconds):
        """Not to wait for anything: where in its work it is then is what varies."""
        try:
            run.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass


class TwoProcesses(Interrupt):
    def test_the_second_one_is_told_who_is_at_work(self):
        simulator = self.simulator(faults=["hold-history"])
        first = self.linked(simulator)
        second = self.pair(simulator)
        self.assert_fails(second, HELD, error="held_elsewhere", says=[str(first.process.pid)])
        self.assertEqual(second.named("qr"), [])
        simulator.fault("hold-history=off")
        self.assertEqual(first.finish(), OK, first.account())
        self.assert_inbox_equals(simulator)

    def test_the_inbox_can_be_read_meanwhile(self):
        simulator = self.simulator("--chunk", "50", dataset="20x30")
        run = self.linked(simulator)
        run.event("history")
        seen = len(self.threads())
        self.assertEqual(run.finish(), OK, run.account())
        self.assertLessEqual(seen, len(self.threads()))
        self.assert_inbox_equals(simulator)


class Again(Interrupt):
    """On an account whose history is done the same command links anew."""

    def test_the_inbox_is_kept_and_the_former_device_removed(self):
        simulator = self.simulator()
        self.paired(simulator)
        before = self.threads()
        former = simulator.state()["companions"][0]["jid"]
        simulator.fault("no-history")
        run = self.start_pair(simulator, "--timeout", "8s")
        simulator.scan(run.event("qr")["code"])
        run.event("done")
        run.wait()
        self.assertEqual(self.threads(), before)
        (companion,) = simulator.state()["companions"]
        self.assertNotEqual(companion["jid"], former)
        simulator.fault("no-history=off")
        self.paired(simulator)
        self.assertEqual(self.threads(), before)
        self.assert_inbox_equals(simulator)
        self.assert_sound()

    def test_again_even_where_history_could_go_on(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        run.stop(signal.SIGTERM)
        simulator.fault("hold-history=off")
        again = self.paired(simulator, "--again")
        self.assertEqual(len(again.named("qr")), 1)
        self.assertEqual(again.named("resumed"), [])
        self.assertEqual(len(simulator.state()["companions"]), 1)
        self.assert_inbox_equals(simulator)

    def test_removed_on_the_phone(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.linked(simulator)
        simulator.until(lambda state: state["companions"][0]["active"])
        device = simulator.state()["companions"][0]["jid"].split(":")[1].split("@")[0]
        simulator.ask("mock-phone/remove-device", '{"device": %s}' % device)
        run.code = run.finish()
        self.assert_fails(run, NOT_PAIRED, error="logged_out")
        simulator.fault("hold-history=off")
        again = self.paired(simulator)
        self.assertEqual(len(again.named("qr")), 1)
        self.assert_inbox_equals(simulator)


if __name__ == "__main__":
    harness.main()
