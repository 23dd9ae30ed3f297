#!/usr/bin/env python3
"""Google's Firestore emulator: found, started on a port of the kernel's choosing, stopped.

One serves a whole run. A test works in a project of its own, so tests do not see each other's
documents and nothing has to be cleared between them.

usage: tests/firestore/emulator.py --check | --serve | --start FILE | --stop FILE
       tests/firestore/emulator.py --beside FILE COMMAND…
  --check   is there one here? Says what is missing, and how to get it
  --serve   says on a line where it listens, and runs it until it is told to end
  --start   runs it in the background, for ctest: until --stop, or until the caller has ended.
            FILE says where it listens, or why there is none
  --beside  runs COMMAND with the environment that FILE means
"""

import ctypes
import glob
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))

# What it needs is in the Google Cloud CLI's component of this name.
FOLDER = "platform/cloud-firestore-emulator"
JAR = "cloud-firestore-emulator.jar"
MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"

SECONDS_TO_START = 120
ATTEMPTS = 5

# It keeps what was written, and what was deleted too: about 10 KB of heap for each message.
HEAP = "2g"


class NoEmulator(Exception):
    """There is none on this machine, or no Java for it."""


def roots():
    """Where the Google Cloud CLI usually lives."""
    yield "/usr/lib/google-cloud-sdk"
    yield "/opt/google-cloud-sdk"
    yield "/usr/share/google-cloud-sdk"
    yield "/usr/local/google-cloud-sdk"
    yield "/snap/google-cloud-cli/current"
    yield os.path.expanduser("~/google-cloud-sdk")
    gcloud = shutil.which("gcloud")
    if gcloud:
        # …/google-cloud-sdk/bin/gcloud
        yield os.path.dirname(os.path.dirname(os.path.realpath(gcloud)))


def jar_at(path):
    """The jar that a path means: itself, in that folder, or beside that script."""
    if path.endswith(".jar"):
        return path if os.path.isfile(path) else None
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    for name in (JAR, os.path.join(FOLDER, JAR)):
        if os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return None


def find_jar():
    given = os.environ.get("FIRESTORE_EMULATOR")
    if given:
        jar = jar_at(given)
        if not jar:
            raise NoEmulator("no Firestore emulator at FIRESTORE_EMULATOR=%s" % given)
        return jar
    for root in roots():
        jar = jar_at(os.path.join(root, FOLDER))
        if jar:
            return jar
    # firebase-tools fetches the same jar: `firebase setup:emulators:firestore`.
    fetched = glob.glob(os.path.expanduser("~/.cache/firebase/emulators/cloud-firestore-*.jar"))
    if fetched:
        return max(fetched, key=os.path.getmtime)
    raise NoEmulator("no Firestore emulator")


def find_java():
    home = os.environ.get("JAVA_HOME")
    for candidate in (os.environ.get("JAVA"), home and os.path.join(home, "bin/java"), "java"):
        found = candidate and shutil.which(candidate)
        if found:
            return found
    raise NoEmulator("no Firestore emulator: no Java")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PR_SET_PDEATHSIG = 1
PRCTL = ctypes.CDLL(None).prctl  # found before the fork, where little may be done


def end_with_parent():
    """A run that is killed leaves no emulator behind. (Its parent is the thread that starts it.)"""
    PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)


