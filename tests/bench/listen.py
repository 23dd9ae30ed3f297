#!/usr/bin/env python3
"""usage: listen.py BUILD_BIN_DIR [OPTION…] [PART…]

What `wa-sync listen` costs, against wa-sim and Google's emulator on the same machine. PART: answer,
burst, document, idle, load; all of them when none is named. Figures to read beside their comparisons, which
are of the same run; other programs on the machine are part of them, so its load is printed too.
"""

import argparse
import contextlib
import json
import math
import os
import statistics
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import datetime

import listen_bed as bed
import harness
from emulator import Emulator, NoEmulator, new_project
from inbox_contract import account_id
from rest import Rest

LIGHT = 20  # messages a second
DOCUMENTS = 5  # a second, written one by one
HEAVY_ACCOUNTS, HEAVY = 20, 50  # so many a second for each of them
SYNCS = 200


def percentile(values, share):
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share) - 1]


def row(what, values_ms):
    print(
        "  %-46s median %7.2f  99%% %7.2f  most %7.2f ms  (%d)"
        % (what, statistics.median(values_ms), percentile(values_ms, 0.99), max(values_ms), len(values_ms))
    )


def sync_ms(directory):
    """What a page made durable costs here, without SQLite."""
    took = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(SYNCS):
            began = time.monotonic()
            os.pwrite(file.fileno(), os.urandom(4096), 0)
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - began) * 1000)
    return took


def at_a_rate(rate, seconds, action):
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(0, began + number / rate - time.monotonic()))
        action(number)


def answer(options):
    """From a stanza to its receipt, which is sent once its row is committed."""
    print("\nanswers, at %d messages a second to one account" % LIGHT)
    with bed.Bed(1, "6x20") as at, at.listening():
        ratios = []
        for _ in range(options.rounds):
            at.ask("load/answer-times", body="")
            at.write([0], messages=LIGHT * options.seconds, rate=LIGHT)
            at_a_rate(LIGHT, options.seconds, lambda _: at.ask("load/ping", body=""))
            at.until_answered([0])
            took = at.ask("load/answer-times", body="")
            messages = [each / 1000 for each in took["messages_us"]]
            pings = [each / 1000 for each in took["pings_us"]]
            row("message: decrypted, committed, receipt", messages)
            row("ping: answered at once", pings)
            row("one page made durable (write, fdatasync)", sync_ms(at.scratch))
            ratios.append(statistics.median(messages) / statistics.median(pings))
        print("  message / ping: %s" % ", ".join("%.1f" % each for each in sorted(ratios)))


def burst(options):
    """Stanzas as fast as they are acked, at most 200 of them unacked: of this build, and of another
    one (--against) in turns."""
    print("\n%d stanzas to one account, as fast as they are acked" % options.burst)
    builds = {"this build": harness.build_bin}
    if options.against:
        builds["the other"] = os.path.abspath(options.against)
    figures = {name: [] for name in builds}
    for _ in range(options.rounds):
        for name, build_bin in builds.items():
            harness.build_bin = build_bin
            with bed.Bed(1, "50x20") as at, at.listening() as run:
                at.prepare(0, messages=options.burst)
                spent = bed.cpu_seconds(run.process.pid)
                began = time.monotonic()
                at.release(0)
                at.until_answered([0])
                figures[name].append((options.burst / (time.monotonic() - began),
                                      (bed.cpu_seconds(run.process.pid) - spent) / options.burst * 1e6))
    harness.build_bin = builds["this build"]
    medians = {name: [statistics.median(each) for each in zip(*rounds)] for name, rounds in figures.items()}
    for name, (rate, cpu) in medians.items():
        print("  %-12s %6.0f stanzas a second, %5.0f us of CPU each" % (name, rate, cpu))
    if options.against:
        (rate, cpu), (other_rate, other_cpu) = medians.values()
        print("  this / other: %.2f of the stanzas a second, %.2f of the CPU" % (rate / other_rate, cpu / other_cpu))


