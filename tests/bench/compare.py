#!/usr/bin/env python3
"""usage: compare.py BENCH_INGEST BLOB_DIR SCRATCH_DIR [BAILEYS_SCRIPT]

Runs bench-ingest, with the search index and without it, and, given its script, Baileys in turns on
the same blob, so that a busy moment hits all, and prints the medians and their ratios.
"""

import json
import statistics
import subprocess
import sys

ROUNDS = 5


def once(*command):
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__.splitlines()[0])
    program, blob, scratch, *script = sys.argv[1:]
    ours, plain, theirs = [], [], []
    for _ in range(ROUNDS):
        ours.append(once(program, "--blob", blob, "--directory", scratch))
        plain.append(once(program, "--blob", blob, "--directory", scratch, "--search-index", "off"))
        if script:
            files = (blob + "/history.enc", blob + "/history.json")
            theirs.append(once("node", script[0], *files))

    def median(runs, read):
        return statistics.median(map(read, runs))

    def row(what, runs, seconds, cpu, memory=None):
        time = median(runs, seconds)
        peak = "%7.1f" % median(runs, memory) if memory else "      -"
        print("%-44s %7.3f %7.3f %9d %s" % (what, time, median(runs, cpu), messages / time, peak))

    messages = ours[0]["messages"]
    print("%d chats, %d messages, %.1f MB inflated; medians of %d runs" % (
        ours[0]["chats"], messages, ours[0]["inflated_bytes"] / 1e6, ROUNDS))
    print("%-44s %7s %7s %9s %7s" % ("", "seconds", "cpu s", "msg/s", "MiB"))
    row("wa-sync: blob to committed rows", ours, *map(field, ("seconds", "cpu_seconds", "peak_rss_mib")))
    row("  without the search index", plain, *map(field, ("seconds", "cpu_seconds", "peak_rss_mib")))
    row("  of it: verify the encrypted blob", ours, part("verify", "wall_s"), part("verify", "cpu_s"))
    for name, what in (
        ("decrypt_and_inflate_only", "decrypt and inflate, nothing else"),
        ("insert_only", "SQLite copies the same rows, nothing else"),
    ):
        row(what, ours, part(name, "wall_s"), part(name, "cpu_s"))
    if theirs:
        row("Baileys: decoded in memory, nothing stored", theirs,
            *map(field, ("seconds", "cpu_seconds", "peak_rss_mib")))
    print("wa-sync / (inflate + insert): %.2f in time, %.2f without the search index" % (
        median(ours, field("times_the_floor")), median(plain, field("times_the_floor"))))
    with_index, without = (median(runs, field("database_bytes")) for runs in (ours, plain))
    print("bytes of a message: %.0f, %.0f without the search index; the index: %.2f of its time" % (
        with_index / messages, without / messages,
        median(ours, part("ingest", "cpu_s")) / median(plain, part("ingest", "cpu_s")) - 1))
    if theirs:
        ratio = lambda name: median(ours, field(name)) / median(theirs, field(name))
        print("wa-sync / Baileys: %.2f in time, %.2f in CPU time, %.2f in memory" % (
            ratio("seconds"), ratio("cpu_seconds"), ratio("peak_rss_mib")))


def field(name):
    return lambda run: run[name]


def part(name, unit):
    return lambda run: run[name][unit]


if __name__ == "__main__":
    main()
