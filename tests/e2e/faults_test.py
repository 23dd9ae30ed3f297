#!/usr/bin/env python3
"""What `wa-sync pair` does when WhatsApp, the network or an attacker misbehaves: the right
exit code with a message and a hint, nothing damaged, and the next run ends well.

usage: faults_test.py BUILD_BIN_DIR [TEST…]
"""

import os
import socket

import harness
from harness import FAILED, NOT_PAIRED, OK, TIMED_OUT, WHATSAPP, Case

# Ends what nothing answers; long enough for a slow machine to answer in.
SHORT = ("--timeout", "8s")


class Faults(Case):
    dataset = "small"

    def simulator_with(self, *faults, dataset=None):
        return self.simulator(dataset=dataset or self.dataset, faults=faults)

    def failing_pair(self, simulator, *options):
        run = self.pair(simulator, "-v", *options)
        if os.path.exists(os.path.join(self.state, "accounts")) and self.stored_accounts():
            self.assert_sound()
            self.assert_no_secrets(run)
        return run

    def stored_accounts(self):
        """Accounts with a linked device."""
        accounts = os.path.join(self.state, "accounts")
        return os.listdir(accounts) if os.path.isdir(accounts) else []

    def assert_nothing_stored(self):
        self.assertEqual(self.stored_accounts(), [])

    def assert_recovers(self, simulator, *, off=None, new_code):
        """An ordinary run now ends with the whole inbox, with or without a new QR code."""
        if off:
            simulator.fault(off + "=off")
        run = self.paired(simulator)
        self.assertEqual(bool(run.named("qr")), new_code, run.account())
        self.assertEqual(bool(run.named("resumed")), not new_code, run.account())
        self.assert_inbox_equals(simulator)
        self.assert_sound()


