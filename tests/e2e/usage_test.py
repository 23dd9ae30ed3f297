#!/usr/bin/env python3
"""Wrong usage, wrong settings, wrong files: the exact exit code, a message and a hint.

usage: usage_test.py BUILD_BIN_DIR [TEST…]
"""

import os
import re
import shutil
import sqlite3
import subprocess
import unittest

from harness import FAILED, NOT_PAIRED, OK, USAGE, WHATSAPP, Case

KEY = "ab" * 32
# What a check that is missing would lead to: an error of another kind, not the Internet.
NOWHERE = {"WA_SYNC_SERVER": "ws://127.0.0.1:9", "WA_SYNC_SERVER_KEY": KEY}
# What destroys or repairs has no twin in the environment.
TYPED = ("help", "version", "yes", "purge", "force", "again", "fix", "network-state-dir")
LOCAL = ("--server", "ws://127.0.0.1:9", "--server-key", KEY)


class Options(Case):
    def check(self, *arguments, says=(), hints=(), code=USAGE, **environment):
        for json in ((), ("--json",)):
            run = self.run_sync(*json, *arguments, **{**NOWHERE, **environment})
            if run.out.all:
                run.out.all[:] = run.out.all[-1:]
            self.assert_fails(run, code, says=says, hints=hints)
            self.assertFalse(os.path.exists(self.state), "nothing is made before all is checked")

    def test_no_command(self):
        self.check(hints=["--help"])

    def test_unknown_command(self):
        self.check("pear", says=["pear"])

    def test_unknown_option(self):
        self.check("pair", "--fast", says=["--fast"], hints=["wa-sync pair --help"])

    def test_missing_value(self):
        self.check("pair", "--name", says=["--name"])

    def test_values_that_make_no_sense(self):
        for arguments in (
            ("pair", "--qr", "jpeg"),
            ("pair", "--history", "some"),
            ("pair", "--timeout", "soon"),
            ("pair", "--timeout", "0s"),
            ("pair", "--web-version", "new"),
            ("threads", "list", "--limit", "0"),
            ("threads", "list", "--limit", "many"),
            ("threads", "list", "--since", "yesteryear"),
            ("threads", "show", "x", "--before", "then"),
            ("pair", "--color", "pink"),
            ("pair", "--lang", "de"),
            ("pair", "--log-format", "xml"),
            ("pair", "--inbox", "cassandra"),
        ):
            with self.subTest(arguments=arguments):
                self.check(*arguments, says=[arguments[-2]])

    def test_the_environment_is_checked_as_well(self):
        self.check("pair", WA_SYNC_QR="jpeg", says=["--qr", "jpeg"])

    def test_an_inbox_this_version_does_not_have(self):
        self.check("threads", "list", "--inbox", "mongodb", says=["inbox"])

    def test_thread_missing(self):
        self.check("threads", "show", says=["thread"])

    def test_help_and_version(self):
        for arguments in (("--help",), ("pair", "--help"), ("help", "threads", "list")):
            run = self.run_sync(*arguments)
            self.assertEqual((run.code, run.err.text()), (OK, ""))
            self.assertTrue(run.out.text().startswith("Usage: wa-sync"), run.out.text())
            self.assertIn("Examples:", run.out.text())
        self.assertRegex(self.run_sync("--version").out.text(), r"^wa-sync \d+\.\d+\.\d+\n$")

    def test_every_option_is_in_the_manual_of_variables(self):
        variables = self.run_sync("help", "environment").out.text()
        for option in re.findall(r"--([a-z][a-z-]+)", self.help()):
            name = "WA_SYNC_" + option.upper().replace("-", "_")
            if option in TYPED:
                self.assertNotRegex(variables, r"(?m)^%s " % name)
            else:
                self.assertRegex(variables, r"(?m)^%s " % name)


