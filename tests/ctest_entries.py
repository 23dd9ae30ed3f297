#!/usr/bin/env python3
"""usage: tests/ctest_entries.py BUILD_DIR

Prints ctest's commands for the tests that CMake does not compile: each test of the *_test.py below
this folder and of the *_test.go in peers/, and each file of peers/*.test.mjs, becomes an entry,
labelled with its layer. CMake includes this when ctest starts, so that a new test needs no list and
no build.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
LAYERS = ("e2e", "crash", "firestore", "soak")
BESIDE_EMULATOR = ("firestore", "soak")
# What they count grows when the emulator has no time for them: few others run beside them.
NEARLY_ALONE = ("firestore.cost",)
SECONDS = 400  # of one test, on a busy machine and with sanitizers


def files_of(layer):
    folder = os.path.join(HERE, layer)
    return [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith("_test.py")]


def tests_of(path):
    """The tests in a file, as "Class.method"."""
    name = os.path.basename(path)[: -len(".py")]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def flat(suite):
        for each in suite:
            if isinstance(each, unittest.TestSuite):
                yield from flat(each)
            else:
                yield each.id().split(".", 1)[1]

    return list(flat(unittest.defaultTestLoader.loadTestsFromModule(module)))


def entry(name, command, label, skipped, **more):
    words = " ".join("[==[%s]==]" % word for word in command)
    print("add_test([==[%s]==] %s)" % (name, words))
    patience = SECONDS + int(os.environ.get("SOAK_SECONDS", 0)) * (label == "soak")
    properties = {"LABELS": label, "TIMEOUT": patience, "SKIP_REGULAR_EXPRESSION": skipped, **more}
    told = " ".join("%s [==[%s]==]" % each for each in properties.items())
    print("set_tests_properties([==[%s]==] PROPERTIES %s)" % (name, told))


def tests_by_file(layer):
    """In a process of its own: layers have modules of the same name."""
    folders = os.pathsep.join(os.path.join(HERE, each) for each in (layer, "e2e"))
    told = subprocess.run(
        [sys.executable, "-B", __file__, "--list", layer],
        env={**os.environ, "PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(told.stdout)


def python_tests(layer, build):
    for path, tests in tests_by_file(layer).items():
        more = {"ENVIRONMENT": "PYTHONPATH=" + os.path.join(HERE, "e2e")}
        command = [sys.executable, path, os.path.join(build, "bin")]
        if layer in BESIDE_EMULATOR:
            ready = os.path.join(build, "emulator.json")
            command = [os.path.join(HERE, "firestore/emulator.py"), "--beside", ready, *command]
            more["FIXTURES_REQUIRED"] = "emulator;google-client"
        name = "%s.%s" % (layer, os.path.basename(path)[: -len("_test.py")])
        if name in NEARLY_ALONE:
            more["PROCESSORS"] = "6"
        for test in tests:
            entry("%s.%s" % (name, test), [*command, test], layer, "OK .skipped=", **more)


def peers(build):
    folder = os.path.join(HERE, "peers")
    for file in sorted(os.listdir(folder)):
        if file.endswith(".test.mjs"):
            command = [os.path.join(folder, "run"), build, file]
            name = "peers." + file[: -len(".test.mjs")]
            entry(name, command, "peers", "skipped: no Node", FIXTURES_REQUIRED="baileys")
    folder = os.path.join(folder, "whatsmeow")
    for file in sorted(os.listdir(folder)):
        if not file.endswith("_test.go"):
            continue
        with open(os.path.join(folder, file), encoding="utf-8") as source:
            tests = re.findall(r"^func Test(\w+)\(", source.read(), re.MULTILINE)
        for test in tests:
            command = [os.path.join(folder, "run"), build, "-test.run", "^Test%s$" % test]
            name = "peers.whatsmeow." + test
            entry(name, command, "peers", "skipped: no Go", FIXTURES_REQUIRED="whatsmeow")


def fixtures(build):
    """What several tests share: made once for each run of ctest, for the layers that want it."""
    install = os.path.join(HERE, "peers/install")
    compile_peer = os.path.join(HERE, "peers/whatsmeow/install")
    emulator = os.path.join(HERE, "firestore/emulator.py")
    ready = os.path.join(build, "emulator.json")
    for name, fixture, command in (
        ("install.baileys", "FIXTURES_SETUP baileys", [install]),
        ("install.whatsmeow", "FIXTURES_SETUP whatsmeow", [compile_peer, build]),
        ("install.google-client", "FIXTURES_SETUP google-client", [install, os.path.join(HERE, "firestore")]),
        ("emulator.start", "FIXTURES_SETUP emulator", [emulator, "--start", ready]),
        ("emulator.stop", "FIXTURES_CLEANUP emulator", [emulator, "--stop", ready]),
    ):
        key, value = fixture.split()
        # Exit status 3: there is no Node or Go here. Then the tests say so one by one.
        entry(name, command, "fixture", "^skipped: ", SKIP_RETURN_CODE=3, **{key: value})


def main():
    if sys.argv[1:2] == ["--list"]:
        json.dump({path: tests_of(path) for path in files_of(sys.argv[2])}, sys.stdout)
        return
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    build = os.path.abspath(sys.argv[1])
    fixtures(build)
    for layer in LAYERS:
        python_tests(layer, build)
    peers(build)


if __name__ == "__main__":
    main()