class Server(Faults):
    """Who answers is not WhatsApp, or does not want us."""

    def check_untrusted(self, fault):
        simulator = self.simulator_with(fault)
        run = self.failing_pair(simulator)
        self.assert_fails(run, WHATSAPP, error="server_untrusted", says=["certificate"])
        self.assertEqual(run.named("qr"), [])
        self.assert_nothing_stored()
        self.assert_recovers(simulator, off=fault, new_code=True)

    def test_certificate_for_another_key(self):
        self.check_untrusted("bad-cert-chain")

    def test_expired_certificate(self):
        self.check_untrusted("expired-cert")

    def test_certificate_of_another_root(self):
        self.check_untrusted("wrong-root")

    def test_wrong_server_key(self):
        simulator = self.simulator_with()
        right, simulator.key = simulator.key, "ab" * 32
        run = self.failing_pair(simulator)
        self.assert_fails(run, WHATSAPP, error="server_untrusted")
        self.assertNotIn(simulator.key, run.err.text())
        self.assert_nothing_stored()
        simulator.key = right
        self.assert_recovers(simulator, new_code=True)

    def test_nobody_listens(self):
        simulator = self.simulator_with()
        # Bound, so that nobody else gets the port, and not listening.
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            simulator.url = "ws://127.0.0.1:%d/ws/chat" % nobody.getsockname()[1]
            run = self.failing_pair(simulator)
        self.assert_fails(run, WHATSAPP, error="network")
        self.assert_nothing_stored()

    def test_new_devices_refused(self):
        for fault, error in (
            ("refuse-registration", "client_outdated"),
            ("refuse-registration=402", "banned"),
            ("refuse-registration=400", "server_refused"),
        ):
            with self.subTest(fault=fault):
                run = self.failing_pair(self.simulator_with(fault, dataset="1x1"))
                self.assert_fails(run, WHATSAPP, error=error)
                self.assert_nothing_stored()

    def check_refused_login(self, reason, code, error, *, new_code):
        simulator = self.simulator_with("refuse-login=%d" % reason)
        run = self.failing_pair(simulator)
        self.assert_fails(run, code, error=error)
        self.assertEqual(len(run.named("paired")), 1)
        self.assert_recovers(simulator, off="refuse-login", new_code=new_code)

    def test_logged_out_401(self):
        self.check_refused_login(401, NOT_PAIRED, "logged_out", new_code=True)

    def test_logged_out_403(self):
        self.check_refused_login(403, NOT_PAIRED, "logged_out", new_code=True)

    def test_banned_for_a_while_402(self):
        self.check_refused_login(402, WHATSAPP, "banned", new_code=False)

    def test_outdated_405(self):
        self.check_refused_login(405, WHATSAPP, "client_outdated", new_code=False)

    def test_refused_409(self):
        self.check_refused_login(409, WHATSAPP, "server_refused", new_code=False)

    def test_unavailable_503_is_tried_again(self):
        simulator = self.simulator_with("refuse-login=503")
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        self.assertIn("503", run.event("reconnecting")["reason"])
        simulator.fault("refuse-login=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)

    def test_unavailable_503_for_good(self):
        simulator = self.simulator_with("refuse-login=503")
        run = self.failing_pair(simulator, *SHORT)
        self.assert_fails(run, WHATSAPP, error="network", says=["503"])
        self.assertEqual(run.named("done"), [])
        self.assert_recovers(simulator, off="refuse-login", new_code=False)


class Silence(Faults):
    """Deadlines: nothing may wait for ever."""

    def test_a_server_that_answers_no_query(self):
        simulator = self.simulator_with("silent")
        run = self.failing_pair(simulator, *SHORT)
        self.assert_fails(run, TIMED_OUT, error="timeout")
        self.assertEqual(run.named("done"), [])
        self.assert_recovers(simulator, off="silent", new_code=False)

    def test_nobody_scans(self):
        simulator = self.simulator_with(dataset="1x1")
        run = self.start_pair(simulator, "--timeout", "4s")
        run.code = run.finish()
        self.assert_fails(run, TIMED_OUT, error="timeout", says=["scan"])
        self.assert_nothing_stored()

    def test_a_phone_that_sends_no_history(self):
        simulator = self.simulator_with("no-history")
        run = self.failing_pair(simulator, *SHORT)
        self.assert_fails(run, TIMED_OUT, error="timeout")
        self.assertEqual(run.named("done")[0]["ending"], "stalled")
        listing = self.run_sync("threads", "list")
        self.assertEqual(listing.code, OK)
        self.assertIn("sent no history", listing.err.text())
        self.assertIn("wa-sync pair", listing.err.text())
        # What never came does not come by waiting longer: linked anew.
        self.assert_recovers(simulator, off="no-history", new_code=True)
        self.assertEqual(len(simulator.state()["companions"]), 1)

    def test_a_phone_that_takes_its_time(self):
        simulator = self.simulator_with("hold-history")
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)


class Connections(Faults):
    def test_cut_while_the_code_is_shown(self):
        simulator = self.simulator_with()
        run = self.start_pair(simulator)
        first = run.event("qr")["code"]
        self.assertEqual(simulator.drop_connections(), 1)
        second = run.event("qr")["code"]
        self.assertNotEqual(first, second)
        simulator.scan(second)
        self.assertEqual(run.finish(), OK, run.account())
        self.assert_inbox_equals(simulator)

    def test_cut_after_each_of_the_first_stanzas(self):
        for stanzas in (1, 2, 3, 4, 6, 9, 12):
            with self.subTest(stanzas=stanzas):
                self.state = os.path.join(self.scratch, "state-%d" % stanzas)
                simulator = self.simulator_with("drop-after=%d" % stanzas)
                run = self.paired(simulator)
                self.assertEqual(len(run.named("reconnecting")), 1, run.account())
                self.assertEqual(len(run.named("qr")), 1)
                self.assert_inbox_equals(simulator)
                self.assert_sound()

    def test_cut_again_and_again_while_history_arrives(self):
        simulator = self.simulator("--chunk", "50", dataset="20x30", faults=["drop-after=9"])
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        for _ in range(3):
            run.event("reconnecting")
            simulator.fault("drop-after=9")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(len(run.named("reconnecting")), 4, run.account())
        self.assert_inbox_equals(simulator)
        self.assert_sound()


