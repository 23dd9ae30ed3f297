#!/usr/bin/env python3
"""Which version of WhatsApp Web `wa-sync` claims to be, and what it says when that is refused.

usage: web_version_test.py BUILD_BIN_DIR [TEST…]
"""

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
