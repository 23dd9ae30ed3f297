#!/usr/bin/env python3
"""`listen --http` with @staff in the list of users: the Inbox's own documents say who may read what.

usage: ctest --test-dir BUILD_DIR -R firestore.http_staff
"""

import json
import os
import signal
import urllib.error
import urllib.request

import harness
from case import FirestoreCase
from firebase_google import Google
from harness import OK, USAGE


class Staff(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.sim = self.simulator()
        self.paired(self.sim, **self.where())
        self.account = self.account_of(self.sim)
        self.inbox = self.google()
        self.firebase = Google(self, self.scratch, self.project)
        self.allow = os.path.join(self.scratch, "allow")
        with open(self.allow, "w", encoding="utf-8") as file:
            file.write("@staff\n")

    def options(self, *options):
        return (
            *("--http", "127.0.0.1:0", "--firebase-project", self.project),
            *("--http-allow", self.allow),
            *options,
        )

    def ask(self, api, uid):
        """(status, ids of the accounts that are shown) for that user."""
        token = "Bearer " + self.firebase.token(sub=uid)
        request = urllib.request.Request(
            api + "/api/whatsapp/accounts", headers={"Authorization": token}
        )
        try:
            with urllib.request.urlopen(request, timeout=harness.PATIENCE) as answer:
                shown = json.load(answer)["accounts"]
                return answer.status, [each["id"] for each in shown]
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def listen(self):
        run = self.start(
            *("listen", "--json", "--server", self.sim.url, "--server-key", self.sim.key),
            *self.options(),
            **self.where(),
            WA_SYNC_FIREBASE_KEYS_URL=self.firebase.url
        )
        api = "http://" + run.event("listening")["http"]
        run.event("connected")
        return run, api

    def test_who_is_staff_and_what_for(self):
        self.inbox.set("staffProfiles/ana", role="staff")
        run, api = self.listen()
        self.assertEqual(self.ask(api, "ana"), (200, [self.account]))
        self.assertEqual(self.ask(api, "bob"), (403, None))
        run.stop(signal.SIGTERM, OK)
        # The backend before us called the same phone's account something else.
        self.inbox.set("accounts/a6c9ff8d:45", phoneE164=self.sim.dataset()["owner"]["phone"])
        self.inbox.set("config/whatsapp_inbox", adminOnlyAccountIds=["a6c9ff8d:45"])
        run, api = self.listen()
        self.assertEqual(self.ask(api, "ana"), (200, []))
        run.stop(signal.SIGTERM, OK)

    def test_without_firestore_nobody_knows_the_staff(self):
        run = self.run_sync("listen", *self.options("--inbox", "sqlite"))
        self.assertEqual(run.code, USAGE, run.account())
        self.assertIn("@staff", run.err.text())


if __name__ == "__main__":
    harness.main()
