"""The real binaries against each other: wa-sim started and told what to do, wa-sync run in a
scratch state directory, its events read one by one.

Every wait has a deadline and nothing sleeps to let time pass. A simulator ends with the test
that started it, even when the test is killed: it watches its standard input.
"""

import contextlib
import hashlib
import json
import os
import queue
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from datetime import datetime

# Seconds before a wait is given up. Ample: builds with sanitizers on a busy machine are slow.
PATIENCE = 90

OPTIONS_TO_KEEP = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")

# Exit codes, as the command line's contract lists them.
OK, FAILED, USAGE, NOT_PAIRED, WHATSAPP, TIMED_OUT, HELD, NOTHING_TO_DO = 0, 1, 2, 3, 4, 6, 7, 8
SIGHUP_CODE, SIGINT_CODE, SIGTERM_CODE = 129, 130, 143

# What the simulator's media are, for the kinds that it makes up.
MEDIA = {
    "image": {"mimetype": "image/jpeg", "size": 123456, "width": 1200, "height": 1600},
    "video": {"mimetype": "video/mp4", "size": 2345678, "seconds": 14},
    "audio": {"mimetype": "audio/ogg; codecs=opus", "size": 34567, "seconds": 7},
    "document": {"mimetype": "application/pdf", "size": 45678},
    "sticker": {"mimetype": "image/webp", "size": 23456},
}

build_bin = None  # the directory of wa-sync and wa-sim


def program(name):
    return os.path.join(build_bin, name)


class Lines:
    """The lines of a pipe as they come, read by a thread so that waiting can end."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.all = []
        self.arrived = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.pipe:
            text = line.decode("utf-8", errors="surrogateescape")
            self.all.append(text)
            self.arrived.put(text)
        self.arrived.put(None)

    def next(self, deadline):
        """The next line; None at the end. Raises queue.Empty when the deadline passed."""
        return self.arrived.get(timeout=max(0.01, deadline - time.monotonic()))

    def text(self):
        return "".join(self.all)


class Child:
    """A process of ours, killed by its id at the latest when the test ends."""

    def __init__(self, test, arguments, environment, **options):
        self.arguments = arguments
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **options
        )
        self.out = Lines(self.process.stdout)
        self.err = Lines(self.process.stderr)
        test.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for lines in (self.out, self.err):
            lines.thread.join(PATIENCE)
            lines.pipe.close()

    def wait(self, seconds=PATIENCE):
        """The exit code, with both pipes read to their ends."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("still running after %d s\n%s" % (seconds, self.account()))
        for lines in (self.out, self.err):
            lines.thread.join(PATIENCE)
        return code

    def says(self, word, seconds=PATIENCE):
        """Waits for a line on stderr with this word in it; the line."""
        deadline = time.monotonic() + seconds
        try:
            while (line := self.err.next(deadline)) is not None:
                if word in line:
                    return line
        except queue.Empty:
            pass
        raise AssertionError("stderr never said %r\n%s" % (word, self.account()))

    def account(self):
        """What it was and what it said, for a failure's message."""
        return "$ %s\n--- stdout\n%s--- stderr\n%s" % (
            " ".join(self.arguments),
            self.out.text(),
            self.err.text(),
        )


def node(tag, *children, content=None, **attributes):
    """A stanza, or a part of one, for Simulator.send_stanza."""
    names = {"from_": "from", "call_id": "call-id", "call_creator": "call-creator"}
    names["group_jid"] = "group-jid"
    described = {
        "tag": tag,
        "attributes": {names.get(key, key): value for key, value in attributes.items()},
    }
    if children:
        described["children"] = list(children)
    if content is not None:
        described["content_hex"] = content.hex()
    return described


