#!/usr/bin/env python3
"""What it costs to build wa-sync, without a compiler cache: CPU seconds and wall time of a clean
build (the preset release), and of one touched file in each folder (the preset debug), beside those
of another commit in the same run. Machines are noisy: read the ratios.

usage: scripts/bench build [COMMIT]
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def timed(command, folder):
    """CPU seconds, wall seconds, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    told = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "CCACHE_DISABLE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if told.returncode:
        sys.exit("%s failed:\n%s" % (" ".join(command), told.stdout[-4000:]))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - began, told.stdout


def configured(source, preset):
    """The build directory; both of a run are made alike, in a new place."""
    build = os.path.join(source, "build-bench-" + preset)
    timed(["cmake", "--preset", preset, "-B", build, "-DWASYNC_TESTS=OFF"], source)
    return build


def touched_files(source):
    """The largest file of each folder: the one that is waited for."""
    for top in ("core", "cli"):
        for folder, _, files in sorted(os.walk(os.path.join(source, top))):
            paths = [os.path.join(folder, name) for name in files if name.endswith(".cpp")]
            if paths:
                yield os.path.relpath(max(paths, key=os.path.getsize), source)


def clean_build(source):
    build = configured(source, "release")
    return timed(["ninja", "-C", build, "bin/wa-sync"], source)[:2]


def touches(source):
    build = configured(source, "debug")
    timed(["ninja", "-C", build, "bin/wa-sync"], source)
    for path in touched_files(source):
        os.utime(os.path.join(source, path))
        cpu, wall, told = timed(["ninja", "-C", build, "bin/wa-sync"], source)
        yield path, cpu, wall, told.count("Building CXX")


def checkout(commit, folder):
    archive = subprocess.run(["git", "-C", ROOT, "archive", commit], stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
    return folder


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__.strip().splitlines()[-1])
    with tempfile.TemporaryDirectory() as scratch:
        trees = {}
        for name in ("HEAD", *sys.argv[1:]):
            folder = os.path.join(scratch, str(len(trees)))
            os.mkdir(folder)
            trees[name] = checkout(name, folder)
        print("a clean build of wa-sync")
        costs = {}
        for name, source in trees.items():
            costs[name] = clean_build(source)
            print("  %-10s %7.0f CPU s %7.0f s" % (name, *costs[name]), flush=True)
        for name in sys.argv[1:]:
            ratios = [mine / theirs for mine, theirs in zip(costs["HEAD"], costs[name])]
            print("  of that of %s: %.2f CPU, %.2f wall" % (name, *ratios), flush=True)
        for name, source in trees.items():
            print("one file touched, %s" % name)
            for path, cpu, wall, compiled in touches(source):
                files = "1 file" if compiled == 1 else "%d files" % compiled
                print("  %-50s %6.1f CPU s %6.1f s  %s" % (path, cpu, wall, files), flush=True)


if __name__ == "__main__":
    main()
