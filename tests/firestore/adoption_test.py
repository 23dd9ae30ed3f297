#!/usr/bin/env python3
"""A fresh host pairs an account that Firestore holds already: what others wrote is respected,
known here, and read once.

usage: ctest --test-dir BUILD_DIR -R firestore.adoption
"""

import json

import harness
from case import FirestoreCase
from values import Time, to_rest

SAVED = "40721000001@s.whatsapp.net"  # in the phone's contacts as Ana Popescu
UNSAVED = "40721000003@s.whatsapp.net"  # calls herself Larisa D.
GROUP = "120363000000000001@g.us"
BY_LID = "120000000000002@lid"  # of 40721000002, as history tells
STRANGER = "120000000000004@lid"  # whose phone nobody tells
ELSEWHERE = "40799000001@s.whatsapp.net"  # not on the phone any more
LATER = Time("2030-05-01T10:00:00Z")
LATER_MS = 1903860000000
LONG_AGO = Time("2020-01-02T03:04:05Z")


class Adoption(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator()
        self.remote = self.google()
        self.account = self.account_of(self.whatsapp)

    def path(self, jid):
        return "threads/%s__%s" % (self.account, jid)

    def seed(self, jid, **fields):
        """A thread as the backend before us wrote it."""
        given = {"accountId": self.account, "clientJid": jid, "lastMessageAt": LONG_AGO, **fields}
        self.remote.set(self.path(jid), **given)

    def bring(self, *options, host=None):
        run = self.paired(self.whatsapp, *options, **self.where(host))
        self.assertEqual(run.named("done")[0]["upload"]["queued"], 0)
        return run

    def field(self, jid, name):
        return self.remote.get(self.path(jid)).get(name)

    def listed(self):
        return {each["jid"]: each for each in self.threads()}

    def test_names(self):
        for jid in (SAVED, UNSAVED, STRANGER, ELSEWHERE):
            self.seed(jid, displayName="Nume din birou")
        self.bring()
        # The phone's own contacts know best; a push name does not.
        self.assertEqual(self.field(SAVED, "displayName"), "Ana Popescu")
        for jid in (UNSAVED, STRANGER, ELSEWHERE):
            self.assertEqual(self.field(jid, "displayName"), "Nume din birou", jid)
            self.assertEqual(self.listed()[jid]["name"], "Nume din birou", jid)

    def test_newer_activity(self):
        for jid in (SAVED, GROUP, ELSEWHERE):
            self.seed(
                jid,
                lastMessageAt=LATER,
                lastMessageAtMs=LATER_MS,
                lastMessageText="mai nou",
                lastMessagePreview="mai nou",
                lastMessageDirection="outbound",
            )
        self.bring()
        for jid in (SAVED, GROUP, ELSEWHERE):
            self.assertEqual(self.field(jid, "lastMessageAt"), LATER)
            self.assertEqual(self.field(jid, "lastMessageAtMs"), LATER_MS)
            self.assertEqual(self.field(jid, "lastMessagePreview"), "mai nou")
            self.assertEqual(self.listed()[jid]["last_message_at"], LATER.text[:19] + "Z")

    def test_older_activity_is_brought_up_to_date(self):
        self.seed(SAVED, lastMessageText="vechi", lastMessagePreview="vechi")
        self.bring()
        (key,) = [each for each in self.whatsapp.dataset()["threads"] if each["jid"] == SAVED]
        self.assertEqual(self.field(SAVED, "lastMessageAtMs"), key["last_message_at"] * 1000)
        self.assertEqual(self.field(SAVED, "lastMessagePreview"), key["last_message"])

    def test_moved_on_by_somebody_else_later(self):
        """Also after the first upload ours never goes back behind another's."""
        self.bring()
        self.remote.set(self.path(SAVED), lastMessageAt=LATER, lastMessageAtMs=LATER_MS)
        renamed = json.dumps({"jid": SAVED, "name": "Ana de la florărie"})
        self.whatsapp.ask("mock-phone/rename-contact", renamed)
        self.bring("--again")
        self.assertEqual(self.field(SAVED, "displayName"), "Ana de la florărie")
        self.assertEqual(self.field(SAVED, "lastMessageAt"), LATER)

    def test_hidden_and_archived(self):
        self.seed(SAVED, hidden=True)
        self.seed(UNSAVED, archived=True)
        self.bring()
        self.assertEqual(self.field(SAVED, "hidden"), True)
        self.assertEqual(self.field(UNSAVED, "archived"), True)
        self.assertEqual(self.listed()[SAVED]["hidden_because"], "hidden")
        self.assertEqual(self.listed()[UNSAVED]["hidden_because"], "archived")

    def test_messages_that_are_there(self):
        self.seed(SAVED)
        (key,) = [each for each in self.whatsapp.dataset()["threads"] if each["jid"] == SAVED]
        there, new = key["message_list"][0], key["message_list"][1]
        path = self.path(SAVED) + "/messages/"
        kept = {"createdAt": LONG_AGO, "syncSource": "realtime", "starredBy": "ion"}
        self.remote.set(path + there["id"], **kept, body="vechi", status="delivered")
        self.bring()
        found = self.remote.get(path + there["id"])
        self.assertLessEqual(kept.items(), found.items())
        self.assertEqual(found["body"], there["body"])
        self.assertEqual(self.remote.get(path + new["id"])["syncSource"], "history_sync")
        self.assertGreater(self.remote.get(path + new["id"])["createdAt"], LONG_AGO)

    def test_when_all_messages_are_there(self):
        """Another host has uploaded them: brought up to date in batches, as if they were new."""
        self.bring()
        before = self.remote.read_account(self.account)
        self.state, proxy = self.state + "-fresh", self.proxy()
        self.bring("--again", host=proxy.host)
        after = self.remote.read_account(self.account)
        for name, thread in before["threads"].items():
            for each, fields in thread["messages"].items():
                found = after["threads"][name]["messages"][each]
                for kept in ("createdAt", "syncSource", "body", "status"):
                    self.assertEqual(found[kept], fields[kept], each)
        self.assertLess(len(proxy.requests("batchWrite")), 20)

    def test_a_thread_by_lid(self):
        person = "40721000002@s.whatsapp.net"
        self.seed(BY_LID, displayName="Mihai vechi", isLid=True)
        self.bring()
        for name in ("redirectTo", "canonicalThreadId"):
            self.assertEqual(self.field(BY_LID, name), "%s__%s" % (self.account, person))
        self.assertIsNone(self.field(person, "redirectTo"))
        self.assertEqual(self.listed()[person]["hidden_because"], None)

    def test_an_id_of_another_form(self):
        mangled = self.account + "__[object Object]"
        fields = {"accountId": self.account, "clientJid": "[object Object]", "lastMessageAt": LATER}
        for name in (mangled, "thread-7"):
            self.remote.set("threads/" + name, **fields)
        self.bring()
        for name in (mangled, "thread-7"):
            self.assertEqual(self.remote.get("threads/" + name), fields)

    def test_values_of_other_types(self):
        """What another writer got wrong neither stops us nor is it believed."""
        self.seed(
            SAVED,
            displayName=7,
            lastMessageAt="yesterday",
            lastMessageAtMs={"seconds": 5},
            unreadCount=-3,
            hidden="yes",
            lastMessageDirection=None,
        )
        self.seed(ELSEWHERE, lastMessageAt=1.5e300, lastMessageText=["x"], unreadCount=1e40)
        self.bring()
        self.assertEqual(self.field(SAVED, "displayName"), "Ana Popescu")
        self.assertGreater(self.field(SAVED, "lastMessageAt"), LONG_AGO)
        self.assertIn(ELSEWHERE, self.listed())

    def test_what_there_is_of_the_account_itself(self):
        self.remote.set("accounts/" + self.account, createdAt=LONG_AGO, name="Sediu", status="x")
        self.bring()
        account = self.remote.get("accounts/" + self.account)
        self.assertEqual(account["createdAt"], LONG_AGO)
        self.assertEqual(account["name"], "Sediu")
        self.assertEqual(account["status"], "connected")


class Many(FirestoreCase):
    """More than a page of them."""

    COUNT = 700

    def jid(self, number):
        return "40788%06d@s.whatsapp.net" % number

    def seed(self, account):
        rest = self.rest()
        for start in range(0, self.COUNT, 350):
            writes = []
            for number in range(start, start + 350):
                fields = {
                    "accountId": account,
                    "clientJid": self.jid(number),
                    "displayName": "Client %d" % number,
                    "lastMessageAt": LONG_AGO,
                }
                path = "threads/%s__%s" % (account, self.jid(number))
                values = {name: to_rest(value) for name, value in fields.items()}
                writes.append(rest.write(path, values))
            self.assertEqual(rest.batch_write(*writes).status, 200)

    def test_read_once(self):
        simulator, proxy = self.simulator(), self.proxy()
        self.seed(self.account_of(simulator))
        run = self.paired(simulator, **self.where(proxy.host))
        self.assertEqual(run.named("done")[0]["upload"]["queued"], 0)
        known = {each["jid"]: each["name"] for each in self.threads()}
        for number in range(self.COUNT):
            self.assertEqual(known[self.jid(number)], "Client %d" % number)
        # Each thread, and a question after the account.
        self.assertEqual(proxy.reads, self.COUNT + 1)
        # What only Firestore has is not written back.
        written = {name for each in proxy.requests() for name in each.names}
        self.assertEqual([name for name in written if "__40788" in name], [])

        self.paired(simulator, "--again", **self.where(proxy.host))
        self.assertEqual(proxy.reads, self.COUNT + 1)

    def test_of_another_account(self):
        """Of the same project."""
        simulator = self.simulator()
        self.seed("account_prod_" + "0" * 32)
        self.paired(simulator, **self.where())
        self.assertEqual(len(self.threads()), len(simulator.dataset()["threads"]))


if __name__ == "__main__":
    harness.main()