class Simulator(Child):
    def __init__(self, test, *options, dataset="small", faults=()):
        arguments = [program("wa-sim"), "--exit-with-stdin", "--dataset", dataset, *options]
        for fault in faults:
            arguments += ["--fault", fault]
        super().__init__(test, arguments, clean_environment(), stdin=subprocess.PIPE)
        try:
            ready = json.loads(self.out.next(time.monotonic() + PATIENCE) or "{}")
            self.url, self.key, self.http = ready["url"], ready["root_key"], ready["http"]
        except (queue.Empty, KeyError):
            raise AssertionError("wa-sim did not start\n" + self.account())

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        super().end()

    def ask(self, path, body=None):
        data = None if body is None else body.encode()
        request = urllib.request.Request(self.http + "/admin/" + path, data=data)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError("%s: %d %s" % (path, error.code, error.read().decode()))

    def scan(self, code, user=0):
        """By the phone of the user with that number."""
        return self.ask("mock-phone/scan-qr?user=%d" % user, code)

    def type_code(self, code):
        """The user types it on the phone."""
        return self.ask("mock-phone/enter-code", json.dumps({"code": code}))

    def fault(self, fault):
        return self.ask("fault", fault)

    def until(self, condition, seconds=PATIENCE):
        """Asks for the state again and again until condition(state) holds."""
        deadline = time.monotonic() + seconds
        while not condition(state := self.state()):
            if time.monotonic() > deadline:
                raise AssertionError("never came: %r" % state)

    def send_message(self, **message):
        return self.ask("mock-phone/send-message", json.dumps(message))["id"]

    def send_stanza(self, tag, *children, **attributes):
        """Python has no `from` and no '-' in names: write `from_` and `call_id`."""
        stanza = node(tag, *children, **attributes)
        return self.ask("mock-phone/send-stanza", json.dumps(stanza))["id"]

    def send_receipt(self, **receipt):
        self.ask("mock-phone/send-receipt", json.dumps(receipt))

    def clock_ahead(self, seconds):
        """Of this host's, as clients see it from now on."""
        self.ask("clock", str(seconds))

    def drop_connections(self):
        return self.ask("drop", "")["dropped"]

    def dataset(self, app_state=True):
        """The answer key; or as it is without the names that only app state tells."""
        return self.ask("dataset" if app_state else "dataset?app_state=no")

    def state(self):
        return self.ask("state")

    def receipts(self, kind=None):
        return [
            each["id"]
            for each in self.ask("receipts")["receipts"]
            if kind is None or each.get("type") == kind
        ]


class Sync(Child):
    """One run of wa-sync. With --json its standard output is read as events."""

    def __init__(
        self, test, arguments, environment, name="wa-sync", by=(), stdin=subprocess.DEVNULL
    ):
        # Without the terminal of whoever runs the tests: with one, SIGHUP means that it is gone.
        super().__init__(
            test, [*by, program(name), *arguments], environment, stdin=stdin, start_new_session=True
        )
        self.events = []

    def next_event(self, seconds=PATIENCE):
        """The next event; None when the output has ended."""
        try:
            line = self.out.next(time.monotonic() + seconds)
        except queue.Empty:
            raise AssertionError("no event in %d s\n%s" % (seconds, self.account()))
        if line is None:
            return None
        try:
            event = json.loads(line)
        except ValueError:
            if self.process.poll() != -signal.SIGKILL:
                raise AssertionError("not JSON: %r\n%s" % (line, self.account()))
            return None  # cut in the middle of a line
        self.events.append(event)
        return event

    def event(self, name, seconds=PATIENCE):
        """Reads on until an event of that name."""
        deadline = time.monotonic() + seconds
        while True:
            event = self.next_event(deadline - time.monotonic())
            if event is None:
                raise AssertionError("ended without %r\n%s" % (name, self.account()))
            if event["event"] == name:
                return event

    def stop(self, signal_number, code=None):
        """Signals, reads to the end, checks the exit code if one is expected."""
        self.process.send_signal(signal_number)
        self.code = self.finish()
        if code is not None and self.code != code:
            raise AssertionError("ended with %d\n%s" % (self.code, self.account()))

    def kill(self):
        """kill -9; what it had said by then is read."""
        self.process.kill()
        self.wait()
        while self.next_event() is not None:
            pass

    def finish(self, simulator=None, seconds=PATIENCE, user=0):
        """Reads to the end, scanning or typing the codes that come; the exit code."""
        deadline = time.monotonic() + seconds
        while (event := self.next_event(deadline - time.monotonic())) is not None:
            if event["event"] == "qr" and simulator:
                simulator.scan(event["code"], user)
            if event["event"] == "code" and simulator:
                simulator.type_code(event["code"])
        return self.wait(max(1, deadline - time.monotonic()))

    def named(self, name):
        return [event for event in self.events if event["event"] == name]