def creation_times(rest, thread):
    """Of the thread's messages, by id: when the emulator took them."""
    out, page = {}, ""
    while page is not None:
        query = urllib.parse.urlencode({"pageSize": 300, "pageToken": page})
        found = rest.documents("GET", "/threads/%s/messages?%s" % (urllib.parse.quote(thread), query)).json
        for each in found.get("documents", []):
            at = each["createTime"].rstrip("Z")
            out[each["name"].rpartition("/")[2]] = datetime.fromisoformat(at[:26] + "+00:00").timestamp()
        page = found.get("nextPageToken")
    return out


def document(options, emulator):
    """From a message to its document, by the emulator's own clock, which is this machine's."""
    print("\nmessage to document in the emulator, at %d a second" % DOCUMENTS)
    project = new_project()
    with bed.Bed(1, "2x5") as at, at.listening(**firestore(emulator, project)):
        chat = at.ask("dataset")["threads"][0]["jid"]
        sent = {}

        def send(number):
            now = time.time()
            sent[at.simulator.send_message(chat=chat, text="number %d" % number)] = now

        at_a_rate(DOCUMENTS, options.seconds, send)
        thread = "%s__%s" % (account_id(at.phones[0]), chat)
        rest = Rest(emulator.host, project)
        deadline = time.monotonic() + harness.PATIENCE
        while not sent.keys() <= (made := creation_times(rest, thread)).keys():
            if time.monotonic() > deadline:
                raise AssertionError("%d documents never came" % len(sent.keys() - made.keys()))
        rest.close()
        row("message to document", [(made[each] - sent[each]) * 1000 for each in sent])


def firestore(emulator, project):
    return {"FIRESTORE_EMULATOR_HOST": emulator.host, "GOOGLE_CLOUD_PROJECT": project} if emulator else {}


def uses(pid, seconds):
    before = bed.cpu_seconds(pid)
    time.sleep(seconds)
    return {
        "KiB": bed.memory_kib(pid),
        "CPU": (bed.cpu_seconds(pid) - before) / seconds * 100,
        "threads": bed.threads(pid),
        "descriptors": bed.descriptors(pid),
    }


def idle(options, emulator):
    """Of N accounts less that of one, for each of the others: soon after they came up, and a while
    after they have had some messages. The two listeners are watched one after the other."""
    print("\nidle accounts, %d of them and one, of %s (CPU over %d s)" % (
        options.users, options.dataset, options.idle_seconds))
    with bed.Bed(1, options.dataset) as one, bed.Bed(options.users, options.dataset) as many:
        beds = (one, many)
        for at in beds:
            with at.listening():
                pass  # takes in the history
        for where in [None] + [emulator] * bool(emulator):
            with contextlib.ExitStack() as stack:
                runs = [
                    stack.enter_context(at.listening(**firestore(where, new_project())))
                    for at in beds
                ]
                print_states(options, beds, runs, "with Firestore" if where else "SQLite only")


def print_states(options, beds, runs, where):
    def state(when):
        found = [uses(run.process.pid, options.idle_seconds) for run in runs]
        print_idle("%s, %s" % (where, when), *found, options.users - 1)

    time.sleep(options.settle / 10)
    state("as connected")
    for at in beds:
        at.write(range(at.users), messages=options.messages, window=20)
        at.until_answered(range(at.users))
    time.sleep(options.settle)
    state("%d s after %d messages each" % (options.settle, options.messages))


def print_idle(what, one, many, others):
    print("  %s" % what)
    print(
        "    each: %.0f KiB, %.3f %% of a CPU, %.2f threads, %.2f descriptors"
        % tuple((many[name] - one[name]) / others for name in ("KiB", "CPU", "threads", "descriptors"))
    )
    for label, each in (("one", one), ("all", many)):
        print(
            "    %s:  %d KiB, %.2f %% of a CPU, %d threads, %d descriptors"
            % (label, each["KiB"], each["CPU"], each["threads"], each["descriptors"])
        )


def queued(run):
    with urllib.request.urlopen("http://%s/metrics" % run.http, timeout=harness.PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(line.split()[-1]) for line in lines if line.startswith("wa_sync_uploads_queued{"))


