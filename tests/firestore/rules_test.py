#!/usr/bin/env python3
"""What scripts/ gives to `firebase deploy`: rules that let colleagues read and nobody else, and
the index that the Inbox's query needs.

usage: ctest --test-dir BUILD_DIR -R firestore.rules
"""

import base64
import json
import os

import harness
from case import HERE, FirestoreCase
from emulator import Emulator, new_project
from rest import Rest

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "scripts")
RULES = os.path.join(SCRIPTS, "firestore.rules")
DENIED = "PERMISSION_DENIED"
PATHS = ("accounts/A", "threads/T", "threads/T/messages/M", "contacts/C")


def text(value):
    return {"stringValue": value}


def user_token(project, provider="password"):
    """An ID token as Firebase makes them, unsigned: the emulator does not ask for more."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {
        "iss": "https://securetoken.google.com/" + project,
        "aud": project,
        "sub": "ana",
        "user_id": "ana",
        "iat": 0,
        "exp": 4102444800,
        "firebase": {"sign_in_provider": provider, "identities": {}},
    }
    return "Bearer %s.%s." % (part({"alg": "none", "typ": "JWT"}), part(claims))


class Rules(FirestoreCase):
    def setUp(self):
        super().setUp()
        with open(RULES) as file:
            self.set_rules(file.read())
        self.owner = self.rest()
        written = [self.owner.write(path, {"accountId": text("A")}) for path in PATHS]
        self.assertEqual(self.owner.commit(*written).status, 200)
        self.nobody = self.rest(authorization=None)
        self.ana = self.rest(authorization=user_token(self.project))
        self.passer_by = self.rest(authorization=user_token(self.project, "anonymous"))

    def set_rules(self, content):
        answer = self.rest().send(
            "PUT",
            "/emulator/v1/projects/%s:securityRules" % self.project,
            {"rules": {"files": [{"name": "firestore.rules", "content": content}]}},
        )
        self.assertEqual(answer.status, 200, answer.body)

    def change(self, rest, path, **fields):
        values = {name: text(value) for name, value in fields.items()}
        return rest.commit(rest.write(path, values, list(values))).code

    def test_reading(self):
        of_a = {"field": {"fieldPath": "accountId"}, "op": "EQUAL", "value": text("A")}
        inbox = {"from": [{"collectionId": "threads"}], "where": {"fieldFilter": of_a}}
        for rest, code in ((self.ana, None), (self.nobody, 403), (self.passer_by, 403)):
            wanted = None if code is None else DENIED
            for path in PATHS:
                self.assertEqual(rest.get(path).code, wanted, path)
            self.assertEqual(rest.query(inbox).code, wanted)

    def test_people_decide_about_threads(self):
        for field in ("assignedTo", "archived", "hidden", "notes"):
            self.assertIsNone(self.change(self.ana, "threads/T", **{field: "x"}))
            self.assertEqual(self.change(self.nobody, "threads/T", **{field: "y"}), DENIED)

    def test_the_rest_is_the_servers(self):
        for path, field in (
            ("threads/T", "displayName"),
            ("threads/T", "lastMessageAt"),
            ("threads/T", "accountId"),
            ("threads/new", "notes"),
            ("threads/T/messages/M", "body"),
            ("accounts/A", "status"),
            ("contacts/C", "name"),
            ("elsewhere/X", "x"),
        ):
            self.assertEqual(self.change(self.ana, path, **{field: "x"}), DENIED, path)
        self.assertEqual(self.change(self.ana, "threads/T", notes="x", displayName="y"), DENIED)
        self.assertEqual(self.ana.commit({"delete": self.ana.name("threads/T")}).code, DENIED)

    def test_rules_are_what_is_tested(self):
        """Without them the emulator lets everybody in."""
        open_ = "rules_version = '2'; service cloud.firestore { match /{all=**} { allow read; } }"
        self.set_rules(open_)
        self.assertEqual(self.nobody.get("threads/T").status, 200)


class Deployed(FirestoreCase):
    def test_an_emulator_started_with_them(self):
        hosted = os.environ.pop("FIRESTORE_EMULATOR_HOST")
        self.addCleanup(os.environ.__setitem__, "FIRESTORE_EMULATOR_HOST", hosted)
        with Emulator(heap="512m", rules=RULES) as emulator:
            project = new_project()
            nobody = Rest(emulator.host, project, authorization=None)
            ana = Rest(emulator.host, project, authorization=user_token(project))
            self.assertEqual(nobody.get("threads/T").code, DENIED)
            self.assertEqual(ana.get("threads/T").code, "NOT_FOUND")
            nobody.close()
            ana.close()

    def test_files_that_are_deployed(self):
        def read(name):
            with open(os.path.join(SCRIPTS, name)) as file:
                return json.load(file)

        config = read("firebase.json")["firestore"]
        self.assertEqual(os.path.join(SCRIPTS, config["rules"]), RULES)
        (index,) = read(config["indexes"])["indexes"]
        self.assertEqual((index["collectionGroup"], index["queryScope"]), ("threads", "COLLECTION"))
        self.assertEqual(
            [(each["fieldPath"], each["order"]) for each in index["fields"]],
            [("accountId", "ASCENDING"), ("lastMessageAt", "DESCENDING")],
        )


if __name__ == "__main__":
    harness.main()
