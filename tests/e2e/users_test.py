#!/usr/bin/env python3
"""Several accounts of one host, each linked by its own phone in the same simulator.

usage: users_test.py BUILD_BIN_DIR [TEST…]
"""

import concurrent.futures
import os

import harness
from harness import OK, Case

USERS = int(os.environ.get("USERS", "6"))  # more of them, to see how far it goes
AT_ONCE = 4


class Users(Case):
    def pair_user(self, simulator, number):
        phone = simulator.ask("state?user=%d" % number)["phone"]
        run = self.start_pair(simulator, "--phone", phone)
        code = run.finish(simulator, user=number)
        self.assertEqual(code, OK, run.account())
        return phone

    def test_each_has_its_own_account(self):
        simulator = self.simulator("--users", str(USERS), dataset="2x3")
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            phones = list(
                pool.map(lambda number: self.pair_user(simulator, number), range(USERS))
            )
        accounts = self.json_of("accounts", "list")
        self.assertEqual(sorted(each["phone"] for each in accounts), sorted(phones))
        self.assertEqual([each["messages"] for each in accounts], [6] * USERS)
        self.assertEqual(simulator.state()["complaints"], [])

    def test_each_has_its_own_history(self):
        simulator = self.simulator("--dataset", "3x4", "--dataset", "0x0", dataset="1x2")
        for number, messages in enumerate((2, 12, 0)):
            phone = self.pair_user(simulator, number)
            (account,) = [a for a in self.json_of("accounts", "list") if a["phone"] == phone]
            self.assertEqual(account["messages"], messages)


if __name__ == "__main__":
    harness.main()