class Server(Case):
    def check(self, *options, code=USAGE, **more):
        run = self.run_sync("pair", "--json", *options)
        self.assert_fails(run, code, **more)
        self.assertEqual(len(run.out.all), 1)  # the error, and no code to scan

    def test_a_key_for_the_real_service(self):
        self.check("--server-key", KEY, says=["--server-key", "--server"])
        self.check("--server", "wss://web.whatsapp.com/ws/chat", "--server-key", KEY)
        self.check("--server", "wss://g.WhatsApp.net/ws/chat", "--server-key", KEY)

    def test_a_malformed_key(self):
        for key in ("abc", "zz" * 32, "ab" * 31, "ab" * 33):
            with self.subTest(key=key):
                self.check("--server", LOCAL[1], "--server-key", key, says=["64"])

    def test_plain_connections_leave_the_host_nowhere(self):
        for url in (
            "ws://192.0.2.1/ws/chat",
            "ws://example.invalid/ws/chat",
            "ws://127.0.0.1.example.invalid/",
            "ws://127.0.0.1@192.0.2.1/",
            "ws://localhost.example.invalid/",
        ):
            with self.subTest(url=url):
                self.check("--server", url, "--server-key", KEY)

    def test_other_protocols(self):
        for url in ("http://127.0.0.1:9/", "file:///etc/passwd", "127.0.0.1:9", "wss://"):
            with self.subTest(url=url):
                self.check("--server", url, "--server-key", KEY)

    def test_nobody_there(self):
        self.check(*LOCAL, code=WHATSAPP, error="network")


class StateDirectory(Case):
    def test_listings_make_nothing(self):
        for command in (("threads", "list"), ("threads", "show", "x")):
            run = self.run_sync(*command)
            self.assert_fails(run, NOT_PAIRED, hints=["wa-sync pair"])
            self.assertFalse(os.path.exists(self.state))

    def test_open_to_others(self):
        os.mkdir(self.state, 0o755)
        os.chmod(self.state, 0o755)
        for command in (("pair", *LOCAL), ("threads", "list"), ("accounts", "list")):
            with self.subTest(command=command):
                run = self.run_sync(*command, "--json")
                self.assert_fails(run, USAGE, error="config", hints=["chmod 700 '%s'" % self.state])

    def test_open_to_others_inside(self):
        os.makedirs(self.state + "/accounts", 0o700)
        os.chmod(self.state, 0o700)
        os.chmod(self.state + "/accounts", 0o711)
        run = self.run_sync("pair", *LOCAL)
        self.assert_fails(run, USAGE, hints=["chmod 700"])

    def test_a_file_in_its_place(self):
        with open(self.state, "w"):
            pass
        self.assert_fails(self.run_sync("pair", *LOCAL), USAGE, says=["is not a directory"])
        self.assert_fails(self.run_sync("threads", "list"), USAGE, says=["is not a directory"])

    def test_of_somebody_else(self):
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can give a directory away")
        os.mkdir(self.state, 0o700)
        os.chown(self.state, 65534, 65534)
        self.assert_fails(self.run_sync("pair", *LOCAL), USAGE, says=["belongs to another user"])

    def by_table_of_mounts(self, text):
        """A command that runs another one, which sees these mounts."""
        own_mounts = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")
        path = self.scratch + "/mountinfo"
        with open(path, "w") as file:
            file.write(text)
        by = (*own_mounts, "sh", "-c", 'mount --bind "$0" /proc/$$/mountinfo && exec "$@"', path)
        tried = subprocess.run([*by, "true"], stderr=subprocess.PIPE, timeout=60)
        if tried.returncode != 0:
            raise unittest.SkipTest("no mount namespaces here: " + tried.stderr.decode())
        return by

    def test_on_a_network_file_system(self):
        device = os.stat(self.scratch).st_dev
        by = self.by_table_of_mounts(
            "1 1 %d:%d / / rw - nfs4 nas:/home rw\n" % (os.major(device), os.minor(device))
        )
        for command in (("pair", *LOCAL), ("listen", *LOCAL), ("threads", "list"), ("diagnose",)):
            with self.subTest(command=command):
                run = self.run_sync(*command, "--json", by=by)
                self.assert_fails(
                    run, USAGE, error="config", says=["nfs4", self.state], hints=["--state-dir"]
                )
                self.assertFalse(os.path.exists(self.state), "something was touched")
        run = self.run_sync("threads", "list", "--network-state-dir", by=by)
        self.assert_fails(run, NOT_PAIRED)

    def test_that_cannot_be_made(self):
        self.state = "/proc/wa-sync"
        run = self.run_sync("pair", *LOCAL)
        self.assert_fails(run, FAILED, says=["/proc/wa-sync"], hints=["--state-dir"])

    def test_that_cannot_be_entered(self):
        os.mkdir(self.state, 0o000)
        # Root may enter every directory, unless without these capabilities.
        as_others = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
        by = as_others if os.geteuid() == 0 else ()
        self.assert_fails(self.run_sync("threads", "list", by=by), FAILED)

    def test_links_inside_are_not_followed(self):
        outside = self.scratch + "/outside"
        os.makedirs(outside, 0o700)
        os.mkdir(self.state, 0o700)
        os.symlink(outside, self.state + "/accounts")
        self.assert_fails(self.run_sync("pair", *LOCAL), USAGE)
        self.assertEqual(os.listdir(outside), [])


