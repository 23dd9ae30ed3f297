#!/usr/bin/env python3
"""A host whose clock is wrong: what is stored has WhatsApp's times, and diagnose names the clock.

usage: clock_test.py BUILD_BIN_DIR [TEST…]
"""

import signal
import time

import harness
from harness import OK, Case

DAY_S = 86400


class WrongClock(Case):
    def check(self, clients_are_behind_s):
        simulator = self.simulator("--clock-ahead", str(clients_are_behind_s))
        self.paired(simulator)
        self.assert_inbox_equals(simulator)
        run = self.connected(simulator)
        chat = self.threads()[0]["jid"]
        simulator.send_message(chat=chat, text="what time is it?")
        run.event("received")
        (message,) = [
            each
            for each in self.json_of("threads", "show", chat)
            if each["body"] == "what time is it?"
        ]
        right = time.time() + clients_are_behind_s
        self.assertLess(abs(harness.seconds(message["at"]) - right), 120, message)
        (account,) = self.json_of("accounts", "list")
        self.assertLess(abs(harness.seconds(account["last_connected_at"]) - right), 120, account)
        self.assertEqual(self.threads()[0]["jid"], chat)

        looked = self.run_sync("diagnose", "--json")  # the listener knows
        self.assertEqual(looked.code, 19, looked.account())
        looked = self.run_sync(
            *("diagnose", "--live", "--json", "--server", simulator.url, "--server-key", simulator.key)
        )
        self.assertEqual(looked.code, 19, looked.account())
        run.stop(signal.SIGTERM, OK)

    def test_ten_days_behind(self):
        self.check(10 * DAY_S)

    def test_three_months_ahead(self):
        self.check(-90 * DAY_S)


if __name__ == "__main__":
    harness.main()