class Stanzas(Faults):
    def check(self, fault, *options):
        simulator = self.simulator_with(fault)
        run = self.paired(simulator, *options)
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        return simulator, run

    def test_twice_each(self):
        self.check("duplicate")

    def test_out_of_order(self):
        self.check("swap")

    def test_undecryptable_at_first(self):
        simulator, _ = self.check("undecryptable=3")
        self.assertGreaterEqual(len(simulator.receipts("retry")), 3)

    def test_a_contact_cannot_send_history(self):
        simulator, run = self.check("spoof-history", "-v")
        self.assertRegex(run.err.text(), "only our own phone may send.*dropped")
        self.assertNotIn("Spoofed", {thread["name"] for thread in self.threads()})
        # Acknowledged all the same: it must not come again.
        self.assertEqual(simulator.state()["companions"][0]["pending"], 0)


class Blobs(Faults):
    """History that must not be believed, or cannot be had."""

    def check_unusable(self, fault):
        simulator = self.simulator_with(fault)
        run = self.failing_pair(simulator)
        self.assert_fails(run, FAILED, error="media")
        done = run.named("done")[0]
        # Saved names come another way, which the phone repairs.
        self.assertEqual((done["threads"], done["messages"]), (0, 0))
        chunks = run.named("chunk_failed")
        self.assertEqual(done["failed_chunks"], len(chunks))
        self.assertEqual(
            [chunk["type"] for chunk in chunks],
            [
                "INITIAL_STATUS_V3",
                "INITIAL_BOOTSTRAP",
                "PUSH_NAME",
                "NON_BLOCKING_DATA",
                "RECENT",
                "FULL",
            ],
        )
        self.assertEqual(self.threads(), [])
        # The phone must not believe that it has arrived.
        self.assertEqual(simulator.receipts("hist_sync"), [])
        self.assertEqual(simulator.state()["blobs_deleted"], 0)
        # Asked for once more, not for ever.
        self.assertEqual(len(simulator.receipts("server-error")), len(chunks))
        self.assert_recovers(simulator, off=fault, new_code=True)
        # The former device is off the phone's list.
        self.assertEqual(len(simulator.state()["companions"]), 1)

    def test_other_content_than_announced(self):
        self.check_unusable("bad-blob-hash")

    def test_wrong_mac(self):
        self.check_unusable("bad-blob-mac")

    def test_changed_on_the_way(self):
        self.check_unusable("corrupt-blob")

    def test_no_longer_there(self):
        self.check_unusable("missing-blob")

    def check_uploaded_again(self, fault):
        simulator = self.simulator_with(fault)
        run = self.paired(simulator, "-v")
        self.assertEqual(run.named("chunk_failed"), [])
        self.assertEqual(len(simulator.receipts("server-error")), 6)
        state = simulator.state()
        self.assertEqual(state["complaints"], [])
        # What the phone uploaded first is still there; nobody knows where but the two.
        self.assertEqual(state["blobs_deleted"], 6)
        self.assert_inbox_equals(simulator)
        self.assert_sound()
        self.assert_no_secrets(run)

    def test_what_is_gone_is_uploaded_again(self):
        self.check_uploaded_again("missing-blob=once")

    def test_what_is_damaged_is_uploaded_again(self):
        self.check_uploaded_again("corrupt-blob=once")

    def check_tried_again(self, fault):
        simulator = self.simulator_with(fault)
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.says("history chunk")
        simulator.fault(fault.split("=")[0] + "=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(run.named("chunk_failed"), [])
        self.assert_inbox_equals(simulator)
        self.assert_sound()

    def test_cut_short_is_fetched_again(self):
        self.check_tried_again("truncated-blob")

    def test_of_what_is_cut_short_only_the_rest_is_fetched(self):
        simulator = self.simulator_with("truncated-blob=once")
        run = self.paired(simulator, "-v")
        state = simulator.state()
        self.assertEqual(state["blobs_fetched"], 2 * (state["blobs"] + state["blobs_deleted"]))
        self.assertEqual(state["blob_bytes_sent"], state["blob_bytes"])
        self.assertNotIn("tried again", run.err.text())
        self.assert_inbox_equals(simulator)

    def test_an_overloaded_media_server_is_asked_again(self):
        self.check_tried_again("media-status=503")

    def test_a_media_server_down_for_good(self):
        simulator = self.simulator_with("media-status=503")
        run = self.failing_pair(simulator, *SHORT)
        self.assert_fails(run, WHATSAPP, error="network", says=["could not be downloaded"])
        self.assertEqual(run.named("done")[0]["ending"], "stalled")
        self.assert_recovers(simulator, off="media-status", new_code=False)


    def test_hostile_chunks_cost_only_themselves(self):
        simulator = self.simulator_with("hostile-chunks")
        run = self.failing_pair(simulator)
        self.assert_fails(run, FAILED, error="protocol")
        # The bomb and what is no zlib stream are lost whole; elsewhere a message and a name are.
        self.assertEqual([chunk["chunk"] for chunk in run.named("chunk_failed")], [1, 4])
        done = run.named("done")[0]
        # Of ten chunks those two stay at the servers.
        self.assertEqual(simulator.state()["blobs_deleted"], 8)
        # Three conversations of the dataset have malformed ids, in each of three phases.
        self.assertEqual((done["failed_chunks"], done["damaged_parts"]), (2, 2 + 3 * 3))
        (account,) = self.json_of("accounts", "list")
        self.assertEqual(account["history"]["errors"], done["damaged_parts"])
        # A conversation of its own came with the message that cannot be read.
        expected = {thread["jid"] for thread in simulator.dataset()["threads"]}
        found = {thread["jid"]: thread for thread in self.threads()}
        self.assertEqual(set(found) - expected, {"40721999999@s.whatsapp.net"})
        self.assertEqual(found["40721999999@s.whatsapp.net"]["messages"], 0)
        self.assertEqual(expected - set(found), set())
        names = dict(self.database().execute("SELECT jid, push_name FROM contacts").fetchall())
        self.assertEqual(names["40721999991@s.whatsapp.net"], "Before")
        self.assertEqual(names["40721999992@s.whatsapp.net"], "Behind")
        self.assert_sound()


class Pairing(Faults):
    """Signatures in what the phone confirms."""

    def check(self, fault):
        simulator = self.simulator_with(fault)
        run = self.failing_pair(simulator)
        self.assert_fails(run, WHATSAPP, error="pairing_failed")
        self.assertEqual(run.named("paired"), [])
        self.assert_nothing_stored()
        self.assertTrue(any("pairing refused" in each for each in simulator.state()["complaints"]))
        self.assert_recovers(simulator, off=fault, new_code=True)

    def test_wrong_hmac(self):
        self.check("bad-adv-hmac")

    def test_wrong_signature(self):
        self.check("bad-adv-signature")

    def test_a_registration_that_is_refreshed_links_with_the_new_code(self):
        for fault in ("reg-refresh", "reg-refresh=rotate-qr"):
            self.state = os.path.join(self.scratch, fault)
            simulator = self.simulator_with(fault, dataset="1x1")
            run = self.start_pair(simulator)
            first = run.event("qr")["code"]
            simulator.scan(first)
            second = run.event("qr")["code"]
            # The same ref, with another secret: what was scanned before links nothing.
            self.assertEqual(first.split(",")[:3], second.split(",")[:3])
            self.assertNotEqual(first.split(",")[3], second.split(",")[3])
            simulator.scan(first)
            simulator.scan(second)
            self.assertEqual(run.finish(), OK, run.account())
            self.assertEqual(simulator.state()["complaints"], ["the QR code shows a retired secret"])
            acks = simulator.ask("receipts")["acks"]
            self.assertIn("companion_reg_refresh", [ack.get("type") for ack in acks])

    def test_a_hosted_account_links(self):
        for options in ((), ("--method", "code", "--phone", "+40737123397")):
            self.state = os.path.join(self.scratch, "state-%d" % len(options))
            simulator = self.simulator_with("hosted-account", dataset="1x1")
            self.paired(simulator, *options)
            self.assertEqual(simulator.state()["complaints"], [])

    def test_another_phone_than_asked_for(self):
        simulator = self.simulator_with()
        run = self.failing_pair(simulator, "--account", "+40700000000")
        self.assert_fails(run, WHATSAPP, error="pairing_failed", says=["+40737123397"])
        self.assert_nothing_stored()
        self.assert_recovers(simulator, new_code=True)


if __name__ == "__main__":
    harness.main()
