#!/usr/bin/env python3
"""usage: backfill.py BUILD_BIN_DIR [--chats N] [--older N]

What `wa-sync backfill` costs against wa-sim, whose phone answers at once: messages a second, requests,
and writes to Google's emulator. Beside it, of the same run, what as many messages cost that come with
the history when a host is linked.
"""

import argparse
import os
import time

import listen_bed as bed
import harness
from emulator import Emulator, NoEmulator, new_project
from stub import Stub

HELD = 20  # messages of each chat that are there before


def row(what, messages, seconds, more=""):
    print("  %-44s %7d messages %7.1f s %8.0f a second%s" % (what, messages, seconds, messages / seconds, more))


def backfill(at, older, *options, **environment):
    """What it brought, in how many seconds, by how many requests."""
    before = len(at.ask("receipts")["history_requests"])
    began = time.monotonic()
    run = at.start(
        *("backfill", "--json", "--all", "--count", str(older), "--timeout", "1h"), *at.where, *options, **environment
    )
    if run.finish() != harness.OK:
        raise AssertionError(run.account())
    took = time.monotonic() - began
    asked = at.ask("receipts")["history_requests"][before:]
    (done,) = run.named("done")
    return done["messages"], took, asked


def linked(chats, messages):
    """Seconds from the scan of the code until all of it is stored."""
    with bed.Bed(0, "%dx%d" % (chats, messages)) as at:
        began = time.monotonic()
        run = at.start("pair", "--json", *at.where)
        if run.finish(at.simulator) != harness.OK:
            raise AssertionError(run.account())
        return run.named("done")[0]["messages"], time.monotonic() - began


def asked_for(chats, older, name, *options, **environment):
    with bed.Bed(1, "%dx%d" % (chats, HELD), older=older) as at:
        history = at.start("pair", "--json", *at.where)  # goes on with it
        if history.finish() != harness.OK:
            raise AssertionError(history.account())
        messages, took, asked = backfill(at, older, *options, **environment)
        row(name, messages, took, ", %d requests" % len(asked))
        wanted, fetched = chats * older, sum(each["count"] for each in asked)
        print("    brought %d of %d; asked for %d, so %d twice" % (messages, wanted, fetched, fetched - messages))
        return messages / took


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("build_bin")
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--older", type=int, default=200)
    options = parser.parse_args()
    harness.build_bin = os.path.abspath(options.build_bin)
    print("(load of the machine: %.1f, on %d CPUs)" % (os.getloadavg()[0], os.cpu_count()))
    messages, took = linked(options.chats, options.older)
    row("with the history, when it is linked", messages, took)
    alone = asked_for(options.chats, options.older, "backfill, one request at a time")
    four = asked_for(options.chats, options.older, "backfill, four at a time", "--in-flight", "4")
    print("  to the history: %.2f and %.2f of its speed" % (alone * took / messages, four * took / messages))
    try:
        with Emulator() as emulator:
            proxy = Stub(upstream=emulator.host)
            try:
                asked_for(
                    options.chats, options.older, "backfill, and to Firestore",
                    FIRESTORE_EMULATOR_HOST=proxy.host, GOOGLE_CLOUD_PROJECT=new_project(),
                )
                print("    writes: %d (of what was there before as well), reads: %d" % (proxy.writes, proxy.reads))
            finally:
                proxy.stop()
    except NoEmulator as why:
        print("without Firestore: %s" % why)


if __name__ == "__main__":
    main()
