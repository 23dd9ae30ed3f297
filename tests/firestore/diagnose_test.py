#!/usr/bin/env python3
"""`diagnose` with the Inbox in Firestore: each thing that can be wrong there, alone, is named.

usage: ctest --test-dir BUILD_DIR -R firestore.diagnose
"""

import json
import signal
import sqlite3
import time

import harness
from case import FIRESTORE, FirestoreCase
from emulator import new_project
from harness import OK
from listen_test import in_seconds

NOT_CONNECTED, NOT_UPLOADED, QUERY_FAILS, ALL_HIDDEN, HELD_ELSEWHERE = 11, 15, 16, 17, 18
CONFIGURATION = 19


class DiagnoseCase(FirestoreCase):
    dataset = "small"

    def setUp(self):
        super().setUp()
        self.sim = self.simulator(dataset=self.dataset)
        self.paired(self.sim, **self.where())
        self.inbox = self.google()
        self.account = self.account_of(self.sim)
        self.path = "accounts/" + self.account

    def listening(self, host=None):
        """A listener whose word has come to Firestore."""
        run = self.connected(self.sim, **self.where(host))
        self.until_uploaded()
        return run

    def until_uploaded(self):
        deadline = time.monotonic() + harness.PATIENCE
        while True:
            (account,) = self.json_of("accounts", "list")
            document = self.inbox.get(self.path)
            if account["unsent"] == 0 and document["status"] == "connected":
                return
            if time.monotonic() > deadline:
                raise AssertionError("never uploaded: %r %r" % (account, document))

    def look(self, *options, host=None, **environment):
        run = self.run_sync("diagnose", *options, **{**self.where(host), **environment})
        self.assertNotIn("40737123397", run.out.text() + run.err.text())
        return run

    def diagnose(self, code, *options, host=None, **environment):
        run = self.look("--json", *options, host=host, **environment)
        self.assertEqual(run.code, code, run.account())
        found = json.loads(run.out.text())
        for language in ("en", "ro"):
            told = self.look("--lang", language, *options, host=host, **environment)
            self.assertEqual(told.code, code, told.account())
            if found["action"]:
                self.assertIn(found["action"], told.out.text())
        return found

    def change_target(self, host):
        """The account's file remembers where it was sent, the address of the emulator included."""
        self.rename_target(self.host, host)

    def change_back(self, host):
        self.rename_target(host, self.host)

    def rename_target(self, old, new):
        connection = sqlite3.connect(self.account_file())
        with connection:
            connection.execute(
                "UPDATE account SET uploaded_to = replace(uploaded_to, ?, ?)", (old, new)
            )
        connection.close()

    def check(self, found, id):
        (check,) = [each for each in found["checks"] if each["id"] == id]
        return check

    def assert_found(self, found, verdict, check):
        self.assertEqual((found["verdict"], found["check"]), (verdict, check))
        broken = [each["id"] for each in found["checks"] if each["state"] == "broken"]
        self.assertEqual(broken, [check])


class InOrder(DiagnoseCase):
    def test_healthy(self):
        self.listening()
        found = self.diagnose(OK)
        self.assertEqual(found["verdict"], "HEALTHY", found)
        shown = [each for each in self.sim.dataset()["threads"] if not each["hidden_because"]]
        self.assertEqual(found["shown"], len(shown))
        self.assertEqual({each["ok"] for each in found["checks"]}, {True})
        threads = len(self.sim.dataset()["threads"])
        self.assertLessEqual(found["firestore_reads"], threads + 5)

    def test_healthy_with_hidden_ones_of_the_app(self):
        self.listening()
        thread = self.threads()[0]["thread"]
        self.inbox.set("threads/" + thread, hidden=True)
        found = self.diagnose(OK)
        self.assertEqual(found["verdict"], "HEALTHY", found)


    def test_told_and_no_fault(self):
        """What the app passes over, or shows twice, beside all that is in order."""
        self.listening()
        mangled = self.account + "__[object Object]"
        times = {"lastMessageAt": in_seconds(-60), "displayName": "Ana"}
        self.inbox.set("threads/" + mangled, accountId=self.account, **times)
        jid = next(each["jid"] for each in self.sim.dataset()["threads"] if each["phone"])
        phone = "+" + jid.split("@")[0]
        other = "threads/%s__other-%s" % (self.account, jid)
        self.inbox.set(other, accountId=self.account, phoneE164=phone, **times)
        found = self.diagnose(OK)
        self.assertEqual(found["verdict"], "HEALTHY", found)
        self.assertEqual(self.check(found, "mangled_ids")["facts"]["threads"], 1)
        self.assertEqual(self.check(found, "duplicates")["facts"]["threads"], 1)
        told = self.look().out.text()
        self.assertIn("1 conversation with [object Object] in the id", told)
        self.assertIn("1 conversation of a phone that has another", told)


