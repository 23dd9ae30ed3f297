#!/usr/bin/env python3
"""usage: compare.py BENCH_UPLOAD [--chats N] [--messages N] [--rounds N]

How fast documents get into Google's emulator: wa-sync's own requests, recorded beforehand and
pushed by a client that does nothing else (the ceiling), firebase-admin's BulkWriter with the same
documents, and wa-sync. In turns, in another order each round, each in a fresh emulator that was
warmed up alike: its first 20,000 writes are two to three times slower, and it gets slower again the
more it holds. Medians and ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import ceiling
import recorded
import values
from emulator import Emulator, NoEmulator, new_project
from rest import Rest

HEAP = "3g"
BULK_WRITER = "BulkWriter (firebase-admin)"
COLLECTIONS = ("messages", "threads", "contacts", "accounts")


def push(host, options, connections, gzipped, bodies=None):
    project = new_project()
    bodies = recorded.for_project(bodies or options.bodies, project)
    return ceiling.writes_per_second(
        host, project, bodies, options.writes, connections, gzipped
    )


def pushed(connections, gzipped):
    return lambda host, options: {"rate": push(host, options, connections, gzipped)}


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
        subprocess.run(options.prepare, shell=True, env=environment, check=True)
        done = subprocess.run(
            options.send, shell=True, env=environment, check=True, stdout=subprocess.PIPE
        )
    found = json.loads(done.stdout)
    if count(host, project) != options.writes or found["written"] != options.writes:
        sys.exit("%d documents are there, of %d" % (count(host, project), options.writes))
    return {**found, "rate": found["written"] / found["seconds"]}


def contestants(options):
    out = {
        "plain requests, %d connection%s" % (each, "s" if each > 1 else ""): pushed(each, False)
        for each in (2, 4, 8)
    }
    out["plain requests, 4 connections, gzip"] = pushed(4, True)
    if os.path.isdir(os.path.join(os.path.dirname(HERE), "node_modules")):
        out[BULK_WRITER] = bulk_writer
    else:
        print("BulkWriter: skipped, no Node >= 20")
    out["wa-sync"] = ours
    return out


def warm_up(host, options):
    """What any contestant asks of it was asked before: writes plain and compressed, and the reads
    with which wa-sync begins."""
    for gzipped in (False, True):
        push(host, options, 4, gzipped)
    ours(host, options)


def rounds_of(options):
    """{contestant: [its result in each round]}"""
    racing = contestants(options)
    results = {name: [] for name in racing}
    names = list(racing)
    for number in range(options.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            with Emulator(heap=HEAP) as emulator:
                warm_up(emulator.host, options)
                results[name].append(racing[name](emulator.host, options))
    return results


def show(results, options):
    print(
        "%d writes, %d bytes of JSON each; medians of %d rounds (lowest to highest)"
        % (options.writes, sum(map(len, options.bodies)) / options.writes, options.rounds)
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
            cpu = "%.0f" % statistics.median(each["cpu_s"] / options.writes * 1e6 for each in runs)
        print("%-38s %9d %19s %7s %9s" % (name, rates[name], spread, memory, cpu))
    best = max((name for name in rates if name.startswith("plain")), key=rates.get)
    for name in rates:
        if not name.startswith("plain"):
            print("%s / ceiling (%s): %.2f" % (name, best, rates[name] / rates[best]))
    if BULK_WRITER in rates:
        print("wa-sync / BulkWriter: %.2f" % (rates["wa-sync"] / rates[BULK_WRITER]))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("program")
    parser.add_argument("--chats", type=int, default=800)
    parser.add_argument("--messages", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.send = options.program + " --send $SCRATCH"
    options.prepare = "%s --fill $SCRATCH --chats %d --messages %d" % (
        options.program, options.chats, options.messages
    )
    options.bodies = recorded.record(options.prepare, options.send)
    written = list(recorded.documents_of(options.bodies))
    options.writes = len(written)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(
            [
                (path, {name: values.to_tagged(values.from_rest(each)) for name, each in fields.items()}, times)
                for path, fields, times in written
            ],
            file,
        )
        file.flush()
        options.documents = file.name
        try:
            show(rounds_of(options), options)
        except NoEmulator as why:
            print("skipped: %s" % why)


if __name__ == "__main__":
    main()
