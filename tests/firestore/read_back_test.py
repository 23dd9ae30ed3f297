#!/usr/bin/env python3
"""What the tests look through: Google's own client reads what was written over REST, with its
types, and writes as the Inbox's other writers do.

usage: ctest --test-dir BUILD_DIR -R firestore.read_back
"""

import documents
import harness
import values
from case import FirestoreCase
from values import SERVER_TIME, Reference, Time

ALL_TYPES = {
    "text": "Ană 🎈 \u202e",
    "empty": "",
    "yes": True,
    "null": None,
    "int": 5,
    "large": 9007199254740993,
    "double": 5.0,
    "half": 0.5,
    "time": Time("2026-01-01T00:00:00.123456Z"),
    "bytes": b"\0\1\xff",
    "list": [1, "x", None, {"in": "it"}],
    "map": {"id": "A", "timestamp": 1750000000, "nested": {"x": 1.5}},
    "none": {},
    "nothing": [],
}


class ReadBack(FirestoreCase):
    def test_types_written_over_rest(self):
        written = self.rest()
        fields = {name: values.to_rest(value) for name, value in ALL_TYPES.items()}
        self.assertEqual(written.commit(written.write("things/a", fields)).status, 200)
        seen = self.google().get("things/a")
        self.assertEqual(seen, ALL_TYPES)
        for name, value in seen.items():  # Python takes 5 and 5.0 for equal
            self.assertIs(type(value), type(ALL_TYPES[name]), name)

    def test_types_written_by_google(self):
        google = self.google()
        google.set("things/a", **ALL_TYPES, server=SERVER_TIME, ref=Reference("things/b"))
        fields = self.rest().get("things/a").json["fields"]
        ours = {name: values.from_rest(each) for name, each in fields.items()}
        self.assertIsInstance(ours.pop("server"), Time)
        self.assertTrue(ours.pop("ref").path.endswith("/documents/things/b"))
        self.assertEqual(ours, ALL_TYPES)
        self.assertIn("doubleValue", fields["half"])
        self.assertIn("integerValue", fields["int"])
        # JavaScript has one kind of number: this is what the Inbox's other writers store.
        self.assertIn("integerValue", fields["double"])

    def test_set_merges_or_replaces(self):
        google = self.google()
        google.set("threads/a", displayName="Ana", archived=False)
        google.set("threads/a", archived=True, assignedTo="ion")
        self.assertEqual(
            google.get("threads/a"), {"displayName": "Ana", "archived": True, "assignedTo": "ion"}
        )
        google.set("threads/a", merge=False, notes="x")
        self.assertEqual(google.get("threads/a"), {"notes": "x"})
        google.ask("delete", path="threads/a")
        self.assertIsNone(google.get("threads/a"))

    def test_account(self):
        rest, google = self.rest(), self.google()
        account = documents.ACCOUNT
        paths = [documents.message(number, messages_per_thread=2) for number in range(5)]
        threads = sorted({path.split("/")[1] for path, _ in paths})
        rest.batch_write(*(documents.write(self.project, *each) for each in paths))
        for number, thread in enumerate(threads):
            google.set(
                "threads/" + thread,
                accountId=account,
                lastMessageAt=Time("2026-01-0%dT00:00:00Z" % (number + 1)),
            )
        google.set("threads/other", accountId="another", lastMessageAt=Time("2026-01-01T00:00:00Z"))
        google.set("contacts/%s__407@s.whatsapp.net" % account, name="Ana")
        google.set("contacts/another__407@s.whatsapp.net", name="Ion")
        google.set("accounts/" + account, status="connected")

        whole = google.read_account(account)
        self.assertEqual(whole["account"], {"status": "connected"})
        self.assertEqual(list(whole["contacts"]), ["%s__407@s.whatsapp.net" % account])
        self.assertEqual(sorted(whole["threads"]), threads)
        seen = {
            "threads/%s/messages/%s" % (thread, message): fields
            for thread, each in whole["threads"].items()
            for message, fields in each["messages"].items()
        }
        for path, fields in paths:
            self.assertIsInstance(seen[path].pop("createdAt"), Time)
            del seen[path]["updatedAt"], seen[path]["syncedAt"]
            self.assertEqual(
                seen[path], {name: values.from_rest(each) for name, each in fields.items()}
            )
        self.assertEqual(len(seen), len(paths))
        # As the app asks: newest thread first, oldest message first.
        self.assertEqual(google.inbox(account), threads[::-1])
        wanted = [path.split("/")[3] for path, _ in paths if path.split("/")[1] == threads[0]]
        self.assertEqual(google.conversation(threads[0]), wanted)

    def test_an_error_is_told(self):
        google = self.google()
        with self.assertRaisesRegex(AssertionError, "Google's client: "):
            google.get("not/a/document")
        self.assertIsNone(google.get("things/a"), "it goes on")


if __name__ == "__main__":
    harness.main()
