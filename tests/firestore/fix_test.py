#!/usr/bin/env python3
"""`diagnose --fix`: each repair alone, with nobody holding the account and with a running listener;
what is to be decided by a person is left alone, and without --fix nothing changes.

usage: ctest --test-dir BUILD_DIR -R firestore.fix
"""

import fcntl
import json
import os
import signal
import sqlite3
import time

import harness
from diagnose_test import ALL_HIDDEN, HELD_ELSEWHERE, NOT_CONNECTED, NOT_UPLOADED, DiagnoseCase
from harness import OK, USAGE
from listen_test import in_seconds
from screen import Program
from values import Time

HELD = 7


class FixCase(DiagnoseCase):
    dataset = "3x2"

    def fix(self, code, *options, host=None, **environment):
        """What --json says of the repairs, and of what was found after them."""
        run = self.look("--fix", "--yes", "--json", *options, host=host, **environment)
        self.assertEqual(run.code, code, run.account())
        return json.loads(run.out.text())

    def one_repair(self, found, kind, done=True):
        (repair,) = found["repairs"]
        self.assertEqual((repair["kind"], repair["account"]), (kind, self.account))
        self.assertEqual(repair["done"], done, repair)
        self.assertEqual(repair["error"] is None, done, repair)
        return repair

    def change_stored(self, sql, *values):
        connection = sqlite3.connect(self.account_file())
        with connection:
            connection.execute(sql, values)
        connection.close()

    def at_terminal(self, answer, *options, host=None):
        """The exit code and the screen of someone who is asked, and answers."""
        program = Program(
            [harness.program("wa-sync"), "--state-dir", self.state, "diagnose", "--fix", *options],
            100,
            60,
            self.environment(TERM="xterm-256color", **self.where(host)),
        )
        try:
            program.read_until(lambda it: "[y/N]" in it.terminal.text() or "[d/N]" in it.terminal.text())
            os.write(program.descriptor, answer.encode() + b"\n")
            return program.wait(), program.terminal.text()
        finally:
            program.end()


