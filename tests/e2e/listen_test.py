#!/usr/bin/env python3
"""`wa-sync listen`: stays connected, takes in what comes, gives way to other commands, and ends in
order.

usage: listen_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import os
import shutil
import signal
import socket
import stat

import harness
from harness import OK, Case


class Listen(Case):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator()

    def message_texts(self, thread):
        return [each["body"] for each in self.json_of("threads", "show", thread)]

    def account(self):
        (account,) = self.json_of("accounts", "list")
        return account


class Realtime(Listen):
    def test_a_new_message_is_there_when_it_is_told_of(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        chat = self.threads()[0]["jid"]
        self.sim.send_message(chat=chat, text="live one")
        self.assertEqual(run.event("received")["messages"], 1)
        self.assertEqual(self.message_texts(chat)[-1], "live one")
        run.stop(signal.SIGTERM, OK)

    def test_what_came_while_nobody_listened(self):
        self.paired(self.sim)
        chat = self.threads()[0]["jid"]
        for text in ("one", "two", "three"):
            self.sim.send_message(chat=chat, text=text)
        run = self.connected(self.sim)
        self.sim.until(lambda state: state["companions"][0]["pending"] == 0)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.message_texts(chat)[-3:], ["one", "two", "three"])

    def test_a_dropped_connection_comes_back(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        chat = self.threads()[0]["jid"]
        texts = ["before", "after", "after that"]
        for text in texts:
            self.sim.send_message(chat=chat, text=text)
            self.sim.drop_connections()
            run.event("disconnected")
            run.event("connected")
        self.sim.until(lambda state: state["companions"][0]["pending"] == 0)
        run.stop(signal.SIGINT, OK)
        self.assertEqual(self.message_texts(chat)[-3:], texts)
        self.assert_sound()


class History(Listen):
    def test_it_comes_to_a_listener_when_pair_does_not_wait(self):
        self.paired(self.sim, "--no-wait")
        run = self.connected(self.sim)
        self.sim.until(lambda _: self.is_whole())
        run.stop(signal.SIGTERM, OK)
        self.assert_inbox_equals(self.sim)
        self.assert_sound()
        self.assertTrue(run.named("history"))

    def is_whole(self):
        try:
            self.assert_inbox_equals(self.sim)
        except AssertionError:
            return False
        return True


class Accounts(Listen):
    def test_an_account_that_is_paired_meanwhile_is_picked_up(self):
        run = self.start_listen(self.sim)
        self.paired(self.sim)
        run.event("connected")
        run.stop(signal.SIGTERM, OK)

    def test_status_while_it_listens_and_afterwards(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        self.assertEqual(self.account()["status"], "connected")
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.account()["status"], "disconnected")

    def test_a_listener_that_died_is_not_believed(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        run.kill()
        self.assertEqual(self.account()["status"], "disconnected")

    def test_two_of_one_state_directory_share_no_account(self):
        self.paired(self.sim)
        first = self.connected(self.sim)
        second = self.start_listen(self.sim)
        waiting = second.event("waiting")
        self.assertFalse(waiting["elsewhere"])
        self.assertIn(str(first.process.pid), waiting["holder"])
        first.kill()
        second.event("connected")
        second.stop(signal.SIGTERM, OK)

    def test_the_phone_removes_the_device_and_links_it_again(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        device = int(self.account()["jid"].split(":")[1].split("@")[0])
        self.sim.ask("mock-phone/remove-device", json.dumps({"device": device}))
        halted = run.event("halted")
        self.assertEqual(halted["code"], "logged_out")
        self.assertIn("wa-sync pair", halted["hint"])
        self.assertIsNone(halted["retry_in_ms"])
        self.assertEqual(self.account()["status"], "logged_out")
        self.paired(self.sim)
        run.event("connected")
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(len(run.named("halted")), 1)

    def test_pairing_again_while_it_listens(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        self.paired(self.sim, "--again")
        run.event("connected")
        run.stop(signal.SIGTERM, OK)
        self.assert_inbox_equals(self.sim)

    def test_unpairing_while_it_listens(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        done = self.run_sync(
            *("unpair", "--purge", "--yes", "--server", self.sim.url, "--server-key", self.sim.key)
        )
        self.assertEqual(done.code, OK, done.account())
        self.paired(self.sim)
        run.event("connected")
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(run.named("halted"), [])


class Refused(Listen):
    """What WhatsApp does not allow is said once, with what to do; the account rests."""

    def halted(self, reason):
        self.paired(self.sim)
        self.sim.fault("refuse-login=%d" % reason)
        run = self.start_listen(self.sim)
        halted = run.event("halted")
        self.assertTrue(halted["hint"], halted)
        return run, halted

    def check_told_to_try_again(self, reason, code):
        run, halted = self.halted(reason)
        self.assertEqual(halted["code"], code)
        self.assertGreater(halted["retry_in_ms"], 60_000)
        account = self.account()
        self.assertEqual(account["status"], "disconnected")
        self.sim.fault("refuse-login=off")
        run.process.send_signal(signal.SIGHUP)
        run.event("connected")
        self.assertEqual(self.account()["status"], "connected")
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(len(run.named("halted")), 1)

    def test_banned(self):
        self.check_told_to_try_again(402, "banned")

    def test_outdated(self):
        self.check_told_to_try_again(405, "client_outdated")

    def test_another_kind_of_refusal(self):
        self.check_told_to_try_again(409, "server_refused")

    def test_logged_out(self):
        run, halted = self.halted(401)
        self.assertEqual(halted["code"], "logged_out")
        self.assertIsNone(halted["retry_in_ms"])
        self.assertEqual(self.account()["status"], "logged_out")
        run.stop(signal.SIGTERM, OK)

    def test_unwell_is_tried_again_by_itself(self):
        self.paired(self.sim)
        self.sim.fault("refuse-login=503")
        run = self.start_listen(self.sim)
        run.event("disconnected")
        again = run.event("disconnected")
        self.assertGreater(again["retry_in_ms"], 0)
        self.sim.fault("refuse-login=off")
        run.event("connected")
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(run.named("halted"), [])

    def test_replaced_is_not_fought(self):
        self.paired(self.sim)
        copy = os.path.join(self.scratch, "copy")
        shutil.copytree(self.state, copy, ignore=shutil.ignore_patterns("run", "lock"))
        first = self.connected(self.sim)
        mine, self.state = self.state, copy
        second = self.connected(self.sim)
        halted = first.event("halted")
        self.assertEqual(halted["code"], "replaced")
        self.assertIsNone(halted["retry_in_ms"])
        second.stop(signal.SIGTERM, OK)
        self.state = mine
        first.process.send_signal(signal.SIGHUP)
        first.event("connected")
        first.stop(signal.SIGTERM, OK)
        self.assertEqual(second.named("disconnected"), [])


class Service(Listen):
    def notify_socket(self):
        path = os.path.join(self.scratch, "notify")
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(told.close)
        told.bind(path)
        told.settimeout(harness.PATIENCE)
        return path, told

    def test_what_systemd_is_told(self):
        self.paired(self.sim)
        path, told = self.notify_socket()
        run = self.start_listen(self.sim, NOTIFY_SOCKET=path, WATCHDOG_USEC="200000")
        heard = [told.recv(4096).decode() for _ in range(4)]
        self.assertIn("READY=1", heard)
        self.assertGreaterEqual(heard.count("WATCHDOG=1"), 2)
        run.process.send_signal(signal.SIGHUP)
        while "RELOADING=1" not in told.recv(4096).decode():
            pass
        run.process.send_signal(signal.SIGTERM)
        while told.recv(4096).decode() != "STOPPING=1":
            pass
        self.assertEqual(run.finish(), OK)

    def test_a_configuration_that_became_wrong_changes_nothing(self):
        self.paired(self.sim)
        configuration = os.path.join(self.scratch, "config.toml")
        open(configuration, "w").close()
        run = self.connected(self.sim, "--config", configuration)
        with open(configuration, "w") as file:
            file.write("nonsense = 1\n")
        run.process.send_signal(signal.SIGHUP)
        run.says("the configuration stays as it was")
        self.sim.send_message(chat=self.threads()[0]["jid"], text="still here")
        run.event("received")
        run.stop(signal.SIGTERM, OK)

    def test_the_control_socket_is_for_us_alone(self):
        self.paired(self.sim)
        run = self.connected(self.sim)
        directory = os.path.join(self.state, "run")

        def sockets():
            return [each for each in os.listdir(directory) if each.endswith(".sock")]

        (name,) = sockets()
        mode = os.stat(os.path.join(directory, name)).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(sockets(), [])


if __name__ == "__main__":
    harness.main()
