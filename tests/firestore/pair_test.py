#!/usr/bin/env python3
"""`pair` into Firestore: what the phone has stands there, as Google's own client reads it; and
what others have written there stays.

usage: ctest --test-dir BUILD_DIR -R firestore.pair
"""

import json
import unicodedata

import harness
from case import FirestoreCase
from documents import SERVER_TIMES

PERSON = "40721000001@s.whatsapp.net"
THREAD_OF_OTHERS = {"assignedTo": "ion", "archived": True, "hidden": False, "notes": ["VIP", 3]}
MESSAGE_OF_OTHERS = {"starredBy": {"ion": True}}
CONTACT_OF_OTHERS = {"imgUrl": "https://example.invalid/ana.jpg"}
ACCOUNT_OF_OTHERS = {"color": "#aa0000", "claimedBy": "worker-7"}


def without_server_times(whole):
    """Of read_account: everything below the account that only a reader's clock may change is
    left out."""

    def kept(fields):
        return {name: value for name, value in fields.items() if name not in SERVER_TIMES}

    return {
        "threads": {
            name: {
                "fields": kept(thread["fields"]),
                "messages": {each: kept(fields) for each, fields in thread["messages"].items()},
            }
            for name, thread in whole["threads"].items()
        },
        "contacts": {name: kept(fields) for name, fields in whole["contacts"].items()},
    }


def created(whole):
    """When each message was first written."""
    return {
        (name, each): fields["createdAt"]
        for name, thread in whole["threads"].items()
        for each, fields in thread["messages"].items()
    }


class Pair(FirestoreCase):
    def test_small(self):
        simulator = self.simulator()
        self.paired(simulator, **self.where())
        self.assert_uploaded(simulator, self.google())

    def test_the_small_one_holds_what_is_hard(self):
        """Else the comparison of test_small says little."""
        threads = self.simulator().dataset()["threads"]
        messages = [each for thread in threads for each in thread["message_list"]]
        texts = "".join(each.get("body") or "" for each in messages)
        kinds = {unicodedata.bidirectional(each) for each in texts}
        self.assertLessEqual({"R", "AL"}, kinds)
        self.assertRegex(texts, "[ăâîșț]")
        self.assertTrue(any(ord(each) > 0xFFFF for each in texts), "no emoji")
        self.assertIn("\0", texts)
        ids = {each["id"] for each in messages}
        self.assertLessEqual({"a/b", "..", "."}, ids)
        self.assertTrue(any(len(each.encode()) > 1500 for each in ids))
        self.assertTrue(any(thread["jid"].endswith("@lid") for thread in threads))

    def test_many_conversations(self):
        simulator = self.simulator(dataset="200x20")
        self.paired(simulator, **self.where())
        whole = self.assert_uploaded(simulator, self.google())
        self.assertEqual(len(whole["threads"]), 200)

    def test_in_small_chunks(self):
        """The uploader works while the next chunks arrive."""
        simulator = self.simulator("--chunk", "40", dataset="30x30")
        self.paired(simulator, **self.where())
        self.assert_uploaded(simulator, self.google())

    def test_two_accounts(self):
        first, second = self.simulator(), self.simulator("--seed", "2", dataset="12x8")
        self.paired(first, **self.where())
        self.paired(second, **self.where(), ACCOUNT_NAMESPACE="test")
        google = self.google()
        one = self.assert_uploaded(first, google)
        other = self.assert_uploaded(second, google, namespace="test")
        self.assertEqual(set(one["threads"]) & set(other["threads"]), set())
        self.assertEqual(len(google.ask("paths", collection="accounts")), 2)

    def test_what_was_stored_before_there_was_a_firestore(self):
        simulator = self.simulator()
        self.paired(simulator)
        run = self.run_sync("pair", "--json", **self.where())
        self.assertEqual(run.code, harness.OK, run.account())
        self.assertNotIn('"qr"', run.out.text())
        self.assert_uploaded(simulator, self.google())

    def test_again_changes_nothing_but_times(self):
        simulator, proxy, google = self.simulator(), self.proxy(), self.google()
        self.paired(simulator, **self.where(proxy.host))
        before = self.assert_uploaded(simulator, google)
        seen = len(proxy.requests())
        run = self.paired(simulator, "--again", **self.where(proxy.host))
        self.assertEqual(len(run.named("qr")), 1)
        after = self.assert_uploaded(simulator, google)
        self.assertEqual(without_server_times(before), without_server_times(after))
        self.assertEqual(created(before), created(after))
        # Nor is anything written that is the same as before: the account's own document is all.
        names = {name for each in proxy.requests()[seen:] for name in each.names}
        self.assertEqual(names, {"accounts/" + self.account_of(simulator)})
        account, known = after["account"], before["account"]
        self.assertEqual(account["createdAt"], known["createdAt"])
        self.assertGreater(account["historySyncCount"], known["historySyncCount"])


