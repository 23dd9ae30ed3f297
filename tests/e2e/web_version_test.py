#!/usr/bin/env python3
"""Which version of WhatsApp Web `wa-sync` claims to be, and what it says when that is refused.

usage: web_version_test.py BUILD_BIN_DIR [TEST…]
"""

import signal
import tempfile

import harness
from harness import OK, WHATSAPP, Case


class WebVersion(Case):
    def version(self, simulator, *options, **environment):
        """What a pairing, the first of its state directory, claimed."""
        self.state = tempfile.mkdtemp(dir=self.scratch)
        run = self.start(
            *("pair", "--json", "--no-wait", "--server", simulator.url),
            *("--server-key", simulator.key, *options),
            **environment
        )
        self.assertEqual(run.finish(simulator), OK, run.account())
        return simulator.state()["web_version"]

    def built_in(self):
        return self.version(self.simulator(dataset="1x1"))

    def test_the_service_says_which(self):
        simulator = self.simulator(dataset="1x1")
        self.assertEqual(self.version(simulator, "--web-version", "auto"), "2.3000.1046000000")

    def test_in_the_environment(self):
        simulator = self.simulator(dataset="1x1")
        found = self.version(simulator, WA_SYNC_WEB_VERSION="auto")
        self.assertEqual(found, "2.3000.1046000000")

    def test_a_server_of_ones_own_is_not_asked_unless_told(self):
        built_in = self.built_in()
        self.assertRegex(built_in, r"^2\.3000\.\d+$")
        self.assertNotEqual(built_in, "2.3000.1046000000")
        simulator = self.simulator(dataset="1x1")
        self.assertEqual(self.version(simulator, "--web-version", "built-in"), built_in)

    def test_chosen(self):
        simulator = self.simulator(dataset="1x1")
        self.assertEqual(self.version(simulator, "--web-version", "2.3001.5"), "2.3001.5")

    def test_when_the_service_does_not_say_it_is_the_built_in_one(self):
        built_in = self.built_in()
        for fault in ("web-version", "web-version=soon", "web-version=0"):
            with self.subTest(fault=fault):
                simulator = self.simulator(dataset="1x1", faults=[fault])
                self.assertEqual(self.version(simulator, "--web-version", "auto"), built_in)

    def check_refused(self, *options, says, hints, fault="refuse-registration=405"):
        simulator = self.simulator(dataset="1x1", faults=[fault])
        run = self.pair(simulator, *options)
        self.assert_fails(
            run, WHATSAPP, error="client_outdated", says=["(405)", *says], hints=hints
        )

    def test_refused_while_linking(self):
        self.check_refused(says=["built-in"], hints=["--web-version"])
        self.check_refused(
            "--web-version", "auto", says=["2.3000.1046000000", "service itself"], hints=["upgrade"]
        )
        self.check_refused(
            "--web-version", "2.3000.9", says=["2.3000.9", "given"], hints=["--web-version"]
        )

    def test_the_last_one_named_is_remembered(self):
        simulator = self.simulator(dataset="1x1")
        self.assertEqual(self.version(simulator, "--web-version", "auto"), "2.3000.1046000000")
        simulator.fault("web-version")
        run = self.connected(simulator, "--web-version", "auto")
        self.assertEqual(simulator.state()["web_version"], "2.3000.1046000000")
        run.stop(signal.SIGTERM, OK)

    def test_a_listener_whose_version_grew_old_asks_for_another(self):
        simulator = self.simulator(dataset="1x1", faults=["web-version=1045800000"])
        self.paired(simulator, "--web-version", "auto")
        run = self.connected(simulator, "--web-version", "auto")
        self.assertEqual(simulator.state()["web_version"], "2.3000.1045800000")
        simulator.fault("version-cut-off=1045900000")
        simulator.fault("web-version=1046000001")
        simulator.drop_connections()
        run.event("disconnected")
        run.event("connected")
        self.assertEqual(simulator.state()["web_version"], "2.3000.1046000001")
        run.stop(signal.SIGTERM, OK)

    def test_one_that_the_service_no_longer_takes_is_told_with_where_it_came_from(self):
        simulator = self.simulator(dataset="1x1", faults=["version-cut-off=1045900000"])
        self.assert_fails(
            self.pair(simulator), WHATSAPP, error="client_outdated", says=["(405)", "built-in"]
        )

    def test_a_warning_that_it_will_be_refused(self):
        simulator = self.simulator(dataset="1x1", faults=["client-expiration=3"])
        self.paired(simulator)
        run = self.connected(simulator)
        run.says("WhatsApp will refuse web version")
        run.stop(signal.SIGTERM, OK)

    def test_refused_at_login(self):
        simulator = self.simulator(dataset="1x1", faults=["refuse-login=405"])
        run = self.pair(simulator, "--web-version", "2.3000.9")
        self.assert_fails(run, WHATSAPP, error="client_outdated", says=["2.3000.9"])
        (account,) = self.json_of("accounts", "list")
        self.assertEqual(account["status"], "disconnected")
        where = ("--server", simulator.url, "--server-key", simulator.key)
        run = self.run_sync("unpair", "--json", *where, "--web-version", "2.3000.8")
        self.assert_fails(run, WHATSAPP, error="client_outdated", says=["2.3000.8"])


if __name__ == "__main__":
    harness.main()