class ConfigurationFile(Case):
    def written(self, text):
        path = self.scratch + "/config.toml"
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_used(self):
        path = self.written('lang = "ro"\n')
        run = self.run_sync("--config", path, "threads", "list")
        self.assert_fails_in_romanian(run)

    def assert_fails_in_romanian(self, run):
        self.assertEqual(run.code, NOT_PAIRED)
        self.assertRegex(run.err.text(), r"(?m)^sfat: ")

    def test_missing(self):
        run = self.run_sync("--config", self.scratch + "/none.toml", "threads", "list")
        self.assert_fails(run, USAGE, says=["none.toml"])

    def test_unknown_key(self):
        run = self.run_sync("--config", self.written("colour = 1\n"), "threads", "list")
        self.assert_fails(run, USAGE, says=["colour"])

    def test_unusable_value(self):
        run = self.run_sync("--config", self.written("limit = 'x'\n"), "threads", "list")
        self.assert_fails(run, USAGE, says=["limit"])


class AccountFile(Case):
    """The account's database is damaged, too new, or gone."""

    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator(dataset="3x5")
        self.paired(self.whatsapp)

    def commands(self):
        return (
            ("threads", "list"),
            ("accounts", "list"),
            ("pair", "--server", self.whatsapp.url, "--server-key", self.whatsapp.key),
        )

    def content(self):
        with open(self.account_file(), "rb") as file:
            return file.read()

    def overwrite(self, content):
        for ending in ("-wal", "-shm"):
            if os.path.exists(self.account_file() + ending):
                os.unlink(self.account_file() + ending)
        with open(self.account_file(), "wb") as file:
            file.write(content)

    def check(self, error, *, hints=()):
        before = self.content()
        for command in self.commands():
            with self.subTest(command=command):
                run = self.run_sync(*command, "--json")
                self.assert_fails(run, FAILED, error=error, hints=hints)
        self.assertEqual(self.content(), before, "a file that cannot be used is left as it is")

    def test_no_database(self):
        self.overwrite(b"this is no database, but it is longer than a header of SQLite" * 20)
        self.check("store", hints=["backup"])

    def test_cut_short(self):
        whole = self.content()
        self.overwrite(whole[: len(whole) // 3])
        self.check("store", hints=["backup"])

    def test_overwritten_in_the_middle(self):
        whole = bytearray(self.content())
        whole[4096 : 12 * 4096] = b"\xff" * (11 * 4096)
        self.overwrite(bytes(whole))
        self.check("store", hints=["backup"])

    def test_of_a_newer_version(self):
        database = sqlite3.connect(self.account_file())
        (table, column) = self.version_of(database)
        database.execute("UPDATE %s SET %s = 99" % (table, column))
        database.commit()
        database.close()
        self.check("store_too_new", hints=["Upgrade"])

    def version_of(self, database):
        """Where the schema's version stands."""
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in database.execute("PRAGMA table_info(%s)" % table):
                if "version" in row[1]:
                    return table, row[1]
        self.fail("no table holds the schema's version")

    def test_gone(self):
        shutil.rmtree(self.account_directory())
        run = self.run_sync("threads", "list")
        self.assert_fails(run, NOT_PAIRED, hints=["wa-sync pair"])
        self.paired(self.whatsapp)
        self.assert_inbox_equals(self.whatsapp)

    def test_a_moved_state_directory_works(self):
        moved = self.scratch + "/elsewhere"
        os.rename(self.state, moved)
        self.state = moved
        self.assert_inbox_equals(self.whatsapp)

    def test_no_such_account_or_thread(self):
        run = self.run_sync("threads", "list", "--account", "+40700000001")
        self.assert_fails(run, USAGE, says=["+40700000001"], hints=["+40737123397"])
        run = self.run_sync("threads", "show", "Nimeni")
        self.assert_fails(run, USAGE, says=["Nimeni"], hints=["wa-sync threads list"])


if __name__ == "__main__":
    import harness

    harness.main()
