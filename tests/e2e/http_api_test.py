#!/usr/bin/env python3
"""The HTTP API of `wa-sync listen`, asked with curl, as operators do.

usage: http_api_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import harness
from firebase_google import PROJECT, Google
from harness import OK, SIGTERM_CODE, USAGE, Case

TOKEN = "a-token-of-the-operator"


class HttpApi(Case):
    phone = ()  # options of the simulator

    def setUp(self):
        if shutil.which("curl") is None:
            raise unittest.SkipTest("skipped: no curl")
        super().setUp()
        self.sim = self.simulator(*self.phone)
        self.paired(self.sim)

    def listen(self, *options, **environment):
        run = self.start(
            *("listen", "--json", "--server", self.sim.url, "--server-key", self.sim.key),
            *("--http", "127.0.0.1:0"),
            *options,
            **environment
        )
        self.api = "http://" + run.event("listening")["http"]
        self.account = run.event("connected")["account"]
        return run

    def token_file(self, mode=0o600):
        path = os.path.join(self.scratch, "token")
        with open(path, "w", encoding="ascii") as file:
            file.write(TOKEN + "\n")
        os.chmod(path, mode)
        return path

    def curl(self, path, *options):
        """(status, body) of what curl says."""
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "30", "-w", "\n%{http_code}", *options, self.api + path],
            capture_output=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, status = done.stdout.decode().rpartition("\n")
        return int(status), body

    def bearer(self, token, path="/api/whatsapp/accounts"):
        return self.curl(path, "-H", "Authorization: Bearer " + token)

    def connect(self):
        host, _, port = self.api.removeprefix("http://").rpartition(":")
        client = socket.create_connection((host, int(port)), timeout=60)
        self.addCleanup(client.close)
        return client


class Routes(HttpApi):
    def test_the_inbox_is_what_the_command_line_shows(self):
        run = self.listen()
        status, body = self.curl("/api/whatsapp/threads/%s?limit=500" % self.account)
        self.assertEqual(status, 200, body)
        shown = [each["thread"] for each in self.json_of("threads", "list", "--all")]
        self.assertEqual([each["id"] for each in json.loads(body)["threads"]], shown)
        status, body = self.curl("/api/whatsapp/messages/%s/%s" % (self.account, shown[0]))
        self.assertEqual(status, 200, body)
        texts = [each["body"] for each in json.loads(body)["messages"]]
        stored = [each["body"] for each in self.json_of("threads", "show", shown[0])]
        self.assertEqual(texts, stored[::-1][: len(texts)])
        run.stop(signal.SIGTERM, OK)

    def test_how_it_is(self):
        run = self.listen(INSTANCE_ID="this-one")
        self.assertEqual(self.curl("/health")[0], 200)
        self.assertEqual(json.loads(self.curl("/ready")[1])["instanceId"], "this-one")
        diag = json.loads(self.curl("/diag")[1])
        self.assertEqual(set(diag), {"ready", "mode", "instanceId", "firestoreConnected", "latestRealtime"})
        metrics = self.curl("/metrics")[1]
        self.assertIn('wa_sync_account_connected{account="%s"} 1\n' % self.account, metrics)
        self.assertRegex(metrics, r"\nwa_sync_state_dir_free_bytes [1-9]\d*\n")
        phone = self.json_of("accounts", "list")[0]["phone"].lstrip("+")
        for path in ("/health", "/ready", "/diag", "/metrics"):
            self.assertNotIn(phone, self.curl(path)[1])
        self.assertEqual(self.curl("/nothing")[0], 404)
        self.assertEqual(self.curl("/health", "-X", "DELETE")[0], 405)
        run.stop(signal.SIGTERM, OK)


class Diagnose(HttpApi):
    def test_it_says_what_the_command_says(self):
        run = self.listen()
        path = "/api/whatsapp/diagnose/"
        status, body = self.curl(path + self.account)
        self.assertEqual(status, 200, body)
        said = json.loads(body)
        self.assertEqual((said["verdict"], said["cause"]), ("HEALTHY", None), body)
        command = self.json_of("diagnose")
        self.assertEqual(
            [each["id"] for each in said["checks"]], [each["id"] for each in command["checks"]]
        )
        self.assertEqual(said["accounts"][0]["account"], self.account)
        self.assertEqual(self.curl(path + "account_prod_" + "0" * 32)[0], 404)
        self.assertEqual(self.curl(path + self.account, "-X", "POST")[0], 405)
        phone = self.json_of("accounts", "list")[0]["phone"].lstrip("+")
        self.assertNotIn(phone, body)
        run.stop(signal.SIGTERM, OK)

    def test_it_says_what_is_wrong(self):
        run = self.listen()
        self.sim.fault("refuse-login=503")
        self.sim.drop_connections()
        run.event("disconnected")
        status, body = self.curl("/api/whatsapp/diagnose/" + self.account)
        self.assertEqual((status, json.loads(body)["cause"]), (200, "not_connected"), body)
        run.stop(signal.SIGTERM, OK)


class Backfill(HttpApi):
    """Started, as the existing backend's app does: by an answer at once, and then it runs."""

    phone = ("--older", "30")

    def listen(self, *options, **environment):
        return super().listen("--http-token-file", self.token_file(), *options, **environment)

    def start_it(self, account=None):
        path = "/api/whatsapp/backfill/" + (account or self.account)
        status, body = self.curl(path, "-X", "POST", "-H", "Authorization: Bearer " + TOKEN)
        return status, json.loads(body)

    def asked(self):
        return len(self.sim.ask("receipts")["history_requests"])

    def until_asked(self, times):
        deadline = time.monotonic() + harness.PATIENCE
        while self.asked() < times:
            self.assertLess(time.monotonic(), deadline, self.asked())

    def until_over(self):
        def over():
            return self.database().execute("SELECT count(*) FROM last_backfill").fetchone()[0]

        deadline = time.monotonic() + harness.PATIENCE
        while not over():
            self.assertLess(time.monotonic(), deadline, "the backfill did not end")

    def test_it_runs_once_at_a_time(self):
        run = self.listen(WHATSAPP_BACKFILL_COUNT="500")
        self.sim.fault("on-demand-silent")
        status, body = self.start_it()
        self.assertEqual(
            (status, body["success"], body["accountId"]), (200, True, self.account), body
        )
        self.until_asked(1)
        status, body = self.start_it()
        self.assertEqual((status, body["message"]), (200, "Backfill is running already"), body)
        self.assertEqual(self.asked(), 1)
        run.stop(signal.SIGTERM, OK)

    def test_it_fills_the_threads(self):
        run = self.listen(WHATSAPP_BACKFILL_COUNT="500")
        self.assertEqual(self.start_it()[0], 200)
        self.until_over()
        self.sim.dataset = lambda app_state=True: self.sim.ask("dataset?older=yes")
        self.assert_inbox_equals(self.sim)
        run.stop(signal.SIGTERM, OK)

    def test_what_cannot_be_filled(self):
        run = self.listen()
        status, body = self.start_it("account_prod_" + "0" * 32)
        self.assertEqual((status, body["error"]), (404, "account_not_found"), body)
        self.assertEqual(self.bearer(TOKEN, "/api/whatsapp/backfill/" + self.account)[0], 405)
        self.sim.fault("refuse-login=503")
        self.sim.drop_connections()
        run.event("disconnected")
        status, body = self.start_it()
        self.assertEqual((status, body["error"]), (409, "invalid_state"), body)
        self.assertTrue(body["currentStatus"], body)
        self.assertEqual(self.asked(), 0)
        run.stop(signal.SIGTERM, OK)