def answers(host):
    try:
        with urllib.request.urlopen("http://%s/" % host, timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def new_project():
    return "test-" + uuid.uuid4().hex[:20]


class Emulator:
    """A running emulator; `host` is what FIRESTORE_EMULATOR_HOST wants. Use it in `with`.

    Raises NoEmulator when this machine has none, RuntimeError when it does not start.
    """

    def __init__(self, heap=HEAP, rules=None):
        self.process = None
        running = os.environ.get("FIRESTORE_EMULATOR_HOST")
        if running:
            if not answers(running):
                raise RuntimeError("nothing answers at FIRESTORE_EMULATOR_HOST=%s" % running)
            self.host = running
            return
        command = [find_java(), "-Xmx" + heap, "-Duser.language=en", "-cp", find_jar(), MAIN]
        if rules:
            command.append("--rules=" + rules)
        self.log = tempfile.TemporaryFile()
        # Asked for port 0 it does not tell which one it got. So one that was free a moment
        # ago is tried, and another one if somebody was faster.
        for _ in range(ATTEMPTS):
            self.host = "127.0.0.1:%d" % free_port()
            if self._start(command):
                return
        said = self.said()
        self.stop()
        raise RuntimeError("the Firestore emulator did not start:\n" + said)

    def _start(self, command):
        address, port = self.host.split(":")
        self.process = subprocess.Popen(
            [*command, "--host=" + address, "--port=" + port],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.process.poll() is None:
            # Another program's answer on that port would look the same but for this word.
            if b"now running" in self._log_so_far() and answers(self.host):
                return True
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
        self._kill()
        return False

    def _log_so_far(self):
        return os.pread(self.log.fileno(), 1 << 20, 0)

    def said(self):
        return self._log_so_far().decode(errors="replace")[-4000:]

    def peak_rss_kb(self):
        """0 for one that somebody else started."""
        if not self.process:
            return 0
        with open("/proc/%d/status" % self.process.pid) as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def _kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()  # it has nothing to save
        if self.process:
            self.process.wait()

    def stop(self):
        self._kill()
        if self.process:
            self.log.close()
            self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


HOW_TO_GET_IT = """Google's Firestore emulator comes with the Google Cloud CLI:
  gcloud components install cloud-firestore-emulator
or in the package google-cloud-cli-firestore-emulator of Google's repository, or by
  npx firebase-tools setup:emulators:firestore
It needs Java (Debian: default-jre-headless). FIRESTORE_EMULATOR names another place,
FIRESTORE_EMULATOR_HOST one that runs."""


def check():
    if not os.environ.get("FIRESTORE_EMULATOR_HOST"):
        find_jar()
        find_java()


def serve():
    # The caller's Ctrl-C is the caller's to handle: it ends this when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Emulator() as emulator:
        print(emulator.host, flush=True)
        while True:
            signal.pause()


def start(file):
    caller = os.pidfd_open(os.getppid())
    told, tell = os.pipe()
    if os.fork():
        # Returns once the file is there.
        os.close(tell)
        os.read(told, 1)
        with open(file) as ready:
            print(json.load(ready)["said"])
        return
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())

    def ready(host, said):
        with open(file + ".new", "w") as out:
            json.dump({"host": host, "said": said, "pid": os.getpid() if host else None}, out)
        os.replace(file + ".new", file)
        os.close(tell)

    try:
        with Emulator() as emulator:
            ready(emulator.host, "the emulator listens at " + emulator.host)
            select.select([caller], [], [])
    except (NoEmulator, RuntimeError) as why:
        ready(None, str(why))


def stop(file):
    with open(file) as ready:
        pid = json.load(ready)["pid"]
    if pid:
        ended = os.pidfd_open(pid)
        signal.pidfd_send_signal(ended, signal.SIGTERM)
        select.select([ended], [], [], 30)
    os.unlink(file)


def beside(file, command):
    with open(file) as ready:
        known = json.load(ready)
    if known["host"]:
        os.environ["FIRESTORE_EMULATOR_HOST"] = known["host"]
    else:
        os.environ["WASYNC_NO_EMULATOR"] = known["said"]
    # What tests/peers/install leaves when it is done.
    if not os.path.exists(os.path.join(HERE, "node_modules/.wa-sync-lock")):
        os.environ["WASYNC_NO_NODE"] = "1"
    os.execvp(command[0], command)


def main():
    doing, arguments = "".join(sys.argv[1:2]), sys.argv[2:]
    wants = {"--check": 0, "--serve": 0, "--start": 1, "--stop": 1}.get(doing)
    if doing == "--beside" and len(arguments) > 1:
        beside(arguments[0], arguments[1:])
    if wants is None or wants != len(arguments):
        sys.exit(__doc__[__doc__.index("usage:") :].rstrip())
    work = {"--check": check, "--serve": serve, "--start": start, "--stop": stop}[doing]
    try:
        work(*arguments)
    except NoEmulator as why:
        sys.exit("%s\n%s" % (why, HOW_TO_GET_IT))
    except RuntimeError as why:
        sys.exit(str(why))


if __name__ == "__main__":
    main()
