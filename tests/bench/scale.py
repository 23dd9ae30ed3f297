#!/usr/bin/env python3
"""usage: scale.py BUILD_BIN_DIR [--messages N,N…] [--link CHATSxMESSAGES,…] [--rounds N]

What an account costs as it grows: linking it with histories of several sizes, and then, of one
account that is grown to so many messages (100,000, 1, 2 and 5 million; fifty a conversation), each
thing that is done with it. The rows are ratios to the first column of the same run.
"""

import argparse
import contextlib
import json
import os
import resource
import sqlite3
import statistics
import time

import listen_bed as bed
import harness

A_CHAT = 50  # messages
RATE, SECONDS = 5, 20  # of the load while listening


def grow(path, messages):
    """Adds conversations until there are so many messages. The triggers keep the totals."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        here = database.execute("SELECT count(*) FROM messages").fetchone()[0]
        first = database.execute("SELECT coalesce(max(row_id), 0) + 1 FROM threads").fetchone()[0]
        threads = max(0, messages - here) // A_CHAT
        if not threads:
            return
        last = first + threads - 1
        database.execute(
            "WITH RECURSIVE n (i) AS (VALUES (:first) UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
            " INSERT INTO threads (row_id, jid, name, last_message_at, newest_at, oldest_at, messages,"
            " last_text, inbound_id, inbound_at)"
            " SELECT i, printf('4079%07d@s.whatsapp.net', i), 'Nume ' || i, 1600000000 + i * 20,"
            " 1600000000 + i * 20, 1600000000 + i * 20 - 5000, :each, 'mesajul',"
            " printf('3EB0%016X', i * 100), 1600000000 + i * 20 FROM n",
            {"first": first, "last": last, "each": A_CHAT},
        )
        database.execute(
            "WITH RECURSIVE k (k) AS (VALUES (0) UNION ALL SELECT k + 1 FROM k WHERE k + 1 < :each)"
            " INSERT INTO messages (thread, sent_at, document_id, from_me, type, status, source, body)"
            " SELECT t.row_id, t.last_message_at - k * 100, printf('3EB0%016X', t.row_id * 100 + k),"
            " k % 3 = 1, 'text', 0, 1, 'mesajul ' || k || ' al conversației ' || t.name"
            " FROM threads t, k WHERE t.row_id BETWEEN :first AND :last",
            {"first": first, "last": last, "each": A_CHAT},
        )
        database.execute(
            "INSERT INTO contacts (jid, saved_name) SELECT jid, name FROM threads"
            " WHERE row_id BETWEEN ? AND ?",
            (first, last),
        )


def mark(path):
    """A conversation and a message with words that no other has."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE threads SET name = 'Ștefania' WHERE row_id = 5")
        database.execute("UPDATE messages SET body = 'Tortul de ziua ei' WHERE row_id = 5")


def index_bytes(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%\\_search\\_%' ESCAPE '\\'"
        ).fetchone()[0]


def cost(at, rounds, *arguments):
    """Median CPU seconds of a command."""
    spent = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = at.start(*arguments)
        if run.wait() != harness.OK and arguments[0] != "diagnose":  # which finds nobody listening
            raise AssertionError(run.account())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent)


def listening(at):
    """CPU seconds of a listener beside a light load, the log it leaves in MiB, and its memory."""
    with at.listening() as run:
        before = bed.cpu_seconds(run.process.pid)
        at.write([0], messages=RATE * SECONDS, rate=RATE)
        at.until_answered([0])
        spent = bed.cpu_seconds(run.process.pid) - before
        log = os.path.getsize(account_file(at) + "-wal") / 2**20
        return spent, log, bed.memory_kib(run.process.pid) / 1024


def account_file(at):
    (account,) = os.listdir(os.path.join(at.state, "accounts"))
    return os.path.join(at.state, "accounts", account, "wa-sync.db")


def link(dataset):
    """Wall and CPU seconds of pairing with the whole history."""
    with bed.Bed(0, dataset) as at:
        at.phones = [at.ask("state", 0)["phone"]]
        began = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = at.start("pair", "--json", "--phone", at.phones[0], "--timeout", "30m", *at.where)
        if run.finish(at.simulator, user=0, seconds=1800) != harness.OK:
            raise AssertionError(run.account())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (
            time.monotonic() - began,
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        )


def print_row(what, values, unit="s"):
    ratios = "".join(" %8.2f" % (value / values[0] if values[0] else 0) for value in values[1:])
    print("  %-28s %8.3f %-4s%s" % (what, values[0], unit, ratios), flush=True)


def numbers(text):
    return [int(each) for each in text.split(",") if each]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0][len("usage: ") :])
    parser.add_argument("build_bin")
    parser.add_argument("--messages", type=numbers, default=[100_000, 1_000_000, 2_000_000, 5_000_000])
    parser.add_argument("--link", default="2000x50,8000x100")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    harness.build_bin = os.path.abspath(options.build_bin)
    print("(load of the machine: %.1f, on %d CPUs)" % (os.getloadavg()[0], os.cpu_count()))

    linked = []
    for dataset in filter(None, options.link.split(",")):
        chats, messages = map(int, dataset.split("x"))
        wall, cpu = link(dataset)
        linked.append((chats * messages, wall, cpu))
        print("linking with %9d messages: %7.1f s, %6.2f CPU-s, %5.1f CPU-us a message" % (
            chats * messages, wall, cpu, cpu / chats / messages * 1e6), flush=True)
    if len(linked) > 1:
        print("  the last beside the first: %.1f of the messages, %.1f of the time, %.2f of the CPU a message" % (
            linked[-1][0] / linked[0][0], linked[-1][1] / linked[0][1],
            linked[-1][2] / linked[-1][0] * linked[0][0] / linked[0][2]))

    with bed.Bed(1, "20x20") as at:
        rows = {}
        for size in options.messages:
            grow(account_file(at), size)
            mark(account_file(at))
            thread = "+40790000100"
            # What another program wrote is indexed by the first search.
            rows.setdefault("indexing what is new", []).append(cost(at, 1, "messages", "search", "tort"))
            rows.setdefault("its bytes a message", []).append(index_bytes(account_file(at)) / size)
            for what, arguments in {
                "accounts list": ("accounts", "list"),
                "threads list": ("threads", "list"),
                "threads list --search": ("threads", "list", "--search", "stefania"),
                "… a name that all have": ("threads", "list", "--search", "nume"),
                "messages search": ("messages", "search", "tort"),
                "… a word that all have": ("messages", "search", "mesajul"),
                "… in a conversation": ("messages", "search", "mesajul", "--thread", thread),
                "threads show": ("threads", "show", thread),
                "diagnose": ("diagnose",),
            }.items():
                rows.setdefault(what, []).append(cost(at, options.rounds, *arguments))
            spent, log, memory = listening(at)
            rows.setdefault("listening, %d a second" % RATE, []).append(spent)
            rows.setdefault("its memory", []).append(memory)
            rows.setdefault("its log", []).append(log)
        print("\n%-30s %13s" % ("CPU of", "%d" % options.messages[0])
              + "".join(" %8s" % ("%.1f M" % (size / 1e6)) for size in options.messages[1:]))
        for what, values in rows.items():
            print_row(what, values, "" if "bytes" in what else "MiB" if what.startswith("its ") else "s")


if __name__ == "__main__":
    main()