class Broken(DiagnoseCase):
    dataset = "3x2"

    def test_a_listener_that_was_stopped(self):
        self.listening().stop(signal.SIGTERM, OK)
        found = self.diagnose(NOT_CONNECTED)
        self.assert_found(found, "EMPTY", "holder")  # the app shows connected accounts only

    def test_another_status_in_firestore(self):
        self.listening()
        self.inbox.set(self.path, status="needs_qr")
        found = self.diagnose(NOT_CONNECTED)
        self.assert_found(found, "EMPTY", "account_document")
        self.assertIn("needs_qr", found["why"])

    def test_no_document_of_the_account(self):
        self.listening()
        self.rest().documents("DELETE", "/" + self.path)
        self.assert_found(self.diagnose(NOT_UPLOADED), "EMPTY", "account_document")

    def test_firestore_refuses_what_is_sent(self):
        proxy = self.proxy()
        run = self.listening(proxy.host)
        proxy.refuse(429, on="batchWrite", times=None)
        self.sim.send_message(chat=self.threads()[0]["jid"], text="not to be sent")
        while not run.event("upload")["trouble"]:
            pass
        found = self.diagnose(NOT_UPLOADED, host=proxy.host)
        self.assert_found(found, "STALE", "upload_queue")
        self.assertIn("Quota exceeded", found["why"])

    def test_a_document_that_is_refused(self):
        proxy = self.proxy()
        proxy.poison("messages/", 3, "the document 40737123397 is invalid")
        self.connected(self.sim, **self.where(proxy.host))
        self.sim.send_message(chat=self.threads()[0]["jid"], text="to be refused")
        deadline = time.monotonic() + harness.PATIENCE
        while not self.json_of("accounts", "list")[0]["set_aside"]:
            self.assertLess(time.monotonic(), deadline, "it was never set aside")
        self.until_uploaded()
        found = self.diagnose(NOT_UPLOADED, host=proxy.host)
        self.assert_found(found, "INCOMPLETE", "upload_queue")
        self.assertIn("is invalid", found["why"])

    def test_a_listener_without_firestore(self):
        run = self.connected(self.sim, "--inbox", "sqlite")
        self.sim.send_message(chat=self.threads()[0]["jid"], text="stays here")
        run.event("received")
        found = self.diagnose(NOT_UPLOADED)
        self.assert_found(found, "STALE", "upload_queue")

    def test_a_missing_index(self):
        self.listening()
        proxy = self.proxy()
        link = proxy.need_index(self.project)
        self.change_target(proxy.host)
        found = self.diagnose(QUERY_FAILS, host=proxy.host)
        self.assert_found(found, "EMPTY", "inbox_query")
        self.assertIn(link, found["action"])

    def test_permission_denied(self):
        self.listening()
        proxy = self.proxy()
        self.change_target(proxy.host)
        proxy.refuse(403, times=None)
        found = self.diagnose(QUERY_FAILS, host=proxy.host)
        self.assert_found(found, "BLIND", "firestore")
        self.assertIn("Cloud Datastore User", found["why"])

    def test_firestore_is_down(self):
        self.listening()
        proxy = self.proxy()
        self.change_target(proxy.host)
        proxy.pause()
        found = self.diagnose(FIRESTORE, host=proxy.host)
        self.assertEqual((found["verdict"], found["check"]), ("BLIND", "firestore"))
        self.assertIsNone(found["shown"])

    def test_firestore_hangs(self):
        self.listening()
        proxy = self.proxy()
        self.change_target(proxy.host)
        proxy.hold(times=None)
        begun = time.monotonic()
        run = self.look("--json", "--timeout", "2s", host=proxy.host)
        self.assertLess(time.monotonic() - begun, 25)  # sooner than anything else gives up
        self.assertEqual(run.code, FIRESTORE, run.account())
        self.assertEqual(json.loads(run.out.text())["check"], "firestore")

    def test_everything_hidden(self):
        self.listening()
        for each in self.threads():
            self.inbox.set("threads/" + each["thread"], archived=True)
        found = self.diagnose(ALL_HIDDEN)
        self.assert_found(found, "EMPTY", "hidden")
        self.assertIn("--source firestore", found["action"])

    def test_a_thread_without_last_message_at(self):
        self.listening()
        self.inbox.set("threads/%s__40799999999@s.whatsapp.net" % self.account, accountId=self.account)
        found = self.diagnose(ALL_HIDDEN)
        self.assert_found(found, "INCOMPLETE", "without_last_message_at")

    def test_the_lease_of_another_host(self):
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(3600))
        found = self.diagnose(HELD_ELSEWHERE)
        self.assert_found(found, "BLIND", "holder")
        self.assertIn("host-b", found["remark"])

    def test_two_hosts_at_once(self):
        self.listening()
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(3600))
        found = self.diagnose(HELD_ELSEWHERE)
        self.assert_found(found, "BLIND", "lease")
        self.assertEqual(found["action"], "systemctl stop wa-sync")

    def test_the_same_phone_under_another_id(self):
        self.listening()
        self.inbox.set("accounts/account_dev_0", phoneE164="+40737123397", status="connected")
        found = self.diagnose(CONFIGURATION)
        self.assert_found(found, "INCOMPLETE", "same_phone")

    def test_another_project(self):
        self.listening()
        found = self.diagnose(CONFIGURATION, GOOGLE_CLOUD_PROJECT=new_project())
        self.assert_found(found, "BLIND", "config")
        self.assertIn(self.project, found["why"])

    def test_a_clock_that_is_wrong(self):
        self.listening()
        for off_s, word in ((600, "10 minutes behind"), (-600, "10 minutes ahead")):
            proxy = self.proxy(clock_off_s=off_s)
            self.change_target(proxy.host)
            found = self.diagnose(CONFIGURATION, host=proxy.host)
            self.assert_found(found, "STALE", "clock")
            self.assertIn(word, found["why"])
            self.assertEqual(found["action"], "timedatectl set-ntp true")
            self.change_back(proxy.host)

    def test_documents_that_wait_and_nobody_knows_why(self):
        proxy = self.proxy()
        self.listening(proxy.host)
        held = proxy.hold(on="batchWrite")
        self.sim.send_message(chat=self.threads()[0]["jid"], text="waits")
        held.wait()
        found = self.diagnose(OK, host=proxy.host)
        self.assertEqual(self.check(found, "upload_queue")["facts"]["queued"] > 0, True, found)
        connection = sqlite3.connect(self.account_file())
        with connection:
            connection.execute("UPDATE threads SET dirty_since = dirty_since - 7200")
        connection.close()
        found = self.diagnose(NOT_UPLOADED, host=proxy.host)
        self.assert_found(found, "STALE", "upload_queue")
        self.assertIn("2 hours ago", found["why"])
        held.release()

    def test_credentials_beside_an_emulator(self):
        self.listening()
        found = self.diagnose(CONFIGURATION, GOOGLE_APPLICATION_CREDENTIALS="/etc/key.json")
        self.assert_found(found, "INCOMPLETE", "config")


