"""A test beside Firestore: the harness of the end-to-end tests, and a project of its own in the
run's emulator, Google's client to look into it, and the stub to break things on purpose.
"""

import json
import os
import subprocess
import time
import unittest

import emulator
import harness
import values
from inbox_contract import account_id, violations
from rest import Rest
from stub import Stub
from uploaded import differences

FIRESTORE = 5  # the exit code
HERE = os.path.dirname(os.path.abspath(__file__))


class GoogleClient(harness.Child):
    """read_back.mjs: Google's own client, asked line by line."""

    def __init__(self, test, host, project):
        self.project = project
        self.asked = 0
        super().__init__(
            test,
            ["node", os.path.join(HERE, "read_back.mjs")],
            harness.clean_environment(FIRESTORE_EMULATOR_HOST=host),
            stdin=subprocess.PIPE,
        )

    def end(self):
        self.process.stdin.close()
        super().end()

    def ask(self, operation, **options):
        self.asked += 1
        question = {"id": self.asked, "project": self.project, "op": operation, **options}
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        self.process.stdin.flush()
        line = self.out.next(time.monotonic() + harness.PATIENCE)
        answer = json.loads(line) if line else {"error": self.account()}
        if "error" in answer:
            raise AssertionError("Google's client: %s" % answer["error"])
        return answer["result"]

    @staticmethod
    def _fields(tagged):
        return {name: values.from_tagged(value) for name, value in tagged.items()}

    def read_account(self, account):
        """{"account", "threads": {id: {"fields", "messages": {id: fields}}}, "contacts"}."""
        whole = self.ask("account", account=account)
        return {
            "account": whole["account"] and self._fields(whole["account"]),
            "threads": {
                name: {
                    "fields": self._fields(thread["fields"]),
                    "messages": {
                        each: self._fields(fields) for each, fields in thread["messages"].items()
                    },
                }
                for name, thread in whole["threads"].items()
            },
            "contacts": {name: self._fields(each) for name, each in whole["contacts"].items()},
        }

    def get(self, path):
        found = self.ask("get", path=path)
        return None if found is None else self._fields(found)

    def set(self, path, merge=True, **fields):
        """Writes as another writer of the Inbox would."""
        tagged = {name: values.to_tagged(value) for name, value in fields.items()}
        self.ask("set", path=path, merge=merge, fields=tagged)

    def inbox(self, account):
        return self.ask("inbox", account=account)

    def conversation(self, thread):
        return self.ask("conversation", thread=thread)


class FirestoreCase(harness.Case):
    """`host` is the emulator, `project` this test's own. Skipped without an emulator."""

    def setUp(self):
        super().setUp()
        self.project = emulator.new_project()
        self.host = os.environ.get("FIRESTORE_EMULATOR_HOST")
        if not self.host:
            raise unittest.SkipTest(os.environ.get("WASYNC_NO_EMULATOR") or "no Firestore emulator")

    def rest(self, host=None, project=None, **options):
        rest = Rest(host or self.host, project or self.project, **options)
        self.addCleanup(rest.close)
        return rest

    def google(self):
        if os.environ.get("WASYNC_NO_NODE"):
            raise unittest.SkipTest("no Node >= 20")
        return GoogleClient(self, self.host, self.project)

    def stub(self, **options):
        """Imitates Firestore; not the emulator's documents."""
        return self._started(Stub(**options))

    def proxy(self, **options):
        """The same faults, with the emulator behind."""
        return self._started(Stub(upstream=self.host, **options))

    def where(self, host=None):
        """For start() and run_sync(): the environment that leads wa-sync to this project."""
        return {"FIRESTORE_EMULATOR_HOST": host or self.host, "GOOGLE_CLOUD_PROJECT": self.project}

    def account_of(self, simulator, namespace="prod"):
        return account_id(simulator.dataset()["owner"]["phone"], namespace)

    def assert_uploaded(self, simulator, google, app_state=True, namespace="prod"):
        """The account of the simulated phone is in the Inbox, whole and as the contract says."""
        dataset = simulator.dataset(app_state)
        account = account_id(dataset["owner"]["phone"], namespace)
        whole = google.read_account(account)
        self.assertEqual([], violations(account, whole))
        self.assertEqual([], differences(dataset, whole))
        return whole

    def _started(self, stub):
        self.addCleanup(stub.stop)
        return stub


class StubCase(FirestoreCase):
    """Needs the stub only; runs everywhere."""

    def setUp(self):
        harness.Case.setUp(self)
        self.project = emulator.new_project()
        self.host = None