class SetAside(FixCase):
    """Documents that Firestore has refused."""

    def setUp(self):
        super().setUp()
        self.refusing = self.proxy()

    def refused(self):
        """A listener, one of whose messages is set aside."""
        run = self.listening(self.refusing.host)
        self.refusing.poison("messages/", 3, "the document 40737123397 is invalid")
        self.sim.send_message(chat=self.threads()[0]["jid"], text="to be refused")
        deadline = time.monotonic() + harness.PATIENCE
        while not self.set_aside():
            self.assertLess(time.monotonic(), deadline, "it was never set aside")
        self.until_uploaded()
        return run

    def set_aside(self):
        return self.json_of("accounts", "list")[0]["set_aside"]

    def test_a_listener_sends_it_at_once(self):
        self.refused()
        found = self.diagnose(NOT_UPLOADED, host=self.refusing.host)
        self.assertIn("wa-sync diagnose --fix", found["action"])
        self.refusing.heal()
        found = self.fix(OK, host=self.refusing.host)
        repair = self.one_repair(found, "retry_document")
        self.assertIn("is invalid", repair["detail"])
        self.assertIn("sent", repair["outcome"])
        self.assertRegex(repair["document"], r"^threads/account_\w+__.*•••.*/messages/")
        self.assertEqual(found["verdict"], "HEALTHY")
        self.assertEqual(self.set_aside(), 0)
        self.assert_uploaded_all()
        self.assertEqual(self.fix(OK, host=self.refusing.host)["repairs"], [])

    def assert_uploaded_all(self):
        (stored,) = self.database().execute("SELECT count(*) FROM messages").fetchone()
        whole = self.inbox.read_account(self.account)
        self.assertEqual(sum(len(each["messages"]) for each in whole["threads"].values()), stored)

    def test_nobody_there(self):
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        found = self.fix(NOT_CONNECTED, host=self.refusing.host)
        self.assertIn("sent", self.one_repair(found, "retry_document")["outcome"])
        self.assertEqual(self.set_aside(), 0)
        self.assert_uploaded_all()

    def test_another_host_has_the_lease(self):
        """Its word on the account's status is not to be overwritten by ours."""
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(3600))
        before = self.inbox.read_account(self.account)
        found = self.fix(HELD_ELSEWHERE, host=self.refusing.host)
        self.assertIn("in the queue", self.one_repair(found, "retry_document")["outcome"])
        self.assertEqual(self.set_aside(), 0)
        self.assertEqual(self.inbox.read_account(self.account), before)

    def test_refused_again(self):
        self.refused()
        found = self.fix(NOT_UPLOADED, host=self.refusing.host)
        repair = self.one_repair(found, "retry_document", done=False)
        self.assertIn("is invalid", repair["error"])
        self.assertEqual(self.set_aside(), 1)
        # Once more would help as little.
        self.assertNotIn("--fix", found["action"])
        again = self.fix(NOT_UPLOADED, host=self.refusing.host)
        self.assertIn("refusals: 2", again["repairs"][0]["detail"])

    def test_firestore_is_down(self):
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        self.refusing.refuse(429, on="batchWrite", times=None)
        found = self.fix(NOT_CONNECTED, "--timeout", "6s", host=self.refusing.host)
        (repair,) = found["repairs"]
        self.assertTrue(repair["done"])
        self.assertIn("in the queue", repair["outcome"])
        self.assertEqual(self.set_aside(), 0)

    def test_without_a_terminal_it_only_tells(self):
        self.refused()
        self.refusing.heal()
        before = self.everything()
        run = self.look("--fix", host=self.refusing.host)
        self.assertEqual(run.code, NOT_UPLOADED, run.account())
        self.assertIn("is invalid", run.out.text())
        self.assertIn("wa-sync diagnose --fix --yes --state-dir", run.err.text())
        self.assertEqual(self.set_aside(), 1)
        self.assertEqual(self.everything(), before)

    def everything(self):
        """All documents, and all rows but what a listener writes by itself."""
        connection = self.database()
        tables = ("threads", "messages", "contacts", "lid_mappings")
        rows = {each: connection.execute("SELECT * FROM " + each).fetchall() for each in tables}
        return [tuple(map(tuple, each)) for each in rows.values()], self.inbox.read_account(self.account)

    def test_asked_at_a_terminal(self):
        self.refused()
        self.refusing.heal()
        code, screen = self.at_terminal("n", host=self.refusing.host)
        self.assertEqual(code, NOT_UPLOADED, screen)
        self.assertIn("Nothing was changed", screen)
        self.assertEqual(self.set_aside(), 1)
        code, screen = self.at_terminal("d", "--lang", "ro", host=self.refusing.host)
        self.assertEqual(code, OK, screen)
        self.assertIn("este în Firestore", screen)
        self.assertIn("ÎN REGULĂ", screen)
        self.assertEqual(self.set_aside(), 0)

    def test_another_command_is_in_the_way(self):
        self.refused().stop(signal.SIGTERM, OK)
        self.refusing.heal()
        directory = os.path.dirname(self.account_file())
        with open(os.path.join(directory, "lock"), "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.truncate(0)
            lock.write("%d\n" % os.getpid())
            lock.flush()
            run = self.look("--fix", "--yes", host=self.refusing.host)
        self.assertEqual(run.code, HELD, run.account())
        self.assertIn("process %d holds the account" % os.getpid(), run.err.text())
        self.assertEqual(self.set_aside(), 1)


class Firestore(FixCase):
    """Repairs in Firestore alone: what another writer left there."""

    def setUp(self):
        super().setUp()
        self.chat = "%s__40799999999@s.whatsapp.net" % self.account

    def other_writer(self, thread=None, messages=(), **fields):
        """A thread of another program; the messages are (id, time, more fields)."""
        thread = thread or self.chat
        jid = thread.partition("__")[2]
        self.inbox.set("threads/" + thread, accountId=self.account, clientJid=jid, **fields)
        for name, time_text, more in messages:
            self.inbox.set(
                "threads/%s/messages/%s" % (thread, name),
                accountId=self.account,
                clientJid=jid,
                threadId=thread,
                tsClient=Time(time_text),
                **{"direction": "inbound", "body": "text of " + name, "messageType": "text", **more}
            )
        return thread

    def document(self, thread=None):
        return self.inbox.get("threads/" + (thread or self.chat))

    def through(self, proxy):
        self.point(self.host, proxy.host)
        return proxy

    def point(self, former, host):
        """The account's file remembers where it was sent, the address included."""
        self.change_stored(
            "UPDATE account SET uploaded_to = replace(uploaded_to, ?, ?)", former, host
        )


class WithoutTime(Firestore):
    """Threads without lastMessageAt."""

    MESSAGES = (
        ("OLD", "2025-11-20T08:00:00Z", {"body": "older"}),
        ("NEW", "2025-11-20T09:30:00.250Z", {"body": "the\n newest"}),
    )
    NEWEST = Time("2025-11-20T09:30:00.250Z")

    def test_beside_a_listener(self):
        self.listening()
        self.other_writer(messages=self.MESSAGES, assignedTo="Mihai")
        found = self.diagnose(ALL_HIDDEN)
        self.assertIn("wa-sync diagnose --fix", found["action"])
        found = self.fix(OK)
        repair = self.one_repair(found, "set_last_message_at")
        self.assertRegex(repair["thread"], "•••999@s.whatsapp.net$")
        self.assertEqual(found["verdict"], "HEALTHY", found)
        document = self.document()
        updated = document.pop("updatedAt")
        self.assertIsInstance(updated, Time)
        self.assertEqual(
            document,
            {
                "accountId": self.account,
                "clientJid": "40799999999@s.whatsapp.net",
                "assignedTo": "Mihai",
                "lastMessageAt": self.NEWEST,
                "lastMessageAtMs": 1763631000250,
                "lastMessageDirection": "inbound",
                "lastMessageText": "the newest",
                "lastMessagePreview": "the newest",
            },
        )
        again = self.fix(OK)
        self.assertEqual((again["repairs"], again["left_alone"]), ([], []))
        # Looking costs a read for each thread, and for each undated one its newest message.
        self.assertLessEqual(again["repair_reads"], 5)
        self.assertEqual(self.document()["updatedAt"], updated)

    def test_nobody_there_and_the_lease_elsewhere(self):
        self.other_writer(messages=self.MESSAGES)
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(3600))
        self.one_repair(self.fix(HELD_ELSEWHERE), "set_last_message_at")
        self.assertEqual(self.document()["lastMessageAt"], self.NEWEST)
        self.assertEqual(self.inbox.get(self.path)["claimedBy"], "host-b")

    def test_it_never_goes_back(self):
        """lastMessageAtMs alone is later than the messages."""
        self.other_writer(messages=self.MESSAGES, lastMessageAtMs=1763700000000)
        self.one_repair(self.fix(NOT_CONNECTED), "set_last_message_at")
        document = self.document()
        self.assertEqual(document["lastMessageAtMs"], 1763700000000)
        self.assertEqual(document["lastMessageAt"], Time("2025-11-21T04:40:00Z"))

    def test_what_is_left_alone(self):
        self.listening()
        threads = {
            self.other_writer(): "no_message",
            self.other_writer(
                thread=self.account + "__[object Object]", messages=self.MESSAGES
            ): "mangled_id",
            self.other_writer(
                thread=self.account + "__40788888888@s.whatsapp.net",
                messages=(("AHEAD", "2099-01-01T00:00:00Z", {}),),
            ): "implausible_time",
        }
        before = {each: self.document(each) for each in threads}
        found = self.fix(ALL_HIDDEN)
        self.assertEqual(found["repairs"], [])
        self.assertEqual(
            sorted(each["reason"] for each in found["left_alone"]), sorted(threads.values())
        )
        # Once more would help as little.
        self.assertEqual(found["check"], "without_last_message_at")
        self.assertNotIn("--fix", found["action"])
        self.assertEqual({each: self.document(each) for each in threads}, before)

    def test_a_newer_time_set_meanwhile_wins(self):
        self.other_writer(messages=self.MESSAGES)
        proxy = self.through(self.proxy())
        held = proxy.hold(on="commit")
        run = self.start("diagnose", "--fix", "--yes", "--json", **self.where(proxy.host))
        held.wait()
        newer = Time("2025-11-22T00:00:00Z")
        self.inbox.set("threads/" + self.chat, lastMessageAt=newer)
        held.release()
        run.wait()
        repair = self.one_repair(json.loads(run.out.text()), "set_last_message_at")
        self.assertIn("nothing was left", repair["outcome"])
        document = self.document()
        self.assertEqual(document["lastMessageAt"], newer)
        self.assertNotIn("lastMessageAtMs", document)

    def test_firestore_refuses_the_write(self):
        self.other_writer(messages=self.MESSAGES)
        proxy = self.through(self.proxy())
        proxy.refuse(403, on="commit", times=None)
        found = self.fix(NOT_CONNECTED, host=proxy.host)
        repair = self.one_repair(found, "set_last_message_at", done=False)
        self.assertIn("permission denied", repair["error"])
        self.assertNotIn("lastMessageAt", self.document())

    def test_firestore_hangs_while_repairs_are_looked_for(self):
        self.other_writer(messages=self.MESSAGES)
        proxy = self.through(self.proxy())
        proxy.hold(on="runQuery", after=2, times=None)  # the diagnosis has two of its own
        found = self.fix(NOT_CONNECTED, "--timeout", "6s", host=proxy.host)
        self.assertEqual(found["repairs"], [])
        (not_looked,) = found["not_looked_at"]
        self.assertIn("does not answer", not_looked["why"])

    def test_firestore_hangs(self):
        self.other_writer(messages=self.MESSAGES)
        proxy = self.through(self.proxy())
        proxy.hold(times=None)
        begun = time.monotonic()
        found = self.fix(NOT_CONNECTED, "--timeout", "6s", host=proxy.host)
        self.assertLess(time.monotonic() - begun, 25)  # sooner than anything else gives up
        self.assertEqual(found["repairs"], [])
        self.assertEqual(len(found["not_looked_at"]), 1)

    def test_killed_between_two(self):
        others = [
            self.other_writer("%s__4079999999%d@s.whatsapp.net" % (self.account, i), self.MESSAGES)
            for i in range(3)
        ]
        proxy = self.through(self.proxy())
        held = proxy.hold(on="commit", after=1)
        run = self.start("diagnose", "--fix", "--yes", **self.where(proxy.host))
        held.wait()
        run.process.kill()
        run.wait()
        proxy.drop_connections()
        held.release()
        dated = [each for each in others if "lastMessageAt" in self.document(each)]
        self.assertIn(len(dated), (1, 2))  # that of the held request may still have come
        self.point(proxy.host, self.host)
        found = self.fix(NOT_CONNECTED)
        self.assertEqual(len(found["repairs"]), 3 - len(dated))
        for each in others:
            self.assertEqual(self.document(each)["lastMessageAt"], self.NEWEST)

    def test_without_fix_nothing_changes(self):
        self.other_writer(messages=self.MESSAGES)
        before = self.inbox.read_account(self.account)
        files = self.files()
        self.assertEqual(self.look().code, NOT_CONNECTED)
        run = self.look("--fix")  # and nobody to be asked
        self.assertEqual(run.code, NOT_CONNECTED)
        self.assertIn("no lastMessageAt", run.out.text())
        self.assertEqual(self.inbox.read_account(self.account), before)
        self.assertEqual(self.files(), files)

    def files(self):
        out = {}
        for directory, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(directory, name)
                if not name.endswith(("-wal", "-shm")):
                    with open(path, "rb") as file:
                        out[path] = file.read()
        return out

    def test_many_are_told_in_short(self):
        for i in range(23):
            self.other_writer("%s__407777777%02d@s.whatsapp.net" % (self.account, i), self.MESSAGES[:1])
        run = self.look("--fix")
        self.assertIn("and 3 more", run.out.text())
        self.assertEqual(run.out.text().count("no lastMessageAt"), 20)
        run = self.look("--fix", "--json")
        self.assertEqual(len(json.loads(run.out.text())["repairs"]), 23)