def load(options, emulator):
    """Whether as much as comes also goes out again."""
    print("\n%d messages a second over %d accounts, for %d s%s" % (
        HEAVY * HEAVY_ACCOUNTS, HEAVY_ACCOUNTS, options.load_seconds,
        ", uploaded to the emulator" if emulator else "",
    ))
    users = range(HEAVY_ACCOUNTS)
    with bed.Bed(HEAVY_ACCOUNTS, "6x20") as at, at.listening(
        "--http", "127.0.0.1:0", **firestore(emulator, new_project())
    ) as run:
        deadline = time.monotonic() + bed.SECONDS_TO_SETTLE
        while queued(run) and time.monotonic() < deadline:
            time.sleep(0.5)
        pids = {"listen": run.process.pid, "wa-sim": at.simulator.process.pid}
        before = {name: bed.cpu_seconds(pid) for name, pid in pids.items()}
        for user in users:
            at.ask("load/answer-times", user, "")
        began = time.monotonic()
        at.write(users, messages=HEAVY * options.load_seconds, rate=HEAVY)
        samples = []
        while not samples or samples[-1]["left"] > 0:
            time.sleep(2)
            now = [at.ask("load", user) for user in users]
            samples.append({
                "at": time.monotonic() - began,
                "left": sum(each["left"] for each in now),
                "sent": sum(each["sent"] for each in now),
                "pending": sum(sum(each["pending"]) for each in now),
                "queued": queued(run),
            })
        last = samples[-1]
        spent = {name: bed.cpu_seconds(pid) - before[name] for name, pid in pids.items()}
        at.until_answered(users)
        answered = time.monotonic() - began
        while queued(run):
            time.sleep(0.5)
        uploaded = time.monotonic() - began
        print("  written %.0f a second, answered %.0f a second; all answered %.1f s after the last" % (
            last["sent"] / last["at"], (last["sent"] - last["pending"]) / last["at"], answered - last["at"]))
        for name in ("pending", "queued"):
            thirds = [samples[len(samples) * n // 3 : len(samples) * (n + 1) // 3] for n in range(3)]
            print("  %-34s median in each third of the time: %s; most %d" % (
                {"pending": "unanswered at the simulator", "queued": "rows waiting for Firestore"}[name],
                ", ".join("%d" % statistics.median(each[name] for each in third) for third in thirds if third),
                max(each[name] for each in samples)))
        if emulator:
            print("  all uploaded %.1f s after the last" % (uploaded - last["at"]))
        took = [each / 1000 for user in users for each in at.ask("load/answer-times", user, "")["messages_us"]]
        row("message to receipt meanwhile", took)
        print("  CPU: %s; %d KiB" % (
            ", ".join("%s %.0f %%" % (name, each / last["at"] * 100) for name, each in spent.items()),
            bed.memory_kib(run.process.pid)))


PARTS = ("answer", "burst", "document", "idle", "load")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("build_bin")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20, help="of light load")
    parser.add_argument("--dataset", default="2x5", help="of an idle account")
    parser.add_argument("--messages", type=int, default=40, help="that an idle account has had")
    parser.add_argument("--settle", type=int, default=100, help="seconds between messages and the figures")
    parser.add_argument("--idle-seconds", type=int, default=30)
    parser.add_argument("--load-seconds", type=int, default=60)
    parser.add_argument("--burst", type=int, default=20000, help="stanzas")
    parser.add_argument("--against", help="the build/bin of another commit, for burst")
    parser.add_argument("parts", nargs="*", choices=[*PARTS])
    options = parser.parse_intermixed_args()
    harness.build_bin = os.path.abspath(options.build_bin)
    parts = options.parts or PARTS
    with contextlib.ExitStack() as stack:
        emulator = None
        try:
            if not set(parts) <= {"answer", "burst"}:
                emulator = stack.enter_context(Emulator())
        except NoEmulator as why:
            print("without Firestore: %s" % why)
        for part in parts:
            print("\n(load of the machine: %.1f, on %d CPUs)" % (os.getloadavg()[0], os.cpu_count()), end="")
            if part == "answer":
                answer(options)
            elif part == "burst":
                burst(options)
            elif part == "document":
                if emulator:
                    document(options, emulator)
            elif part == "idle":
                idle(options, emulator)
            else:
                for where in [None] + [emulator] * bool(emulator):
                    load(options, where)


if __name__ == "__main__":
    main()
