#!/usr/bin/env python3
"""An account file that the program as of commit 48ddb34 wrote (old_account.db, made by
make_old_account.py), grown to a hundred thousand messages, is brought to the newest tables:
nothing is lost on the way, whoever else opens it. Smaller ones are killed on the way, wherever that
is.

A later migration changes nothing here, unless it takes a column away: then MOVED says where its
values are now.

usage: tests/e2e/run --in tests/crash BUILD_BIN_DIR [WORD…]
"""

import fcntl
import glob
import os
import random
import re
import shutil
import signal
import sqlite3
import stat
import time

import harness
from harness import FAILED, HELD, OK, Case

OLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "old_account.db")
SEED = int(os.environ.get("CRASH_SEED", "1"))
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "8"))

AUTO_BACKFILL = (
    "attempt_at success_at running started_at trigger holder ok threads messages errors"
    " duration_ms error_code error_message"
).split()

# By table: pairs of a query of the old file and one of the new that must have the same answer.
# Together they name each column that is not where it was.
MOVED = {
    "account": [
        (
            "SELECT last_backfill_at, backfill_threads, backfill_messages, backfill_errors"
            " FROM account",
            "SELECT ended_at, threads, messages, errors FROM last_backfill",
        ),
        (
            "SELECT backfill_first_threads FROM account",
            "SELECT group_concat(result || ' ' || messages || ' ' || thread || char(10), '')"
            " FROM (SELECT * FROM last_backfill_threads ORDER BY place)",
        ),
        (
            "SELECT auto_backfill_at, %s FROM account"
            % ", ".join("auto_backfill_" + name for name in AUTO_BACKFILL),
            "SELECT ended_at, %s FROM auto_backfill" % ", ".join(AUTO_BACKFILL),
        ),
    ],
}


def opened(path):
    return sqlite3.connect("file:%s?mode=ro" % path, uri=True)


def tables(database):
    """The columns of each table."""
    return {
        name: [column[1] for column in database.execute("PRAGMA table_info(%s)" % name)]
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if not name.startswith("sqlite_") and name != "schema_versions"
    }


def rows(database, table, columns):
    return database.execute(
        "SELECT %s FROM %s ORDER BY %s" % (", ".join(columns), table, ", ".join(columns))
    ).fetchall()


def versions(database):
    return dict(database.execute("SELECT component, version FROM schema_versions"))


def schema(database):
    """As it is understood: without comments and white space."""

    def bare(sql):
        return re.sub(r"\s+|(?<=\W)\s|\s(?=\W)", " ", re.sub(r"--[^\n]*", "", sql or ""))

    found = database.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    return sorted((kind, name, re.sub(r" ?([(),]) ?", r"\1", bare(sql))) for kind, name, sql in found)


def grow(path, messages):
    database = sqlite3.connect(path)
    columns = tables(database)["messages"]
    columns.remove("row_id")
    values = ["m.document_id || '-' || n.i" if c == "document_id" else "m." + c for c in columns]
    database.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)"
        " INSERT INTO messages (%s) SELECT %s FROM n CROSS JOIN messages m"
        " WHERE m.row_id <= (SELECT max(row_id) FROM messages) LIMIT %d"
        " - (SELECT count(*) FROM messages)" % (", ".join(columns), ", ".join(values), messages)
    )
    database.commit()
    database.close()


class OldAccount(Case):
    messages = 100_000

    def setUp(self):
        super().setUp()
        self.old = os.path.join(self.scratch, "old.db")
        shutil.copy(OLD, self.old)
        grow(self.old, self.messages)
        with opened(self.old) as database:
            (self.account,) = database.execute("SELECT account_id FROM account").fetchone()
            self.old_versions = versions(database)
        self.place()

    def place(self):
        """A state directory with the old file."""
        shutil.rmtree(self.state, ignore_errors=True)
        for part in ("", "accounts", "run", "accounts/" + self.account):
            os.mkdir(os.path.join(self.state, part), 0o700)
        shutil.copy(self.old, self.account_file())
        os.chmod(self.account_file(), 0o600)

    def update(self):
        run = self.run_sync("accounts", "list", "--json")
        self.assertEqual(run.code, OK, run.account())

    def copies(self):
        return glob.glob(self.account_file() + ".before-*")

    def assert_same(self, path):
        """Row by row."""
        old, new = opened(self.old), opened(path)
        here, there = tables(old), tables(new)
        self.assertEqual(old.execute("SELECT count(*) FROM messages").fetchone(), (self.messages,))
        for table, columns in here.items():
            kept = [column for column in columns if column in there.get(table, ())]
            moved = MOVED.get(table, []) if len(kept) < len(columns) else []
            for before, after in moved:
                self.assertEqual(old.execute(before).fetchall(), new.execute(after).fetchall(), table)
            named = " ".join(before for before, _ in moved)
            lost = [c for c in columns if c not in kept and not re.search(r"\b%s\b" % c, named)]
            self.assertEqual(lost, [], "where is it now? say so in MOVED")
            if kept:
                self.assertTrue(rows(old, table, kept) == rows(new, table, kept), table)
        old.close()
        new.close()

    def assert_updated(self):
        """Everything is there, in the tables of a new file, and the copy is what was."""
        self.assert_sound()
        self.assert_index_is_sound(whole=True)
        self.assert_same(self.account_file())
        with opened(self.account_file()) as database:
            self.assertNotEqual(versions(database), self.old_versions)
            kept = database.execute(
                "SELECT threads, messages, contacts, unsent, oldest_at, newest_at FROM totals"
            )
            counted = database.execute(
                "SELECT (SELECT count(*) FROM threads WHERE redirect_to = ''),"
                " (SELECT count(*) FROM messages), (SELECT count(*) FROM contacts),"
                + " + ".join(
                    "(SELECT count(*) FROM %s WHERE revision > uploaded_revision"
                    " AND upload_error IS NULL)" % table
                    for table in ("threads", "messages", "contacts")
                )
                + ", (SELECT min(sent_at) FROM messages WHERE sent_at > 1),"
                " (SELECT max(newest_at) FROM threads)"
            )
            self.assertEqual(kept.fetchall(), counted.fetchall())
        (copy,) = self.copies()
        self.assertEqual(stat.S_IMODE(os.stat(copy).st_mode), 0o600)
        self.assert_same(copy)
        with opened(copy) as database:
            self.assertEqual(versions(database), self.old_versions)


