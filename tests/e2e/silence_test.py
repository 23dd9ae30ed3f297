#!/usr/bin/env python3
"""A connection that answers keep-alives and brings nothing any more.

usage: silence_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import re
import signal
import urllib.request

import harness
from harness import OK, Case

HOUR_S = 3600


class OneWaySilence(Case):
    def test_a_day_without_a_stanza_brings_a_new_login_and_what_waited(self):
        simulator = self.simulator()
        self.paired(simulator)
        run = self.connected(simulator, "--http", "127.0.0.1:0")
        chat = self.threads()[0]["jid"]
        simulator.send_message(chat=chat, text="before")
        run.event("received")

        simulator.fault("one-way")
        simulator.send_message(chat=chat, text="held back")
        before = simulator.state()
        simulator.clock_ahead(25 * HOUR_S)  # which the next keep-alive tells
        left = run.event("disconnected")
        self.assertIn("WhatsApp answers, but has sent nothing for more than 24 h", left["reason"])
        run.event("connected")
        run.event("received")
        self.assertEqual(simulator.state()["logins"], before["logins"] + 1)
        bodies = [each["body"] for each in self.json_of("threads", "show", chat)]
        self.assertEqual(bodies.count("held back"), 1)

        metrics = self.metrics(run)
        self.assertEqual(metrics["fell_silent_total"], 1)
        sent = metrics["account_last_stanza_seconds"]
        self.assertLess(sent, metrics["account_last_message_seconds"])  # it waited for a day
        told = self.fact("connection")
        self.assertEqual(told, sent)
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(self.fact("holder"), sent)  # from the account's file

    def metrics(self, run):
        """Those of the one account, by their names."""
        where = "http://%s/metrics" % run.named("listening")[0]["http"]
        with urllib.request.urlopen(where, timeout=harness.PATIENCE) as answer:
            lines = re.findall(r"(?m)^wa_sync_(\w+)\{account=[^}]*\} (\d+)$", answer.read().decode())
        return {name: int(value) for name, value in lines}

    def fact(self, check):
        """When diagnose says that the last stanza of use was sent."""
        found = json.loads(self.run_sync("diagnose", "--json").out.text())
        (told,) = [each for each in found["checks"] if each["id"] == check]
        return harness.seconds(told["facts"]["last_stanza"])


if __name__ == "__main__":
    harness.main()
