#!/usr/bin/env python3
"""usage: compare.py [--writes N] [--rounds N] [--ours COMMAND [--prepare COMMAND]]

How fast documents get into Google's emulator: requests built beforehand and pushed by a client
that does nothing else (the ceiling), firebase-admin's BulkWriter with the same documents, and
wa-sync. In turns, in another order each round, each round in a fresh emulator that was warmed
up (its first 20,000 writes are two to three times slower); medians and ratios.

COMMAND is a program that uploads, with arguments as a shell reads them. It finds
FIRESTORE_EMULATOR_HOST and GOOGLE_CLOUD_PROJECT set, and SCRATCH, a directory of the round's
own, where the --prepare command, which is not timed, may have put an inbox. How many documents it wrote is counted afterwards. WASYNC_BENCH_UPLOAD and
WASYNC_BENCH_PREPARE in the environment say the same as the options.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import ceiling
import documents
import values
from emulator import Emulator, NoEmulator, new_project
from rest import Rest

BATCH = 500
WARM_UP = 20_000
HEAP = "3g"
BULK_WRITER = "BulkWriter (firebase-admin)"
COLLECTIONS = ("messages", "threads", "contacts", "accounts")


def pushed(connections, gzipped):
    def run(host, options):
        rate = ceiling.writes_per_second(
            host, new_project(), options.writes, BATCH, connections, gzipped
        )
        return {"writes": options.writes, "rate": rate}

    return run


def bulk_writer(host, options):
    command = ["node", os.path.join(HERE, "bulk_writer.mjs"), options.documents, new_project()]
    done = subprocess.run(
        command,
        env={**os.environ, "FIRESTORE_EMULATOR_HOST": host},
        stdout=subprocess.PIPE,
        check=True,
    )
    found = json.loads(done.stdout)
    return {**found, "rate": found["writes"] / found["seconds"]}


def count(host, project):
    rest = Rest(host, project)
    total = sum(
        rest.count({"from": [{"collectionId": each, "allDescendants": True}]})
        for each in COLLECTIONS
    )
    rest.close()
    return total


def ours(host, options):
    project = new_project()
    with tempfile.TemporaryDirectory(prefix="wa-sync-bench-") as scratch:
        environment = {
            **os.environ,
            "FIRESTORE_EMULATOR_HOST": host,
            "GOOGLE_CLOUD_PROJECT": project,
            "SCRATCH": scratch,
        }
        if options.prepare:
            subprocess.run(options.prepare, shell=True, env=environment, check=True)
        began = time.monotonic()
        # `exec`: the shell is not what is measured.
        child = subprocess.Popen(
            "exec " + options.ours, shell=True, env=environment, stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit("%s ended with %d" % (options.ours, child.returncode))
    written = count(host, project)
    return {
        "writes": written,
        "rate": written / seconds,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_rss_kb": usage.ru_maxrss,
    }


def contestants(options):
    out = {
        "plain requests, %d connection%s" % (each, "s" if each > 1 else ""): pushed(each, False)
        for each in (1, 2, 4, 8)
    }
    out["plain requests, 4 connections, gzip"] = pushed(4, True)
    if os.path.isdir(os.path.join(os.path.dirname(HERE), "node_modules")):
        out[BULK_WRITER] = bulk_writer
    else:
        print("BulkWriter: skipped, no Node >= 20")
    if options.ours:
        out["wa-sync"] = ours
    return out


def rounds_of(options):
    """{contestant: [its result in each round]}"""
    racing = contestants(options)
    results = {name: [] for name in racing}
    names = list(racing)
    for number in range(options.rounds):
        with Emulator(heap=HEAP) as emulator:
            for gzipped in (False, True):
                ceiling.writes_per_second(
                    emulator.host, new_project(), WARM_UP // 2, BATCH, 2, gzipped
                )
            for name in names[number % len(names) :] + names[: number % len(names)]:
                results[name].append(racing[name](emulator.host, options))
    return results


def show(results, options):
    body = ceiling.bodies("project", BATCH, BATCH)[0]
    print(
        "batches of %d, %d bytes of JSON a write; medians of %d rounds (lowest to highest)"
        % (BATCH, len(body) / BATCH, options.rounds)
    )
    print("%-38s %9s %19s %7s %9s" % ("", "writes/s", "", "MiB", "µs CPU"))
    rates = {}
    for name, runs in results.items():
        every = [each["rate"] for each in runs]
        rates[name] = statistics.median(every)
        spread = "%d to %d" % (min(every), max(every))
        memory = cpu = "-"
        if "peak_rss_kb" in runs[0]:
            memory = "%.0f" % statistics.median(each["peak_rss_kb"] / 1024 for each in runs)
            cpu = "%.0f" % statistics.median(each["cpu_s"] / each["writes"] * 1e6 for each in runs)
        print("%-38s %9d %19s %7s %9s" % (name, rates[name], spread, memory, cpu))
    best = max((name for name in rates if name.startswith("plain")), key=rates.get)
    for name in rates:
        if not name.startswith("plain"):
            print("%s / ceiling (%s): %.2f" % (name, best, rates[name] / rates[best]))
    if "wa-sync" in rates and BULK_WRITER in rates:
        print("wa-sync / BulkWriter: %.2f" % (rates["wa-sync"] / rates[BULK_WRITER]))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("--writes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ours", default=os.environ.get("WASYNC_BENCH_UPLOAD"))
    parser.add_argument("--prepare", default=os.environ.get("WASYNC_BENCH_PREPARE"))
    options = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        made = [documents.message(number) for number in range(options.writes)]
        tagged = [
            (path, {name: values.to_tagged(values.from_rest(each)) for name, each in fields.items()})
            for path, fields in made
        ]
        json.dump({"server_times": documents.SERVER_TIMES, "documents": tagged}, file)
        file.flush()
        options.documents = file.name
        try:
            show(rounds_of(options), options)
        except NoEmulator as why:
            print("skipped: %s" % why)


if __name__ == "__main__":
    main()