def clean_environment(**more):
    kept = {name: os.environ[name] for name in OPTIONS_TO_KEEP if name in os.environ}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", **kept, **more}


class OneUser:
    """A simulator whose answer key is that of one user."""

    def __init__(self, simulator, number):
        self.simulator = simulator
        self.number = number

    def dataset(self, app_state=True):
        query = "dataset?user=%d" + ("" if app_state else "&app_state=no")
        return self.simulator.ask(query % self.number)


class Case(unittest.TestCase):
    """A test with a scratch directory and its own state directory in it."""

    maxDiff = 4000
    by = ()  # a command that runs wa-sync in some special way

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="wa-sync-e2e-")
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name
        self.state = os.path.join(self.scratch, "state")

    def simulator(self, *options, **keywords):
        return Simulator(self, *options, **keywords)

    def environment(self, **more):
        # The phone is asked for nothing that a test does not ask for.
        return clean_environment(HOME=self.scratch, **{"AUTO_BACKFILL_ENABLED": "false", **more})

    def start(
        self, *arguments, name="wa-sync", by=(), stdin=subprocess.DEVNULL, **environment
    ):
        where = () if arguments[:1] == ("help",) else ("--state-dir", self.state)
        return Sync(
            self,
            [*where, *arguments],
            self.environment(**environment),
            name,
            by or self.by,
            stdin,
        )

    def run_sync(self, *arguments, **environment):
        """Runs to the end; the process, with `code`."""
        run = self.start(*arguments, **environment)
        run.code = run.wait()
        return run

    def start_pair(self, simulator, *options, **keywords):
        return self.start(
            *("pair", "--json", "--server", simulator.url, "--server-key", simulator.key),
            *options,
            **keywords
        )

    def start_listen(self, simulator, *options, **keywords):
        """A running `listen` that has said so."""
        run = self.start(
            *("listen", "--json", "--server", simulator.url, "--server-key", simulator.key),
            *options,
            **keywords
        )
        run.event("listening")
        return run

    def connected(self, simulator, *options, **keywords):
        """… that is connected."""
        run = self.start_listen(simulator, *options, **keywords)
        run.event("connected")
        return run

    def pair(self, simulator, *options, **environment):
        """Runs `pair` to its end, scanning; the process, with `code`."""
        run = self.start_pair(simulator, *options, **environment)
        run.code = run.finish(simulator)
        return run

    def paired(self, simulator, *options, **environment):
        run = self.pair(simulator, *options, **environment)
        self.assertEqual(run.code, OK, run.account())
        return run

    def json_of(self, *arguments):
        run = self.run_sync("--json", *arguments)
        self.assertEqual(run.code, OK, run.account())
        return json.loads(run.out.text())

    def help(self):
        return "".join(
            self.run_sync(*command, "--help").out.text()
            for command in ((), ("pair",), ("listen",), ("backfill",), ("diagnose",), ("report",), ("unpair",), ("threads", "list"), ("threads", "show"), ("messages", "search"))
        )

    def threads(self):
        return self.json_of("threads", "list", "--all", "--hidden")

    def account_directory(self):
        accounts = os.path.join(self.state, "accounts")
        (account,) = os.listdir(accounts)
        return os.path.join(accounts, account)

    def account_file(self):
        return os.path.join(self.account_directory(), "wa-sync.db")

    def database(self):
        """The account's file, to look at."""
        connection = sqlite3.connect("file:%s?mode=ro" % self.account_file(), uri=True)
        self.addCleanup(connection.close)
        return connection

    # What the contract promises of every failure.

    def assert_fails(self, run, code, *, error=None, says=(), hints=()):
        """Exit code, a sentence and a hint on stderr, and with --json an error event."""
        self.assertEqual(run.code, code, run.account())
        stderr = run.err.text()
        lines = [line for line in stderr.splitlines() if line.startswith("wa-sync: ")]
        self.assertTrue(lines, "no message\n" + run.account())
        self.assertRegex(stderr, r"(?m)^hint: \S", run.account())
        for word in says:
            self.assertIn(word, stderr, run.account())
        hint = stderr[stderr.index("hint: ") :]
        for option in re.findall(r"--[a-z][a-z-]+", hint):
            self.assertIn(option, self.help(), "the hint names an option that does not exist")
        for word in hints:
            self.assertIn(word, hint, run.account())
        if "--json" not in run.arguments:
            return
        event = json.loads(run.out.all[-1])
        self.assertEqual(event["event"], "error", run.account())
        self.assertTrue(event["message"] and event["hint"], run.account())
        if error:
            self.assertEqual(event["code"], error, run.account())

    def assert_stopped(self, run, code):
        self.assertEqual(run.code, code, run.account())
        self.assertIn("wa-sync: stopped", run.err.text(), run.account())

    # The inbox against the simulator's answer key.

    def assert_inbox_equals(self, simulator, app_state=True):
        expected = simulator.dataset(app_state)
        ours = self.threads()
        wanted = sorted(
            (as_listed(thread) for thread in expected["threads"]),
            key=lambda thread: (-thread["last_message_at"], thread["jid"]),
        )
        self.assert_same_list([listed(thread) for thread in ours], wanted, "jid", "threads list")
        names = {contact["jid"]: contact for contact in expected["contacts"]}
        by_jid = {thread["jid"]: thread for thread in expected["threads"]}
        for thread in ours:
            key = by_jid[thread["jid"]]
            shown = self.json_of("threads", "show", thread["thread"], "--limit", "1000000")
            self.assert_same_list(
                [shown_message(message) for message in shown],
                [as_shown(message, key, names) for message in key["message_list"]],
                "id",
                thread["jid"],
            )

    def assert_same_list(self, ours, expected, key, where):
        """As assertEqual, but says briefly what differs."""
        differences = []
        for a, b in zip(ours, expected):
            if a[key] == b[key]:
                differences += [
                    "%s %s: %r instead of %r" % (a[key], field, a[field], b[field])
                    for field in b
                    if a[field] != b[field]
                ]
        self.assertEqual([], differences, where)
        self.assertEqual([each[key] for each in ours], [each[key] for each in expected], where)

    def assert_sound(self):
        """SQLite finds nothing wrong, and nothing is there twice."""
        database = self.database()
        self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
        self.assert_index_is_sound()

    def assert_not_restored(self):
        """wa-sync has never taken the account's file for a backup that was put back."""
        restored = self.database().execute("SELECT restored_at FROM device").fetchall()
        self.assertEqual(restored, [(0,)])

    def assert_index_is_sound(self, whole=False):
        """The search index, if there is one, has exactly what SQLite finds in the rows that it is
        about; with `whole`, these are all rows."""
        with contextlib.closing(sqlite3.connect(self.account_file())) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema")}
            for table in ("message_search", "thread_search", "address_search"):
                if table in tables:
                    check = "INSERT INTO %s (%s, rank) VALUES ('integrity-check', 1)"
                    database.execute(check % (table, table))
            database.rollback()
            if not whole:
                return
            counts = database.execute(
                "SELECT messages_to = (SELECT max(row_id) FROM messages),"
                " threads_to = (SELECT max(row_id) FROM threads) FROM search_state WHERE kept = 1"
            )
            self.assertEqual(counts.fetchall(), [(1, 1)])

    def assert_no_secrets(self, run):
        """No key of this account in what a run said (but the QR code), nor in its arguments."""
        codes = {event["code"] for event in run.named("qr")}
        said = run.out.text() + run.err.text() + " ".join(run.arguments)
        for code in codes:
            said = said.replace(code, "")
            # The code is shown on purpose, the secret in it nowhere else.
            self.assertNotIn(code.split(",")[-2], said)
        for secret in self.secrets():
            for form in spellings(secret):
                self.assertNotIn(form, said, run.account())

    def secrets(self):
        database = self.database()
        tables = [
            ("device", "noise_private_key"),
            ("signal_local", "private_key"),
            ("signal_signed_pre_keys", "private_key"),
            ("signal_pre_keys", "private_key"),
        ]
        found = []
        for table, column in tables:
            keys = [row[0] for row in database.execute("SELECT %s FROM %s" % (column, table))]
            self.assertTrue(keys or table == "signal_pre_keys", table)
            found += keys
        return found