class Migration(OldAccount):
    def test_nothing_is_lost(self):
        began = time.monotonic()
        self.update()
        print("updated in %.2f s" % (time.monotonic() - began))
        self.assert_updated()
        with opened(self.account_file()) as database:
            updated, updated_versions = schema(database), versions(database)
        self.update()
        self.assert_updated()
        with opened(self.old) as database:
            (threads,) = database.execute("SELECT count(*) FROM threads").fetchone()
        self.assertEqual(len(self.threads()), threads)
        # It is what a file is that was made today.
        self.state = os.path.join(self.scratch, "new")
        self.paired(self.simulator(dataset="1x1"))
        self.assertEqual(updated_versions, versions(self.database()))
        self.assertEqual(updated, schema(self.database()))

    def test_two_at_once(self):
        runs = [self.start("threads", "list", "--json") for _ in range(3)]
        for run in runs:
            self.assertEqual(run.wait(), OK, run.account())
        self.assertEqual(runs[0].out.text(), runs[1].out.text())
        self.assert_updated()

    def test_not_under_an_older_program_that_holds_it(self):
        with open(os.path.join(self.account_directory(), "lock"), "w") as lock:
            os.chmod(lock.name, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("%d\n" % os.getpid())
            lock.flush()
            run = self.run_sync("threads", "list")
            self.assert_fails(
                run,
                HELD,
                says=["older wa-sync", "process %d" % os.getpid(), self.account_file()],
                hints=["systemctl restart"],
            )
        with opened(self.account_file()) as database:
            self.assertEqual(versions(database), self.old_versions)
        self.assertEqual(self.copies(), [])
        self.update()
        self.assert_updated()

    def test_who_only_looks_says_what_to_do(self):
        run = self.run_sync("diagnose", "--account", self.account)
        self.assertIn("wa-sync accounts list", run.out.text() + run.err.text(), run.account())
        with opened(self.account_file()) as database:
            self.assertEqual(versions(database), self.old_versions)

    def test_a_newer_file_is_refused_by_name(self):
        self.update()
        with sqlite3.connect(self.account_file()) as database:
            database.execute("UPDATE schema_versions SET version = 99 WHERE component = 'inbox'")
        run = self.run_sync("threads", "list")
        self.assert_fails(
            run, FAILED, says=[self.account_file(), "inbox tables version 99"], hints=["Upgrade wa-sync"]
        )


class Killed(OldAccount):
    messages = 10_000  # each of the many rounds compares all of them, twice

    def test_killed_at_every_commit(self):
        for moment in ("before", "after"):
            for number in range(1, 100):
                self.place()
                at = "%d:%s upgrade" % (number, moment)
                run = self.run_sync("accounts", "list", name="wa-sync-crash", CRASH_AT=at)
                if run.code == OK:
                    self.assertGreater(number, 1)
                    break
                self.assertEqual(run.code, -signal.SIGKILL, run.account())
                self.assert_sound()
                self.update()
                self.assert_updated()

    def test_killed_at_random(self):
        began = time.monotonic()
        self.update()
        took = time.monotonic() - began
        chance = random.Random(SEED)
        for _ in range(ROUNDS):
            self.place()
            after = chance.uniform(0, took)
            with self.subTest(seed=SEED, after=after, took=took):
                run = self.start("accounts", "list")
                time.sleep(after)
                run.process.kill()
                run.wait()
                self.assert_sound()
                self.assert_same(self.account_file())
                self.update()
                self.assert_updated()


class KilledWhileIndexed(OldAccount):
    messages = 60_000  # the search index is filled in more than one transaction

    def test_between_the_parts(self):
        for number in range(20, 0, -1):
            self.place()
            at = "%d:before upgrade" % number
            run = self.run_sync("accounts", "list", name="wa-sync-crash", CRASH_AT=at)
            if run.code == OK:
                continue  # there are not so many commits
            self.assertEqual(run.code, -signal.SIGKILL, run.account())
            with opened(self.account_file()) as database:
                if "search_state" not in tables(database):
                    break
                (there,) = database.execute("SELECT messages_to FROM search_state").fetchone()
            if 0 < there < self.messages:
                self.assert_sound()
                self.update()
                self.assert_updated()
                return
        self.fail("no part of the index was in the file alone")


if __name__ == "__main__":
    harness.main()