class Combined(DiagnoseCase):
    """Of several faults the first in the pipeline is named, each fault alone being one above."""

    dataset = "3x2"

    def test_from_the_last_link_to_the_first(self):
        run = self.listening()
        proxy = self.proxy()
        self.change_target(proxy.host)

        def names(code, check, **environment):
            found = self.diagnose(code, host=proxy.host, **environment)
            broken = [each["id"] for each in found["checks"] if each["state"] == "broken"]
            self.assertEqual((found["check"], broken), (check, [check]))

        self.inbox.set("accounts/account_dev_0", phoneE164="+40737123397", status="connected")
        names(CONFIGURATION, "same_phone")
        undated = "threads/%s__40799999999@s.whatsapp.net" % self.account
        self.inbox.set(undated, accountId=self.account)
        names(ALL_HIDDEN, "without_last_message_at")
        for each in self.threads():
            self.inbox.set("threads/" + each["thread"], archived=True)
        names(ALL_HIDDEN, "hidden")
        proxy.need_index(self.project)
        names(QUERY_FAILS, "inbox_query")
        self.inbox.set(self.path, status="needs_qr")
        names(NOT_CONNECTED, "account_document")
        proxy.refuse(403, times=None)
        names(QUERY_FAILS, "firestore")
        run.stop(signal.SIGTERM, OK)
        names(NOT_CONNECTED, "holder")
        names(CONFIGURATION, "config", GOOGLE_APPLICATION_CREDENTIALS="/etc/key.json")

    def test_everything_hangs(self):
        run = self.listening()
        proxy = self.proxy()
        self.change_target(proxy.host)
        proxy.hold(times=None)
        run.process.send_signal(signal.SIGSTOP)
        self.addCleanup(run.process.send_signal, signal.SIGCONT)
        locked = sqlite3.connect(self.account_file(), isolation_level=None)
        self.addCleanup(locked.close)
        locked.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        found = self.look("--json", "--timeout", "2s", host=proxy.host)
        self.assertLess(time.monotonic() - begun, 25)  # sooner than anything else gives up
        self.assertEqual(json.loads(found.out.text())["check"], "holder", found.account())


