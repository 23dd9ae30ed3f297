#!/usr/bin/env python3
"""The checks that an upload has to pass can pass and can fail: documents made from the simulated
phone's answer key, as the contract says, written over REST and read back by Google's client;
then one thing after the other made wrong.

usage: ctest --test-dir BUILD_DIR -R firestore.uploaded
"""

import copy

import harness
from case import FirestoreCase
from inbox_contract import account_id, hidden_because, shown_name, violations
from uploaded import differences
from values import Time, to_rest

NOW = Time("2026-11-22T15:00:00Z")


def time(seconds):
    from datetime import datetime, timezone

    return Time(datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))


def thread_fields(account, thread):
    group = thread["jid"].endswith("@g.us")
    fields = {
        "accountId": account,
        "clientJid": thread["jid"],
        "isLid": thread["jid"].endswith("@lid"),
        "displayName": thread["name"],
        "lastMessageAt": time(thread["last_message_at"]),
        "lastMessageAtMs": thread["last_message_at"] * 1000,
        "lastMessageText": thread["last_message"],
        "lastMessagePreview": thread["last_message"],
        "lastMessageDirection": thread["direction"],
        "unreadCount": thread["unread"],
        "updatedAt": NOW,
        "groupSubject": thread["name"] if group else "",
        # One of them is named as his last message reads; the app then takes this one.
        "lastMessageSenderName": thread["name"] if thread["direction"] == "inbound" else "",
        **dict.fromkeys(("phoneE164", "phone", "phoneNumber"), thread["phone"]),
    }
    return {name: value for name, value in fields.items() if value not in ("", None)}


def message_fields(account, thread, message):
    group, ours = thread["jid"].endswith("@g.us"), message["from_me"]
    kind = message["type"]
    fields = {
        "accountId": account,
        "clientJid": thread["jid"],
        "threadId": "%s__%s" % (account, thread["jid"]),
        "direction": "outbound" if ours else "inbound",
        "body": (message.get("body") or "").replace("\0", "\ufffd") or None,
        "messageType": kind,
        "tsClient": time(message["timestamp"]),
        **dict.fromkeys(("createdAt", "updatedAt", "syncedAt"), NOW),
        "syncSource": "history_sync",
        "status": "sent" if ours else "delivered",
        "senderName": "me" if ours else message["sender_name"],
        "key": {
            "id": message["id"],
            "remoteJid": thread["wire_jid"],
            "fromMe": ours,
            "timestamp": message["timestamp"],
        },
    }
    if message["reactions"]:
        fields["reactions"] = message["reactions"]
    if group and not ours:
        fields["senderId"] = fields["senderJid"] = fields["key"]["participant"] = message["sender"]
    if kind in harness.MEDIA:
        known = dict.fromkeys(("size", "seconds", "width", "height", "mimetype"))
        fields["media"] = {
            **known,
            **harness.MEDIA[kind],
            "type": kind,
            "filename": message.get("filename"),
            "caption": message.get("body"),
            "url": None,
        }
    if "quoted_id" in message:
        fields["quoted"] = {"id": message["quoted_id"], "participant": None, "preview": None}
    return fields


