#!/usr/bin/env python3
"""Finding, starting and stopping the emulator itself; and what its tests say without one.

usage: ctest --test-dir BUILD_DIR -R firestore.emulator
"""

import os
import signal
import subprocess
import sys
import time
from unittest import mock

import emulator
import harness
from case import HERE, FirestoreCase
from harness import Case

HOST = "FIRESTORE_EMULATOR_HOST"


class Finding(Case):
    def setUp(self):
        super().setUp()
        self.jar = os.path.join(self.scratch, emulator.FOLDER, emulator.JAR)
        os.makedirs(os.path.dirname(self.jar))
        open(self.jar, "w").close()

    def found(self, **environment):
        with mock.patch.dict(os.environ, environment):
            return emulator.find_jar()

    def test_by_path(self):
        script = os.path.join(os.path.dirname(self.jar), "cloud_firestore_emulator")
        for given in (self.jar, os.path.dirname(self.jar), script, self.scratch):
            self.assertEqual(self.found(FIRESTORE_EMULATOR=given), self.jar, given)

    def test_nothing_at_the_path(self):
        with self.assertRaisesRegex(emulator.NoEmulator, "FIRESTORE_EMULATOR=/nowhere"):
            self.found(FIRESTORE_EMULATOR="/nowhere")

    def test_beside_gcloud(self):
        binary = os.path.join(self.scratch, "bin/gcloud")
        os.mkdir(os.path.dirname(binary))
        with open(binary, "w") as script:
            os.fchmod(script.fileno(), 0o755)
        linked = os.path.join(self.scratch, "gcloud")
        os.symlink(binary, linked)
        with mock.patch.dict(os.environ, PATH=self.scratch):
            self.assertIn(self.scratch, list(emulator.roots()))


class Running(FirestoreCase):
    def own(self, **options):
        """An emulator of this test."""
        environment = {key: value for key, value in os.environ.items() if key != HOST}
        with mock.patch.dict(os.environ, environment, clear=True):
            made = emulator.Emulator(heap="512m", **options)
        self.addCleanup(made.stop)
        return made

    def test_stops(self):
        made = self.own()
        self.assertTrue(emulator.answers(made.host))
        made.stop()
        self.assertFalse(emulator.answers(made.host))

    def test_takes_another_port(self):
        taken = self.host.split(":")[1]
        ports = iter([int(taken), emulator.free_port()])
        with mock.patch.object(emulator, "free_port", lambda: next(ports)):
            made = self.own()
        self.assertNotEqual(made.host, self.host)
        self.assertTrue(emulator.answers(made.host))

    def test_what_cannot_start_says_why(self):
        jar = os.path.join(self.scratch, "empty.jar")
        open(jar, "w").close()
        with mock.patch.dict(os.environ, FIRESTORE_EMULATOR=jar):
            with self.assertRaisesRegex(RuntimeError, "did not start:\n(?s:.*)CloudFirestore"):
                self.own()

    def test_ends_with_a_killed_run(self):
        code = (
            "import emulator, sys, threading\n"
            "made = emulator.Emulator(heap='512m')\n"
            "print(made.process.pid, made.host, flush=True)\n"
            "threading.Event().wait()\n"
        )
        environment = {key: value for key, value in os.environ.items() if key != HOST}
        run = harness.Child(
            self, [sys.executable, "-c", code], {**environment, "PYTHONPATH": HERE}
        )
        line = run.out.next(time.monotonic() + harness.PATIENCE)
        self.assertTrue(line, run.account())
        pid, host = line.split()
        run.process.send_signal(signal.SIGKILL)
        run.wait()
        deadline = time.monotonic() + harness.PATIENCE
        while emulator.answers(host):
            self.assertLess(time.monotonic(), deadline, "emulator %s is left" % pid)


class ForCtest(Case):
    """What --start leaves for the tests of a run."""

    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.scratch, "emulator.json")
        self.program = os.path.join(HERE, "emulator.py")

    def told(self, *command, **environment):
        clean = {key: value for key, value in os.environ.items() if key != HOST}
        return subprocess.run(
            command,
            env={**clean, "PYTHONPATH": os.path.dirname(harness.__file__), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * harness.PATIENCE,
        )

    def beside(self, *command):
        return self.told(self.program, "--beside", self.file, *command)

    def test_without_one_its_tests_are_skipped(self):
        start = self.told(self.program, "--start", self.file, FIRESTORE_EMULATOR="/nowhere")
        self.assertEqual(start.returncode, 0, start.stdout)
        test = os.path.join(HERE, "fidelity_test.py")
        run = self.beside(sys.executable, test, harness.build_bin, "Fidelity.test_clear")
        self.assertRegex(run.stdout, "skipped .no Firestore emulator at FIRESTORE_EMULATOR=/nowhere")
        self.assertRegex(run.stdout, r"OK \(skipped=1\)")

    def test_ends_with_the_run(self):
        # The run is the shell, which ends after the second command.
        run = self.told(
            "sh", "-c", '"$0" --start "$1" && "$0" --beside "$1" printenv ' + HOST, self.program,
            self.file,
        )  # fmt: skip
        host = run.stdout.splitlines()[-1]
        deadline = time.monotonic() + harness.PATIENCE
        while emulator.answers(host):
            self.assertLess(time.monotonic(), deadline, "it goes on at " + host)


if __name__ == "__main__":
    harness.main()
