#!/usr/bin/env python3
"""usage: crash.py BUILD_BIN_DIR [--rounds N] [--seed N] [PART…]

What wa-sync survives, counted; exit status 1 when it lost something or has it twice.

  store      each call fails by which SQLite works on an account's file (tests/crash/store_faults.cpp)
  accounts   `listen` with four accounts is killed at random, N times (tests/crash/killed.py)
  inbox      the same beside Google's Firestore emulator
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, each) for each in ("crash", "e2e", "firestore")]

import harness
import store_test
from emulator import Emulator, NoEmulator

PARTS = ("store", "accounts", "inbox")


def store():
    """Whether all is well."""
    well = True
    total = {name: 0 for name in ("faults", "reported", "lost", "twice", "other", "defects")}
    print("%-8s %-7s %-16s %7s %9s %5s %6s %6s" % (
        "work", "trouble", "goes on with", "faults", "reported", "lost", "twice", "other"))
    for work in store_test.WORK:
        for trouble in store_test.TROUBLE:
            figures, said, code = store_test.run("--work", work, "--trouble", trouble)
            well = well and code == 0
            sys.stderr.write(said)
            for each in figures:
                for name in total:
                    total[name] += each[name]
                print("%-8s %-7s %-16s %7d %9d %5d %6d %6d" % (
                    work, trouble, each["afterwards"], each["faults"], each["reported"],
                    each["lost"], each["twice"], each["other"]), flush=True)
    print("store: " + json.dumps(total), flush=True)
    return well


def killed(test, options, **environment):
    environment = {**os.environ, "CRASH_ROUNDS": str(options.rounds), **environment}
    if options.seed:
        environment["CRASH_SEED"] = str(options.seed)
    environment["PYTHONPATH"] = os.path.join(TESTS, "e2e")
    command = [sys.executable, "-B", os.path.join(TESTS, test), harness.build_bin]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    figures = re.search("^figures: (.*)", done.stdout, re.MULTILINE)
    print("%s: %s" % (test, figures.group(1) if figures else done.stdout), flush=True)
    if done.returncode != 0 and figures:
        print(done.stdout)
    return done.returncode == 0


def accounts(options):
    return killed("crash/accounts_test.py", options)


def inbox(options):
    try:
        with Emulator() as emulator:
            host = {"FIRESTORE_EMULATOR_HOST": emulator.host}
            return killed("firestore/killed_test.py", options, **host)
    except NoEmulator as why:
        print("inbox: skipped: %s" % why)
        return True


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0].replace("usage: ", ""))
    parser.add_argument("build_bin")
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error("no such part: " + ", ".join(sorted(unknown)))
    harness.build_bin = os.path.abspath(options.build_bin)
    # Thousands of commits, and processes that end, not machines: memory does as well as a disk.
    if os.access("/dev/shm", os.W_OK) and "TMPDIR" not in os.environ:
        scratch = tempfile.TemporaryDirectory(dir="/dev/shm", prefix="wa-sync-bench-")
        os.environ["TMPDIR"] = scratch.name
    well = True
    for part in options.parts or PARTS:
        made = {"store": lambda _: store(), "accounts": accounts, "inbox": inbox}[part](options)
        well = well and made
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
