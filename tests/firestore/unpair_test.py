"""`unpair` and the account's document."""

import harness
from case import FirestoreCase
from inbox_contract import account_id


class Unpair(FirestoreCase):
    def status(self, google, simulator):
        account = account_id(simulator.dataset()["owner"]["phone"])
        return google.get("accounts/" + account)["status"]

    def unpair(self, simulator, *options, **environment):
        return self.run_sync(
            "unpair", "--server", simulator.url, "--server-key", simulator.key, *options,
            **environment
        )

    def test_the_account_is_shown_while_it_is_linked(self):
        simulator = self.simulator(dataset="2x2")
        self.paired(simulator, **self.where())
        google = self.google()
        self.assertEqual(self.status(google, simulator), "connected")
        run = self.unpair(simulator, **self.where())
        self.assertEqual(run.code, harness.OK, run.account())
        self.assertEqual(self.status(google, simulator), "logged_out")

    def test_purge_leaves_the_documents(self):
        simulator = self.simulator(dataset="2x2")
        self.paired(simulator, **self.where())
        google = self.google()
        account = account_id(simulator.dataset()["owner"]["phone"])
        before = google.read_account(account)["threads"]
        run = self.unpair(simulator, "--purge", "--yes", **self.where())
        self.assertEqual(run.code, harness.OK, run.account())
        self.assertEqual(self.status(google, simulator), "logged_out")
        self.assertEqual(google.read_account(account)["threads"], before)

    def test_firestore_away_does_not_keep_the_account_linked(self):
        simulator = self.simulator(dataset="2x2")
        proxy = self.proxy()
        self.paired(simulator, **self.where(proxy.host))
        proxy.pause()
        run = self.unpair(simulator, "--timeout", "2s", **self.where(proxy.host))
        self.assertEqual(run.code, harness.OK, run.account())
        self.assertIn("Firestore still shows the account as connected", run.account())


if __name__ == "__main__":
    harness.main()