class OtherWriters(FirestoreCase):
    """Fields that are not ours survive the first upload and later ones."""

    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator()
        self.remote = self.google()
        account = self.account_of(self.whatsapp)
        thread = "threads/%s__%s" % (account, PERSON)
        (key,) = [t for t in self.whatsapp.dataset()["threads"] if t["jid"] == PERSON]
        self.of_others = {
            thread: THREAD_OF_OTHERS,
            thread + "/messages/" + key["message_list"][0]["id"]: MESSAGE_OF_OTHERS,
            "contacts/%s__%s" % (account, PERSON): CONTACT_OF_OTHERS,
            "accounts/" + account: ACCOUNT_OF_OTHERS,
        }
        self.thread, self.account = thread, account

    def write_as_others(self):
        for path, fields in self.of_others.items():
            self.remote.set(path, **fields)

    def assert_kept(self, **ours):
        """`ours`: of the thread, what we wrote beside them."""
        for path, fields in self.of_others.items():
            found = self.remote.get(path)
            self.assertLessEqual(fields.items(), found.items(), path)
            self.assertIn("updatedAt", found, "never written by us: " + path)
        found = self.remote.get(self.thread)
        self.assertLessEqual(ours.items(), found.items())

    def test_first_upload_onto_them(self):
        self.remote.set(self.thread, accountId=self.account)
        self.write_as_others()
        self.paired(self.whatsapp, **self.where())
        self.assert_kept(clientJid=PERSON, displayName="Ana Popescu")

    def test_later_uploads(self):
        self.paired(self.whatsapp, **self.where())
        self.write_as_others()
        # Something new for each of the documents.
        former = {each["jid"] for each in self.whatsapp.state()["companions"]}
        self.whatsapp.fault("hold-history")
        run = self.start_pair(self.whatsapp, "--again", **self.where())
        self.whatsapp.scan(run.event("qr")["code"])
        run.event("paired")
        self.whatsapp.until(
            lambda state: any(
                each["pre_keys"] and each["jid"] not in former for each in state["companions"]
            )
        )
        self.whatsapp.send_message(chat=PERSON, text="încă ceva")
        renamed = json.dumps({"jid": PERSON, "name": "Ana de la florărie"})
        self.whatsapp.ask("mock-phone/rename-contact", renamed)
        self.whatsapp.fault("hold-history=off")
        self.assertEqual(run.finish(), harness.OK, run.account())
        self.assert_kept(lastMessagePreview="încă ceva", displayName="Ana de la florărie")
        contact = self.remote.get("contacts/%s__%s" % (self.account, PERSON))
        self.assertEqual(contact["name"], "Ana de la florărie")

    def test_they_are_gone_when_the_whole_document_is_written(self):
        """The check can fail."""
        self.paired(self.whatsapp, **self.where())
        self.write_as_others()
        self.remote.set(self.thread, merge=False, clientJid=PERSON)
        with self.assertRaises(AssertionError):
            self.assert_kept()


if __name__ == "__main__":
    harness.main()
