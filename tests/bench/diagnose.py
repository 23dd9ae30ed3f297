#!/usr/bin/env python3
"""usage: diagnose.py BUILD_BIN_DIR [--accounts N] [--chats N] [--rounds N]

How long `wa-sync diagnose` takes beside a running listener of so many accounts with so many chats
each (30 and 1667), and what it reads in Firestore. Beside it, of the same run, what it takes to read
the same conversations and no more: `wa-sync threads list` of all accounts, one after the other.
"""

import argparse
import json
import os
import statistics
import time

import listen_bed as bed
import harness
from emulator import Emulator, NoEmulator, new_project
from listen import queued
from stub import Stub

MESSAGES = 2  # of each chat


def timed(at, *arguments, **environment):
    """What it printed, and in how many seconds."""
    began = time.monotonic()
    run = at.start(*arguments, "--json", **environment)
    run.wait()
    return json.loads(run.out.text()), time.monotonic() - began


def until_history_is_here(at):
    deadline = time.monotonic() + bed.SECONDS_TO_SETTLE
    while (found := timed(at, "diagnose")[0])["cause"] == "history_arriving":
        if time.monotonic() > deadline:
            raise AssertionError(json.dumps(found, indent=1)[:4000])
        time.sleep(1)


def diagnoses(at, rounds, **environment):
    """Medians: of the diagnosis, and of the lists."""
    took, lists = [], []
    for _ in range(rounds):
        # The emulator has no index: each query goes through the threads of all accounts.
        found, seconds = timed(at, "diagnose", "--timeout", "5m", **environment)
        if found["verdict"] != "HEALTHY":
            raise AssertionError(json.dumps(found, indent=1)[:4000])
        took.append(seconds)
        lists.append(
            sum(
                timed(at, "threads", "list", "--all", "--hidden", "--account", each["account"])[1]
                for each in found["accounts"]
            )
        )
    return found, statistics.median(took), statistics.median(lists)


def row(what, found, took, lists):
    print(
        "  %-24s %6.2f s, of the %d lists' %6.2f s: %.2f; %d accounts, %d shown, %d not read, %d reads"
        % (
            what, took, len(found["accounts"]), lists, took / lists, len(found["accounts"]),
            found["shown"], found["not_read"], found["firestore_reads"],
        )
    )


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("build_bin")
    parser.add_argument("--accounts", type=int, default=30)
    parser.add_argument("--chats", type=int, default=1667)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    harness.build_bin = os.path.abspath(options.build_bin)
    print("(load of the machine: %.1f, on %d CPUs)" % (os.getloadavg()[0], os.cpu_count()))
    with bed.Bed(options.accounts, "%dx%d" % (options.chats, MESSAGES)) as at:
        with at.listening():
            until_history_is_here(at)
            row("SQLite", *diagnoses(at, options.rounds))
        try:
            with Emulator() as emulator:
                proxy = Stub(upstream=emulator.host)
                try:
                    inbox = {"FIRESTORE_EMULATOR_HOST": proxy.host, "GOOGLE_CLOUD_PROJECT": new_project()}
                    with at.listening("--http", "127.0.0.1:0", **inbox) as run:
                        while queued(run):
                            time.sleep(1)
                        before = proxy.reads
                        row("Firestore's emulator", *diagnoses(at, options.rounds, **inbox))
                        print("    documents that came by the proxy, for each: %d" % ((proxy.reads - before) / options.rounds))
                finally:
                    proxy.stop()
        except NoEmulator as why:
            print("without Firestore: %s" % why)


if __name__ == "__main__":
    main()
