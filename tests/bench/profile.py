#!/usr/bin/env python3
"""usage: profile.py BUILD_BIN_DIR [OPTION…] [PART…]

Where the CPU time goes, as perf samples it. PART: ingest (a history, from encrypted blob to committed
rows, and the same once more), receive (live stanzas, to committed rows and answers); both when none
is named. For each it prints the share of our own functions, with all that they call, and the
functions that the samples were taken in. Skipped where perf is missing (Debian: linux-perf).
"""

import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

SAMPLES = 2000  # a second
FRAME = re.compile(r"^\s+[0-9a-f]+ (.*?)(?:\+0x[0-9a-f]+)? \(([^)]*)\)$")
# By the part: the program with its arguments, and the function whose samples count.
PARTS = {
    "ingest": (["bench-ingest", "--chats", "2000", "--messages", "50"], "wasync::ingest"),
    "receive": (["bench-receive", "--stanzas", "10000"], "StanzaReceiver::receive"),
}
READER = "ReadingThread"  # works for ingest on a thread of its own


def stacks(text):
    """Each sample's functions, from the one that ran outwards."""
    stack = []
    for line in text:
        if not line.strip():
            if stack:
                yield stack
            stack = []
        elif found := FRAME.match(line.rstrip("\n")):
            function, library = found.groups()
            stack.append(os.path.basename(library) if function == "[unknown]" else function)
    if stack:
        yield stack


def short(function):
    bare = re.sub(r"\(.*", "", function.replace("(anonymous namespace)::", ""))
    return bare.replace("wasync::", "")[:70]


def table(title, counts, total, rows):
    print("  " + title)
    for name, count in counts.most_common(rows):
        print("    %5.1f %%  %s" % (100 * count / total, name))


def profile(bin_dir, part, scratch, rows):
    (program, *arguments), root = PARTS[part]
    data = os.path.join(scratch, part + ".perf")
    command = [os.path.join(bin_dir, program), *arguments, "--directory", scratch]
    subprocess.run(
        ["perf", "record", "-q", "-F", str(SAMPLES), "--call-graph", "dwarf,16384", "-o", data, *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    script = subprocess.Popen(
        ["perf", "script", "-i", data, "-F", "ip,sym,dso"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace",
    )
    inclusive, running, total = collections.Counter(), collections.Counter(), 0
    for stack in stacks(script.stdout):
        if not any(root in function or READER in function for function in stack):
            continue
        total += 1
        running[short(stack[0])] += 1
        inclusive.update({short(each) for each in stack if each.startswith("wasync::")})
    script.wait()
    if not total:
        sys.exit("perf took no sample in %s" % root)
    print("\n%s: %d samples, %d a second of CPU time" % (part, total, SAMPLES))
    table("with all that they call:", inclusive, total, rows)
    table("by themselves:", running, total, rows)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("build_bin")
    parser.add_argument("parts", nargs="*", choices=[*PARTS])
    parser.add_argument("--rows", type=int, default=25)
    options = parser.parse_intermixed_args()
    if not shutil.which("perf"):
        print("skipped: there is no perf")
        return
    with tempfile.TemporaryDirectory(prefix="wa-sync-bench-") as scratch:
        for part in options.parts or PARTS:
            profile(options.build_bin, part, scratch, options.rows)


if __name__ == "__main__":
    main()