class Uploaded(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.dataset = self.simulator().dataset()
        self.phone = self.dataset["owner"]["phone"]
        self.account = account_id(self.phone)

    def written(self):
        """The whole account, written and read back."""
        rest = self.rest()
        documents = [
            (
                "accounts/" + self.account,
                {
                    **dict.fromkeys(("phoneE164", "phone"), self.phone),
                    "status": "connected",
                    **dict.fromkeys(("createdAt", "updatedAt"), NOW),
                },
            )
        ]
        for thread in self.dataset["threads"]:
            path = "threads/%s__%s" % (self.account, thread["jid"])
            documents.append((path, thread_fields(self.account, thread)))
            for message in thread["message_list"]:
                name = harness.document_id(message, thread)
                fields = message_fields(self.account, thread, message)
                documents.append((path + "/messages/" + name, fields))
        for contact in self.dataset["contacts"]:
            fields = {"accountId": self.account, "jid": contact["jid"], "updatedAt": NOW}
            fields.update({"notify": contact["notify"]} if contact["notify"] else {})
            documents.append(("contacts/%s__%s" % (self.account, contact["jid"]), fields))
        answer = rest.batch_write(
            *(
                rest.write(path, {name: to_rest(each) for name, each in fields.items()})
                for path, fields in documents
            )
        )
        self.assertEqual(answer.status, 200, answer.body)
        return self.google().read_account(self.account)

    def test_right_ones_pass(self):
        whole = self.written()
        self.assertEqual(violations(self.account, whole), [])
        self.assertEqual(differences(self.dataset, whole), [])
        self.assertEqual(len(whole["contacts"]), len(self.dataset["contacts"]))

    def test_wrong_ones_are_found(self):
        whole = self.written()
        thread = "%s__40721000001@s.whatsapp.net" % self.account
        message = next(iter(whole["threads"][thread]["messages"]))

        def broken(change):
            copied = copy.deepcopy(whole)
            change(copied["threads"][thread]["fields"], copied["threads"][thread]["messages"])
            return copied

        against_the_contract = {
            "no lastMessageAt": lambda fields, _: fields.pop("lastMessageAt"),
            "of type str": lambda fields, _: fields.update(lastMessageAt="2026-01-01"),
            "of type float": lambda fields, _: fields.update(lastMessageAtMs=1.5),
            "not in the contract": lambda fields, _: fields.update(lastMsgAt=NOW),
            "both times": lambda fields, _: fields.update(lastMessageAt=NOW),
            "preview": lambda fields, _: fields.update(lastMessagePreview="two  blanks"),
            "is lid": lambda fields, _: fields.update(isLid=True),
            "phones agree": lambda fields, _: fields.pop("phone"),
            "no tsClient": lambda _, messages: messages[message].pop("tsClient"),
            "no body": lambda _, messages: messages[message].pop("body"),
            "of its thread": lambda _, messages: messages[message].update(threadId="other"),
            "key is the id": lambda _, messages: messages.update(wrong=messages[message]),
            "key: no remoteJid": lambda _, messages: messages[message]["key"].pop("remoteJid"),
            "times agree": lambda _, messages: messages[message].update(tsClient=NOW),
            "status": lambda _, messages: messages[message].update(status="read"),
        }
        for words, change in against_the_contract.items():
            with self.subTest(words):
                found = violations(self.account, broken(change))
                self.assertTrue(any(words.rpartition(": ")[2] in each for each in found), found)

        against_the_phone = {
            "is missing": lambda _, messages: messages.pop(message),
            "is too much": lambda _, messages: messages.update(more=messages[message]),
            "body": lambda _, messages: messages[message].update(body="other"),
            "reactions": lambda _, messages: messages[message].update(reactions={"a": "b"}),
            "direction": lambda _, messages: messages[message].update(direction="outbound"),
            "name": lambda fields, _: fields.update(displayName="Petrecerea Ta"),
            "last_message_at": lambda fields, _: fields.update(lastMessageAt=NOW),
            "hidden_because": lambda fields, _: fields.update(archived=True),
        }
        for words, change in against_the_phone.items():
            with self.subTest(words):
                found = differences(self.dataset, broken(change))
                self.assertTrue(any(words in each for each in found), found)

    def test_what_the_app_shows(self):
        named = {"displayName": "Ana", "clientJid": "407@s.whatsapp.net"}
        self.assertIsNone(hidden_because("a", named))
        for fields, why in (
            ({"hidden": True}, "hidden"),
            ({"archived": True}, "archived"),
            ({"redirectTo": "x"}, "redirected"),
            ({"clientJid": "1@lid", "canonicalThreadId": "x"}, "merged_lid"),
            ({"clientJid": "status@broadcast"}, "broadcast"),
            ({"displayName": ""}, "placeholder"),
            ({"hidden": "true"}, None),
        ):
            self.assertEqual(hidden_because("a", {**named, **fields}), why)
        self.assertEqual(hidden_because("a__[object Object]", named), "mangled_id")
        echo = {"displayName": "hi", "lastMessageText": "hi", "phone": "+407"}
        self.assertEqual(shown_name(echo), "+407")


if __name__ == "__main__":
    harness.main()