class Access(HttpApi):
    def test_without_a_token_only_this_machine(self):
        run = self.listen()
        path = "/api/whatsapp/accounts"
        self.assertEqual(self.curl(path)[0], 200)
        self.assertEqual(self.curl(path, "-H", "Host: evil.example")[0], 403)
        self.assertEqual(self.curl(path, "-H", "X-Forwarded-For: 10.0.0.1")[0], 403)
        self.assertEqual(self.curl(path, "-H", "Origin: https://evil.example")[0], 403)
        run.stop(signal.SIGTERM, OK)

    def test_a_token_file(self):
        path = self.token_file()
        run = self.listen("--http-token-file", path)
        self.assertEqual(self.curl("/api/whatsapp/accounts")[0], 401)
        self.assertEqual(self.bearer(TOKEN + "x")[0], 401)
        self.assertEqual(self.bearer(TOKEN)[0], 200)
        self.assertEqual(self.curl("/health")[0], 200)
        self.assertNotIn(TOKEN, run.account())
        run.stop(signal.SIGTERM, OK)

    def test_a_token_file_that_others_may_read_is_refused(self):
        path = self.token_file(0o644)
        run = self.run_sync("listen", "--http", "127.0.0.1:0", "--http-token-file", path)
        self.assertEqual(run.code, USAGE, run.account())
        self.assertIn("chmod 600", run.err.text())
        self.assertNotIn(TOKEN, run.err.text())

    def test_a_token_file_without_an_api_is_a_mistake(self):
        run = self.run_sync("listen", "--http-token-file", self.token_file())
        self.assertEqual(run.code, USAGE, run.account())

    def allow(self, *lines, mode=0o644):
        path = os.path.join(self.scratch, "allow")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.chmod(path, mode)
        return path

    def listen_for_users(self, google, *options):
        return self.listen(
            "--firebase-project", PROJECT, *options, WA_SYNC_FIREBASE_KEYS_URL=google.url
        )

    def test_firebase_users(self):
        google = Google(self, self.scratch)
        run = self.listen_for_users(google, "--http-allow", self.allow("user1"))
        self.assertEqual(self.bearer(google.token())[0], 200)
        self.assertEqual(self.bearer(google.token(exp=int(time.time()) - 3600))[0], 401)
        self.assertEqual(self.bearer(google.token(aud="other-project"))[0], 401)
        self.assertEqual(self.bearer(google.token({"alg": "none"}))[0], 401)
        self.assertEqual(self.bearer(google.token({"alg": "RS256", "kid": "key2"}))[0], 401)
        self.assertEqual(self.bearer(google.token()[:-4] + "AAAA")[0], 401)
        self.assertEqual(self.curl("/api/whatsapp/accounts")[0], 401)
        self.assertEqual(google.fetches, 1)
        run.stop(signal.SIGTERM, OK)

    def test_a_project_without_a_list_lets_nobody_in(self):
        google = Google(self, self.scratch)
        run = self.listen_for_users(google)
        status, body = self.bearer(google.token())
        self.assertEqual((status, json.loads(body)["error"]), (403, "forbidden"), body)
        self.assertIn("--http-allow", json.loads(body)["message"])
        self.assertIn("--http-allow", run.err.text())
        run.stop(signal.SIGTERM, OK)

    def test_roles_and_accounts_of_users(self):
        google = Google(self, self.scratch)
        account = self.json_of("accounts", "list")[0]["account"]
        path = self.allow(
            "# who may",
            "user1",
            "boss@example.com manage",
            "role=desk manage " + account,
            "role=elsewhere manage account_prod_" + "0" * 32,
        )
        run = self.listen_for_users(google, "--http-allow", path)
        threads = "/api/whatsapp/threads/" + account
        backfill = "/api/whatsapp/backfill/" + account

        def statuses(**claims):
            bearer = "Authorization: Bearer " + google.token(**claims)
            listed = self.curl("/api/whatsapp/accounts", "-H", bearer)
            shown = self.curl(threads, "-H", bearer)
            started = self.curl(backfill, "-X", "POST", "-H", bearer)
            accounts = listed[0] == 200 and json.loads(listed[1])["accounts"]
            return (accounts and [each["id"] for each in accounts], shown[0], started[0])

        boss = {"sub": "b", "email": "Boss@example.com"}
        self.assertEqual(statuses(), ([account], 200, 403))
        self.assertEqual(statuses(**boss, email_verified=True), ([account], 200, 200))
        self.assertEqual(statuses(**boss, email_verified=False), (False, 403, 403))
        self.assertEqual(statuses(sub="d", role="desk"), ([account], 200, 200))
        self.assertEqual(statuses(sub="e", role="elsewhere"), ([], 404, 404))
        anonymous = {"sign_in_provider": "anonymous"}
        self.assertEqual(statuses(firebase=anonymous), (False, 403, 403))
        self.allow("role=desk")
        run.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + harness.PATIENCE
        while statuses() != (False, 403, 403):
            self.assertLess(time.monotonic(), deadline, "the new list is not in force")
        self.assertEqual(statuses(sub="d", role="desk"), ([account], 200, 403))
        run.stop(signal.SIGTERM, OK)

    def test_a_list_that_is_wrong_is_refused(self):
        project = ("listen", "--http", "127.0.0.1:0", "--firebase-project", PROJECT)
        run = self.run_sync(*project, "--http-allow", self.allow("user1", "user2 writes"))
        self.assertEqual(run.code, USAGE, run.account())
        self.assertIn("line 2", run.err.text())
        run = self.run_sync(*project, "--http-allow", self.allow("user1", mode=0o666))
        self.assertEqual(run.code, USAGE, run.account())
        self.assertIn("chmod go-w", run.err.text())
        run = self.run_sync("listen", "--http", "127.0.0.1:0", "--http-allow", self.allow("user1"))
        self.assertEqual(run.code, USAGE, run.account())


