#!/usr/bin/env python3
"""Completions for bash, zsh and fish: they name what --help of each command names, and the
shells understand them.

usage: completions_test.py BUILD_BIN_DIR [TEST…]
"""

import os
import re
import shutil
import subprocess
import sys
import unittest

import harness
from harness import OK, PATIENCE, Case

FOLDER = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "completions"
)

BASH = """
set -u
compopt() { :; }  # works only while a person completes
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_wa_sync
printf '%s\\n' "${COMPREPLY[@]}"
"""


def shell(name):
    path = shutil.which(name)
    if not path:
        raise unittest.SkipTest("no %s" % name)
    return path


def output(arguments, **more):
    done = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, **more
    )
    if done.returncode != 0 or done.stderr:
        raise AssertionError("%s\n%s" % (arguments, done.stderr.decode()))
    return done.stdout.decode()


class Completions(Case):
    def setUp(self):
        super().setUp()
        section = self.run_sync("--help").out.text().split("\nCommands:\n")[1].split("\n\n")[0]
        # "  threads list   List conversations …"; what is wrapped stands further right.
        self.commands = [
            tuple(words.split()) for words in re.findall(r"^  (\S+(?: \S+)?)(?:  |$)", section, re.M)
        ]
        self.assertIn(("pair",), self.commands)
        self.assertIn(("threads", "list"), self.commands)

    def options_in_help(self, command):
        text = self.run_sync(*command, "--help").out.text()
        return set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z-]+)", text, re.M))

    def test_they_are_what_the_program_says_today(self):
        script = os.path.join(FOLDER, "generate")
        output([sys.executable, script, harness.program("wa-sync"), "--check"])

    def bash(self, *words):
        path = os.path.join(FOLDER, "wa-sync.bash")
        printed = output([shell("bash"), "-c", BASH, "bash", path, "wa-sync", *words])
        return set(printed.splitlines()) - {""}

    def test_bash_offers_the_options_that_help_lists(self):
        for command in self.commands:
            with self.subTest(command=command):
                offered = self.bash(*command, "--")
                self.assertEqual(offered, self.options_in_help(command))

    def test_bash_commands_and_values(self):
        first = {each[0] for each in self.commands} | {"help"}
        self.assertEqual(
            {word for word in self.bash("") if not word.startswith("-")}, first
        )
        for words, expected in (
            (("un",), {"unpair"}),
            (("threads", "s"), {"show"}),
            (("--account", "pair", "thr"), {"threads"}),
            (("--lang=ro", "acc"), {"accounts"}),
            (("pair", "--method", ""), {"qr", "code"}),
            (("pair", "--method", "=", "c"), {"code"}),
            (("pair", "--method", "="), {"qr", "code"}),
            (("pair", "--name", ""), set()),
            (("pair", "--method", "=", "code", "--ph"), {"--phone"}),
            (("--web-version", ""), {"auto", "built-in"}),
            (("help", "thr"), {"threads"}),
            (("help", "threads", "l"), {"list"}),
        ):
            with self.subTest(words=words):
                self.assertEqual(self.bash(*words), expected)

    def test_bash_files(self):
        for name in ("code.png", "code of Ana.png"):
            open(os.path.join(self.scratch, name), "w").close()
        self.assertEqual(
            self.bash("pair", "--qr-png", self.scratch + "/co"),
            {self.scratch + "/code.png", self.scratch + "/code of Ana.png"},
        )
        self.assertEqual(self.bash("--state-dir", self.scratch + "/co"), set())

    def fish(self, line):
        code = "source %s; complete -C %s" % (os.path.join(FOLDER, "wa-sync.fish"), repr(line))
        printed = output([shell("fish"), "--no-config", "-c", code], env=self.environment())
        return {each.split("\t")[0] for each in printed.splitlines()}

    def test_fish(self):
        for command in self.commands:
            with self.subTest(command=command):
                offered = self.fish("wa-sync %s --" % " ".join(command))
                self.assertEqual(
                    {each for each in offered if each.startswith("--")},
                    self.options_in_help(command),
                )
        self.assertEqual(self.fish("wa-sync "), {each[0] for each in self.commands} | {"help"})
        self.assertEqual(self.fish("wa-sync threads "), {"list", "show"})
        self.assertEqual(self.fish("wa-sync --account pair threads s"), {"show"})
        self.assertEqual(self.fish("wa-sync pair --method "), {"qr", "code"})
        self.assertEqual(self.fish("wa-sync pair --name "), set())

    def test_zsh(self):
        """That it can be read; what it offers is as generated."""
        path = os.path.join(FOLDER, "_wa-sync")
        output([shell("zsh"), "-f", "-n", path])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for command in self.commands:
            for option in self.options_in_help(command):
                self.assertRegex(text, r"['{,(]%s[=\[},']" % option)


if __name__ == "__main__":
    harness.main()