class Live(DiagnoseCase):
    """WhatsApp is asked by a login of our own only where no other host loses its connection."""

    dataset = "3x2"

    def live(self, code, *options, **keywords):
        """The check, and how often somebody connected to WhatsApp."""
        where = ("--live", "--server", self.sim.url, "--server-key", self.sim.key)
        before = self.sim.state()["connections"]
        found = self.diagnose(code, *where, *options, **keywords)
        (live,) = [each for each in found["checks"] if each["id"] == "live"]
        return live, self.sim.state()["connections"] - before

    def test_another_hosts_lease(self):
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(3600))
        live, connections = self.live(HELD_ELSEWHERE)
        self.assertEqual(connections, 0, "it threw out another host")
        self.assertIsNone(live["ok"])
        self.assertIn("not asked: host-b has it", live["detail"])

    def test_a_lease_that_has_run_out(self):
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(-60))
        live, connections = self.live(NOT_CONNECTED)
        self.assertEqual((live["ok"], connections), (True, 3))  # JSON, and two languages

    def test_firestore_that_does_not_tell(self):
        proxy = self.proxy()
        self.change_target(proxy.host)
        proxy.pause()
        live, connections = self.live(NOT_CONNECTED, host=proxy.host)
        self.assertEqual((live["ok"], connections), (None, 0))
        self.assertIn("Firestore does not say", live["detail"])

    def test_a_command_that_knows_of_no_firestore(self):
        live, connections = self.live(NOT_CONNECTED, "--inbox", "sqlite")
        self.assertEqual((live["ok"], connections), (None, 0))

    def test_through_the_listener_whoever_else_claims_the_account(self):
        self.listening()
        self.inbox.set(self.path, claimedBy="host-b", leaseUntil=in_seconds(3600))
        live, connections = self.live(HELD_ELSEWHERE)
        self.assertEqual((live["ok"], connections), (True, 0))


if __name__ == "__main__":
    harness.main()
