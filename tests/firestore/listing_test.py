#!/usr/bin/env python3
"""`threads list --source firestore`: what the Inbox app gets is what is stored here; and what it
says when the app would get nothing.

usage: ctest --test-dir BUILD_DIR -R firestore.listing
"""

import json
from datetime import datetime, timezone

import harness
from case import FIRESTORE, FirestoreCase
from harness import OK

FROM_FIRESTORE = ("--source", "firestore")


class Listing(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator()
        self.paired(self.whatsapp, **self.where())

    def list(self, *options, host=None):
        run = self.run_sync("threads", "list", *options, **self.where(host))
        self.assertEqual(run.code, OK, run.account())
        return run

    def list_json(self, *options):
        found = json.loads(self.list("--json", *options).out.text())
        for each in found:
            del each["messages"]  # a thread document does not say
        return found

    def check(self, *options, count):
        local = self.list_json(*options)
        self.assertEqual(len(local), count)
        self.assertEqual(self.list_json(*options, *FROM_FIRESTORE), local)

    def test_all(self):
        threads = self.whatsapp.dataset()["threads"]
        self.check("--all", "--hidden", count=len(threads))
        self.check(count=len([each for each in threads if not each["hidden_because"]]))

    def test_limit(self):
        self.check("--limit", "3", count=3)

    def test_search(self):
        for text in ("mures", "COFETĂRIA", "+40721000005", "Comanda #123", "120363000000000001"):
            with self.subTest(text=text):
                self.check("--search", text, count=1)
        self.check("--search", "nicăieri", count=0)

    def test_since(self):
        threads = sorted(each["last_message_at"] for each in self.whatsapp.dataset()["threads"])
        since = datetime.fromtimestamp(threads[-4], timezone.utc).isoformat()
        self.check("--since", since, count=4)

    def test_as_a_table(self):
        def rows(*options):
            # The number of messages is a column of its own; all others are equal.
            lines = self.list(*options, "--hidden").out.text().splitlines()
            return [line.split() for line in lines]

        here, there = rows(), rows(*FROM_FIRESTORE)
        self.assertEqual(len(here), len(there))
        self.assertEqual([line[:2] for line in here], [line[:2] for line in there])
        self.assertEqual([line[-1:] for line in here], [line[-1:] for line in there])

    def test_hidden_by_somebody_else(self):
        account = self.account_of(self.whatsapp)
        name = "%s__%s" % (account, "40721000001@s.whatsapp.net")
        self.google().set("threads/" + name, hidden=True)
        self.assertNotIn(name, [each["thread"] for each in self.list_json(*FROM_FIRESTORE)])
        listed = self.list_json("--hidden", *FROM_FIRESTORE)
        (found,) = [each for each in listed if each["thread"] == name]
        self.assertEqual(found["hidden_because"], "hidden")

    def test_what_the_app_gets_in_its_order(self):
        found = [each["thread"] for each in self.list_json("--all", "--hidden", *FROM_FIRESTORE)]
        self.assertEqual(found, self.google().inbox(self.account_of(self.whatsapp)))

    def test_an_account_that_is_not_connected(self):
        quiet = self.list(*FROM_FIRESTORE)
        self.assertEqual(quiet.err.text(), "")
        self.google().set("accounts/" + self.account_of(self.whatsapp), status="disconnected")
        run = self.list(*FROM_FIRESTORE)
        self.assertIn("disconnected", run.err.text())
        self.assertEqual(run.out.text(), quiet.out.text())

    def test_an_account_that_is_not_there(self):
        run = self.run_sync(
            *("threads", "list", *FROM_FIRESTORE),
            **{**self.where(), "GOOGLE_CLOUD_PROJECT": self.project + "-other"},
        )
        self.assertEqual((run.code, run.out.text()), (OK, ""), run.account())
        self.assertIn("Firestore", run.err.text())


class Refused(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.paired(self.simulator(dataset="2x2"))
        self.broken = self.proxy()

    def failing_list(self, *options):
        environment = self.where(self.broken.host)
        return self.run_sync("threads", "list", *FROM_FIRESTORE, *options, **environment)

    def test_a_missing_index(self):
        link = self.broken.need_index(self.project)
        self.assert_fails(self.failing_list(), FIRESTORE, says=["index"], hints=[link])

    def test_permission_denied(self):
        self.broken.refuse(403, times=None)
        run = self.failing_list()
        self.assert_fails(run, FIRESTORE, says=["ermission"], hints=["Cloud Datastore User"])
        self.assertEqual(len(self.broken.requests()), 1)

    def test_no_such_database(self):
        self.broken.refuse(404, times=None)
        run = self.failing_list()
        self.assert_fails(run, FIRESTORE, says=["not found"], hints=["--database"])

    def test_unavailable_for_a_moment(self):
        self.broken.refuse(503, times=1)
        self.assertEqual(self.failing_list().code, OK)


if __name__ == "__main__":
    harness.main()
