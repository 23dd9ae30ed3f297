#!/usr/bin/env python3
"""What a person, a pipe and a log file get to see of `wa-sync pair` and of the listings.

usage: output_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import os
import re
import signal
import subprocess
import time

import harness
from harness import OK, PATIENCE, SIGTERM_CODE, Case
from screen import Program

SUMMARY = r"""The inbox is ready\.

  account +\+40737123397
  conversations +13
  messages +\d+
  contacts +\d+
  oldest message +2025-12-\d\d

wa-sync could not read some damaged parts: 9\. All others are here\.

Next:
  wa-sync threads list .*
  wa-sync threads show THREAD .*"""


class Output(Case):
    def arguments(self, simulator, *options):
        return ["pair", "--server", simulator.url, "--server-key", simulator.key, *options]

    def piped(self, simulator, *options, **environment):
        """A run of `pair` that nobody watches, scanned, to its end."""
        run = self.start(*self.arguments(simulator, *options), **environment)
        deadline = time.monotonic() + PATIENCE
        while (line := run.out.next(deadline)) is not None:
            if line.startswith("qr "):
                simulator.scan(line.split("code=", 1)[1].strip())
        run.code = run.wait()
        return run

    def in_terminal(self, arguments, columns=80, rows=24, **environment):
        run = Program(
            [harness.program("wa-sync"), "--state-dir", self.state, *arguments],
            columns,
            rows,
            self.environment(**{"TERM": "xterm-256color", **environment}),
        )
        self.addCleanup(run.end)
        return run

    def watched(self, simulator, *options, columns=80, rows=40, **environment):
        """A run of `pair` in a terminal, scanned, to its end."""
        picture = self.scratch + "/qr.png"
        run = self.in_terminal(
            self.arguments(simulator, "--qr-png", picture, *options), columns, rows, **environment
        )
        run.read_until(lambda p: "▀" in p.terminal.text() or "##" in p.terminal.text())
        simulator.scan(self.code_in(picture))
        run.code = run.wait(PATIENCE)
        return run

    def code_in(self, picture):
        read = subprocess.run(
            ["zbarimg", "-q", "--raw", picture],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
        return read.stdout.decode().strip()


class Pipe(Output):
    def test_lines(self):
        run = self.piped(self.simulator())
        self.assertEqual(run.code, OK, run.account())
        self.assertEqual(run.err.text(), "")
        kinds = [line.split(" ", 1)[0] for line in run.out.all]
        self.assertEqual(kinds[:2], ["qr", "paired"])
        self.assertEqual(set(kinds[2:-1]), {"history"})
        self.assertEqual(kinds[-1].rstrip(), "done")
        self.assertRegex(run.out.all[-1], r"^done account=\S+ threads=13 messages=\d+ contacts=\d+")
        self.assertTrue(run.out.text().isascii())
        self.assertNotIn("\x1b", run.out.text())

    def test_quiet_prints_the_result_and_what_needs_an_answer(self):
        run = self.piped(self.simulator(), "--quiet")
        self.assertEqual(run.code, OK, run.account())
        kinds = [line.split(" ", 1)[0] for line in run.out.all]
        self.assertEqual(kinds, ["qr", "paired", "done"])
        self.assertEqual(run.err.text(), "")

    def test_verbose_logs_on_stderr_only(self):
        run = self.piped(self.simulator(), "-v")
        self.assertIn("debug:", run.err.text())
        kinds = {line.split(" ", 1)[0] for line in run.out.all}
        self.assertEqual(kinds, {"qr", "paired", "history", "done"})

    def test_the_same_whatever_the_language(self):
        run = self.piped(self.simulator(dataset="2x2"), LANG="ro_RO.UTF-8")
        kinds = [line.split(" ", 1)[0].rstrip() for line in run.out.all]
        self.assertEqual((kinds[0], kinds[-1]), ("qr", "done"))

    def test_a_drawing_when_asked_for(self):
        run = self.piped(self.simulator(dataset="2x2"), "--qr", "ascii")
        self.assertEqual(run.code, OK, run.account())
        self.assertIn("##", run.out.text())
        self.assertTrue(run.out.text().isascii())

    def test_colours_only_when_asked_for(self):
        self.piped(self.simulator())
        self.assertNotIn("\x1b", self.run_sync("threads", "list").out.text())
        self.assertIn("\x1b[", self.run_sync("threads", "list", "--color", "always").out.text())

    def test_errors_in_romanian(self):
        simulator = self.simulator(faults=["expired-cert"])
        run = self.piped(simulator, "--lang", "ro")
        self.assertEqual(run.code, harness.WHATSAPP)
        self.assertRegex(run.err.text(), r"(?m)^sfat: \S")
        self.assertIn("a expirat", run.err.text())

    def test_nothing_hostile_reaches_a_terminal(self):
        self.piped(self.simulator())
        threads = self.threads()
        raw = "".join(thread["name"] or "" for thread in threads)
        self.assertIn("\x1b", raw)  # or this test sees nothing
        said = self.run_sync("threads", "list", "--all", "--hidden").out.text()
        for thread in threads:
            said += self.run_sync("threads", "show", thread["thread"]).out.text()
        self.assertIsNone(re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said))

    def test_a_reader_that_goes_away(self):
        simulator = self.simulator("--chunk", "50", dataset="20x30")
        reader, writer = os.pipe()
        run = subprocess.Popen(
            [harness.program("wa-sync"), "--state-dir", self.state]
            + self.arguments(simulator, "--json"),
            stdout=writer,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
        )
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        os.close(writer)
        with os.fdopen(reader) as lines:
            simulator.scan(json.loads(lines.readline())["code"])
            self.assertEqual(json.loads(lines.readline())["event"], "paired")
        self.assertIn(run.wait(PATIENCE), (-signal.SIGPIPE, harness.FAILED))
        again = self.paired(simulator)
        self.assertEqual(again.named("qr"), [])
        self.assert_inbox_equals(simulator)


class Terminal(Output):
    def test_code_bars_and_summary(self):
        run = self.watched(self.simulator())
        text = run.terminal.text()
        self.assertEqual(run.code, OK, text)
        self.assertRegex(text, SUMMARY)
        self.assertIn("Linked: +40737123397", text)
        self.assertRegex(text, r"recent history +\S+ +100%")
        self.assertNotIn("▀", text.split("Linked")[0])  # the code is gone
        self.assertIn(b"\x1b[32m", run.raw)

    def test_no_color(self):
        run = self.watched(self.simulator(), NO_COLOR="1")
        self.assertEqual(run.code, OK, run.terminal.text())
        self.assertRegex(run.terminal.text(), SUMMARY)
        self.assertIsNone(re.search(rb"\x1b\[[0-9;]*m", run.raw))

    def test_romanian(self):
        run = self.watched(self.simulator(), "--lang", "ro")
        text = run.terminal.text()
        self.assertEqual(run.code, OK, text)
        for words in ("Conectat: +40737123397", "Inboxul este gata.", "conversații", "Mai departe:"):
            self.assertIn(words, text)
        for words in ("Linked", "inbox is ready", "conversations"):
            self.assertNotIn(words, text)

    def test_narrow(self):
        run = self.watched(self.simulator(), columns=64, rows=36)
        text = run.terminal.text()
        self.assertEqual(run.code, OK, text)
        self.assertIn("The inbox is ready.", text)
        self.assertRegex(text, r"recent history +\S+ +100%")

    def test_quiet(self):
        run = self.watched(self.simulator(), "--quiet")
        text = run.terminal.text()
        self.assertEqual(run.code, OK, text)
        self.assertNotIn("The inbox is ready.", text)
        self.assertNotIn("100%", text)

    def test_a_phone_without_chats(self):
        run = self.watched(self.simulator(dataset="0x0"))
        text = run.terminal.text()
        self.assertEqual(run.code, OK, text)
        self.assertIn("the phone has no chats", text)
        self.assertIn("Send or receive a new message", text)
        self.assertNotIn("The inbox is ready", text)

    def test_resumed(self):
        simulator = self.simulator()
        self.paired(simulator, "--no-wait")
        run = self.in_terminal(self.arguments(simulator))
        self.assertEqual(run.wait(PATIENCE), OK, run.terminal.text())
        self.assertIn("no QR needed", run.terminal.text())
        self.assertRegex(run.terminal.text(), SUMMARY)

    def test_lists_fit_the_window(self):
        self.paired(self.simulator())
        for columns in (50, 80, 120):
            with self.subTest(columns=columns):
                run = self.in_terminal(["threads", "list"], columns, 40)
                self.assertEqual(run.wait(), OK)
                lines = [line for line in run.terminal.text().splitlines() if line]
                self.assertEqual(len(lines), 13, run.terminal.text())  # no line wrapped
                self.assertTrue(any("Ana" in line for line in lines))

    def test_a_conversation(self):
        self.paired(self.simulator())
        run = self.in_terminal(["threads", "show", "Ana Popescu"], 100, 60)
        self.assertEqual(run.wait(), OK, run.terminal.text())
        text = run.terminal.text()
        for words in ("+40721000001", "Bună ziua!", "Cu drag!", "👍", "Contract Ștefan.pdf"):
            self.assertIn(words, text)


if __name__ == "__main__":
    harness.main()