class HungDownloads(HttpApi):
    """A media host that answers nobody, for more accounts than the listener has threads for blobs."""

    accounts = 6
    phone = ("--users", str(accounts))

    def setUp(self):
        super().setUp()
        self.sim.fault("hold-blobs")
        for user in range(1, self.accounts):
            phone = self.sim.ask("state?user=%d" % user)["phone"]
            run = self.start_pair(self.sim, "--phone", phone)
            self.sim.scan(run.event("qr")["code"], user=user)
            run.event("paired")
            run.stop(signal.SIGTERM, SIGTERM_CODE)

    def until_held(self, at_least):
        deadline = time.monotonic() + harness.PATIENCE
        while (held := self.sim.state()["blobs_held"]) < at_least:
            self.assertLess(time.monotonic(), deadline, "%d downloads hang" % held)

    def test_clients_do_not_wait_for_them(self):
        run = self.listen()
        self.until_held(4)
        listed = self.json_of("accounts", "list")
        threads = "/api/whatsapp/threads/" + listed[0]["account"]
        for path in ("/health", "/metrics", "/api/whatsapp/accounts", threads):
            self.assertEqual(self.curl(path)[0], 200, path)
        self.sim.fault("hold-blobs=off")
        to_come = {each["account"] for each in listed if each["messages"] == 0}
        self.assertEqual(len(to_come), self.accounts - 1)
        while to_come:
            to_come.discard(run.event("history")["account"])
        run.stop(signal.SIGTERM, OK)