def spellings(secret):
    import base64

    standard = base64.b64encode(secret).decode().rstrip("=")
    return {secret.hex(), secret.hex().upper(), standard, standard.translate({43: "-", 47: "_"})}


def seconds(time_text):
    return int(datetime.fromisoformat(time_text.replace("Z", "+00:00")).timestamp())


LISTED = (
    "jid",
    "name",
    "phone",
    "last_message",
    "direction",
    "unread",
    "messages",
    "placeholder",
    "hidden_because",
)


def listed(thread):
    """What can be compared of an entry of `threads list --json`."""
    out = {name: thread[name] for name in LISTED}
    out["last_message_at"] = seconds(thread["last_message_at"])
    return out


def as_listed(expected):
    out = {name: expected[name] for name in LISTED}
    for name in ("name", "phone", "last_message"):
        out[name] = out[name] or None
    out["last_message_at"] = expected["last_message_at"]
    return out


def shown_message(message):
    """What can be compared of an entry of `threads show --json`."""
    out = {
        "id": message["id"],
        "type": message["type"],
        "timestamp": seconds(message["at"]),
        "direction": message["direction"],
        "sender": message["sender"],
        "sender_name": message["sender_name"],
        "quoted_id": (message["quoted"] or {}).get("id"),
        "reactions": message["reactions"],
        "edited": message["edited_at"] is not None,
        "deleted": message["deleted_at"] is not None,
        "media": None,
    }
    if message["type"] in MEDIA:
        media = dict(message["media"])
        out["media"] = {name: media[name] for name in MEDIA[message["type"]]}
        out["filename"] = media["filename"] or None
    if message["type"] in BODY_KNOWN:
        out["body"] = message["body"]
    return out


