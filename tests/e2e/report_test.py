#!/usr/bin/env python3
"""A trace and a report tell what happened, and nothing of anybody.

usage: report_test.py BUILD_BIN_DIR [TEST…]
"""

import json
import os
import re
import signal
import stat
import tarfile

import harness
from harness import FAILED, OK, Case, spellings

PERSON = "40721000001@s.whatsapp.net"


def key_forms(key):
    """Of what the simulator tells in hexadecimal digits, or as a word."""
    try:
        return spellings(bytes.fromhex(key))
    except ValueError:
        return {key}


class Report(Case):
    def traced(self):
        """Linked, told something and filled from the phone, all with a trace; where it is."""
        trace = os.path.join(self.scratch, "trace")
        simulator = self.simulator()
        self.paired(simulator, "--trace", trace)
        run = self.connected(simulator, "--trace", trace)
        message = simulator.send_message(chat=PERSON, text="numai între noi")
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)
        run.stop(signal.SIGTERM, OK)
        filled = self.run_sync(
            *("backfill", "--server", simulator.url, "--server-key", simulator.key),
            *("--threads", "3", "--trace", trace)
        )
        self.assertEqual(filled.code, OK, filled.account())
        return simulator, trace, message

    def assert_tells_nothing(self, texts, simulator, *more):
        """Nothing that the simulator knows of its user, and no key of the account, is in them."""
        known = simulator.ask("secrets")
        keys = [secret for key in known.pop("keys") for secret in key_forms(key)]
        keys += [form for secret in self.secrets() for form in spellings(secret)]
        words = {word for kind in known.values() for word in kind} | set(keys) | set(more)
        self.assertGreater(len(words), 500)
        for word in words:
            pattern = re.compile(re.escape(word) if len(word) >= 6 else r"\b%s\b" % re.escape(word))
            # Less than that, or digits alone, is part of something else by chance.
            if len(word) < 4 or (len(word) < 6 and not word.isalpha()):
                continue
            for name, text in texts.items():
                self.assertNotRegex(text, pattern, name)

    def test_a_trace_shows_stanzas_and_nobody(self):
        simulator, trace, message = self.traced()
        with open(trace, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(stat.S_IMODE(os.stat(trace).st_mode), 0o600)
        for shown in (
            " > <iq ",
            ' < <success ',
            ' < <message from="#',
            '<enc v="2" type="',
            ' > <receipt ',
            'xmlns="encrypt"',
            ' # closed: ',
        ):
            self.assertIn(shown, text)
        self.assert_tells_nothing({"the trace": text}, simulator, message, "numai între noi")

    def test_an_archive_to_read_and_to_send(self):
        simulator, trace, message = self.traced()
        archive = os.path.join(self.scratch, "fault.tar.gz")
        run = self.run_sync("--json", "report", archive, "--trace", trace, WA_SYNC_PROJECT="secret-project")
        self.assertEqual(run.code, OK, run.account())
        told = json.loads(run.out.text())
        self.assertEqual(told["file"], archive)
        self.assertGreater(told["trace_lines"], 50)
        self.assertEqual(told["trace_lines_left_out"], 0)
        self.assertEqual(stat.S_IMODE(os.stat(archive).st_mode), 0o600)
        held = {}
        with tarfile.open(archive) as tar:
            for member in tar:
                self.assertTrue(member.isfile())
                folder, name = member.name.split("/")
                self.assertEqual(folder, "fault")
                held[name] = tar.extractfile(member).read().decode()
        self.assertEqual(sorted(held), sorted(told["entries"]))
        self.assert_tells_nothing(
            held, simulator, message, "secret-project", self.state, os.uname().nodename + "-"
        )
        self.assertIn("cause", json.loads(held["diagnosis.json"]))
        (counters,) = json.loads(held["counters.json"]).values()
        self.assertGreater(counters["messages"], 10)
        self.assertEqual(
            json.loads(held["settings.json"])["environment"]["WA_SYNC_PROJECT"], "set"
        )
        self.assertTrue(json.loads(held["versions.json"])["wa_sync"])
        self.assertIn(" < <success ", held["trace.txt"])

    def test_without_any_account(self):
        run = self.run_sync("report", os.path.join(self.scratch, "r.tar.gz"))
        self.assertEqual(run.code, OK, run.account())
        self.assertIn("tar -xzOf", run.err.text())

    def test_what_it_refuses(self):
        there = os.path.join(self.scratch, "there.tar.gz")
        with open(there, "w", encoding="utf-8") as file:
            file.write("mine")
        self.assert_fails(self.run_sync("report", there), FAILED, says=("there.tar.gz",))
        with open(there, encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")
        new = os.path.join(self.scratch, "new.tar.gz")
        self.assert_fails(
            self.run_sync("report", new, "--trace", self.scratch + "/none"), FAILED, says=("none",)
        )
        self.assertFalse(os.path.exists(new))
        run = self.run_sync("report", new, "--trace", there)
        self.assertEqual(run.code, OK, run.account())
        with tarfile.open(new) as tar:
            self.assertEqual(tar.extractfile("new/trace.txt").read(), b"")

    def test_a_trace_that_cannot_be_written(self):
        simulator = self.simulator()
        run = self.start_pair(simulator, "--trace", self.scratch + "/no/such")
        run.code = run.wait()
        self.assert_fails(run, FAILED, error="io", says=("/no/such",))


if __name__ == "__main__":
    harness.main()