class Misbehaviour(HttpApi):
    def test_a_body_too_large(self):
        run = self.listen()
        path = "/api/whatsapp/backfill/" + self.account
        self.assertEqual(self.curl(path, "--data-binary", "x" * 100_000)[0], 413)
        large = os.path.join(self.scratch, "large")
        with open(large, "wb") as file:
            file.write(bytes(3_000_000))
        self.assertEqual(self.curl(path, "--data-binary", "@" + large)[0], 413)
        run.stop(signal.SIGTERM, OK)

    def test_slow_clients_are_dropped_and_hinder_nobody(self):
        run = self.listen()
        slow = [self.connect() for _ in range(50)]
        for client in slow:
            client.sendall(b"GET /health HTTP/1.1\r\nHost:")
        self.assertEqual(self.curl("/health")[0], 200)
        for client in slow:
            self.assertEqual(client.recv(1), b"")  # in ten seconds
        run.stop(signal.SIGTERM, OK)

    def test_a_burst_is_answered_or_told_to_wait(self):
        run = self.listen()

        def ask(_):
            return self.curl("/health")[0]

        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(ask, range(200)))
        self.assertLessEqual(set(statuses), {200, 429})
        self.assertGreaterEqual(statuses.count(200), 190)
        run.stop(signal.SIGTERM, OK)

    def test_stopping_waits_for_no_client(self):
        run = self.listen()
        idle = self.connect()
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertIn(b"200 OK", idle.recv(4096))
        run.stop(signal.SIGTERM, OK)
        self.assertEqual(idle.recv(1), b"")


if __name__ == "__main__":
    harness.main()