BODY_KNOWN = ("text", "image", "video", "audio", "document")


def as_shown(message, thread, contacts):
    ours = message["from_me"]
    writer = contacts.get(message.get("sender"))
    out = {
        "id": document_id(message, thread),
        "type": message["type"],
        "timestamp": message["timestamp"],
        "direction": "outbound" if ours else "inbound",
        "sender": None if ours else message["sender"],
        "sender_name": "me" if ours else sender_name(writer, thread),
        "quoted_id": message.get("quoted_id"),
        "reactions": message["reactions"],
        "edited": message["edited"],
        "deleted": message["deleted"],
        "media": None,
    }
    if message["type"] in MEDIA:
        out["media"] = MEDIA[message["type"]]
        out["filename"] = message.get("filename")
    if message["type"] in BODY_KNOWN:
        # NUL ends a text for SQLite; an empty text says as much as none.
        out["body"] = (message["body"] or "").replace("\0", "\ufffd") or None
    return out


def sender_name(writer, thread):
    """In a conversation of two the thread's own name; in groups the best name of the writer."""
    if not thread["jid"].endswith("@g.us"):
        return thread["name"] or writer["jid"]
    names = (writer["name"], writer["notify"], writer["verified_name"], writer["phone"])
    return next((" ".join(name.split()) for name in names if name), writer["jid"])


def document_id(message, thread):
    """The contract's rule for ids of message documents."""
    key_id = message["id"]
    size = len(key_id.encode("utf-8", errors="surrogatepass"))
    safe = (
        1 <= size <= 1500
        and "/" not in key_id
        and key_id not in (".", "..")
        and not (key_id.startswith("__") and key_id.endswith("__"))
        and not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in key_id)
    )
    if safe:
        return key_id
    participant = message["sender"] if thread["jid"].endswith("@g.us") and not message["from_me"] else ""
    parts = (thread["jid"], key_id, "true" if message["from_me"] else "false", participant)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def main():
    global build_bin
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit("usage: %s BUILD_BIN_DIR [TEST…]" % sys.argv[0])
    # The tests import this module by its name; this is the same one.
    sys.modules.setdefault("harness", sys.modules[__name__])
    build_bin = os.path.abspath(sys.argv[1])
    for name in ("wa-sync", "wa-sim"):
        if not os.access(program(name), os.X_OK):
            sys.exit("no %s in %s: build it first" % (name, build_bin))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unittest.main(module="__main__", argv=[sys.argv[0], "-v", *sys.argv[2:]])