class Duplicates(Firestore):
    """A person's two threads, by LID and by phone."""

    LID = "98765432109876@lid"

    def setUp(self):
        super().setUp()
        self.lid = "%s__%s" % (self.account, self.LID)

    def whatsapp_told(self):
        self.change_stored(
            "INSERT INTO lid_mappings (lid, phone) VALUES (?, ?)",
            self.LID,
            "40799999999@s.whatsapp.net",
        )

    def key(self, name, from_me=False):
        return {"id": name, "remoteJid": self.LID, "fromMe": from_me}

    def both(self, **fields_of_phone):
        """The LID's thread is the newer one, and has two messages that the phone's lacks."""
        self.other_writer(
            messages=(("BOTH", "2025-11-20T08:00:00Z", {"body": "as it is there"}),),
            lastMessageAt=Time("2025-11-20T08:00:00Z"),
            displayName="Ana",
            phoneE164="+40799999999",
            **fields_of_phone
        )
        self.other_writer(
            self.lid,
            messages=(
                ("BOTH", "2025-11-20T08:00:00Z", {}),
                (
                    "MORE",
                    "2025-11-20T09:00:00Z",
                    {"senderJid": self.LID, "key": self.key("MORE"), "extra": {"of": ["another"]}},
                ),
                ("MINE", "2025-11-20T10:00:00Z", {"direction": "outbound", "key": self.key("MINE", True)}),
            ),
            lastMessageAt=Time("2025-11-20T10:00:00Z"),
            lastMessageDirection="outbound",
            displayName="Ana",
            phoneE164="+40799999999",
            isLid=True,
        )

    def messages(self, thread):
        return self.inbox.read_account(self.account)["threads"][thread]["messages"]

    def assert_united(self):
        document = self.document(self.lid)
        self.assertEqual((document["redirectTo"], document["canonicalThreadId"]), (self.chat,) * 2)
        whole = self.messages(self.chat)
        self.assertEqual(set(whole), {"BOTH", "MORE", "MINE"})
        self.assertEqual(whole["BOTH"]["body"], "as it is there")
        more = whole["MORE"]
        self.assertEqual(more["threadId"], self.chat)
        self.assertEqual(more["clientJid"], "40799999999@s.whatsapp.net")
        self.assertEqual(more["senderJid"], "40799999999@s.whatsapp.net")
        self.assertEqual(more["key"], self.key("MORE"))
        self.assertEqual(more["extra"], {"of": ["another"]})
        self.assertEqual(more["tsClient"], Time("2025-11-20T09:00:00Z"))
        self.assertEqual(set(self.messages(self.lid)), {"BOTH", "MORE", "MINE"})
        self.assertEqual(self.document()["lastMessageAt"], Time("2025-11-20T10:00:00Z"))
        self.assertEqual(self.document()["lastMessageAtMs"], 1763632800000)
        self.assertEqual(self.document()["lastMessageDirection"], "outbound")

    def test_beside_a_listener(self):
        self.whatsapp_told()
        self.listening()
        self.both()
        found = self.diagnose(OK, "--verbose")
        (check,) = [each for each in found["checks"] if each["id"] == "duplicates"]
        self.assertEqual(check["facts"]["threads"], 1)
        found = self.fix(OK)
        repair = self.one_repair(found, "redirect_duplicate")
        self.assertIn("2 messages copied", repair["outcome"])
        self.assert_united()
        (check,) = [each for each in found["checks"] if each["id"] == "duplicates"]
        self.assertEqual(check["facts"]["threads"], 0)
        self.assertEqual(self.fix(OK)["repairs"], [])

    def diagnose(self, code, *options):
        run = self.run_sync("diagnose", "--json", *options, **self.where())
        self.assertEqual(run.code, code, run.account())
        return json.loads(run.out.text())

    def test_nobody_there(self):
        self.whatsapp_told()
        self.both()
        self.one_repair(self.fix(NOT_CONNECTED), "redirect_duplicate")
        self.assert_united()

    def test_many_messages(self):
        self.whatsapp_told()
        self.both()
        self.other_writer(
            self.lid, tuple(("N%03d" % i, "2025-11-19T00:00:00Z", {}) for i in range(320))
        )
        repair = self.one_repair(self.fix(NOT_CONNECTED), "redirect_duplicate")
        self.assertIn("322 messages copied", repair["outcome"])
        self.assertEqual(set(self.messages(self.lid)), set(self.messages(self.chat)))

    def test_whatsapp_has_not_told(self):
        self.both()
        before = self.inbox.read_account(self.account)
        found = self.fix(NOT_CONNECTED)
        self.assertEqual(found["repairs"], [])
        self.assertEqual([each["reason"] for each in found["left_alone"]], ["not_one_person"])
        self.assertEqual(self.inbox.read_account(self.account), before)

    def test_the_phones_thread_is_archived(self):
        self.whatsapp_told()
        self.both(archived=True)
        found = self.fix(NOT_CONNECTED)
        self.assertEqual(found["repairs"], [])
        self.assertEqual([each["reason"] for each in found["left_alone"]], ["no_other_thread"])
        self.assertNotIn("redirectTo", self.document(self.lid))

    def test_a_message_that_comes_meanwhile_is_copied_too(self):
        self.whatsapp_told()
        self.both()
        proxy = self.through(self.proxy())
        held = proxy.hold(on="commit", after=2)  # the copies, the phone's time; the mark
        run = self.start("diagnose", "--fix", "--yes", "--json", **self.where(proxy.host))
        held.wait()
        self.other_writer(self.lid, (("LATE", "2025-11-20T11:00:00Z", {}),), unreadCount=1)
        held.release()
        run.wait()
        self.one_repair(json.loads(run.out.text()), "redirect_duplicate")
        self.assertIn("LATE", self.messages(self.chat))
        self.assertEqual(self.document(self.lid)["redirectTo"], self.chat)

    def test_killed_before_it_is_marked(self):
        self.whatsapp_told()
        self.both()
        proxy = self.through(self.proxy())
        held = proxy.hold(on="commit", after=1)
        run = self.start("diagnose", "--fix", "--yes", **self.where(proxy.host))
        held.wait()
        run.process.kill()
        run.wait()
        self.assertNotIn("redirectTo", self.document(self.lid))
        self.assertEqual(set(self.messages(self.lid)), {"BOTH", "MORE", "MINE"})
        held.release()
        self.point(proxy.host, self.host)
        self.one_repair(self.fix(NOT_CONNECTED), "redirect_duplicate")
        self.assert_united()


class Usage(FixCase):
    def test_yes_alone(self):
        self.assertEqual(self.look("--yes").code, USAGE)


if __name__ == "__main__":
    harness.main()
