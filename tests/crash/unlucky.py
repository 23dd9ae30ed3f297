"""Bad luck for a process that a test starts: its disk fails, its clock jumps; both whenever the test
says so. See unlucky.cpp.
"""

import errno
import mmap
import os
import struct

import harness

ALL = 2**62


class Unlucky:
    """`environment` is for Case.start. Files below `directory` fail."""

    CLOCK, FIRST, CALLS, ERROR, COUNTED, FAILED = range(6)

    def __init__(self, test, directory):
        library = os.path.join(harness.build_bin, "../lib/libunlucky.so")
        path = os.path.join(test.scratch, "unlucky-%d" % len(os.listdir(test.scratch)))
        with open(path, "w+b") as file:
            file.write(bytes(64))
            file.flush()
            self.control = mmap.mmap(file.fileno(), 64)
        test.addCleanup(self.control.close)
        self.environment = {
            "LD_PRELOAD": os.path.normpath(library),
            "UNLUCKY_CONTROL": path,
            "UNLUCKY_DIRECTORY": directory + "/",
        }

    def _set(self, place, value):
        struct.pack_into("q", self.control, 8 * place, value)

    def _get(self, place):
        return struct.unpack_from("q", self.control, 8 * place)[0]

    def jump(self, seconds):
        """The clock is so far ahead of the right one; negative: behind."""
        self._set(self.CLOCK, seconds)

    def fail(self, first, calls=1, error=errno.EIO):
        """From that call on, counted from now, so many fail."""
        self._set(self.FIRST, 0)
        self._set(self.COUNTED, 0)
        self._set(self.FAILED, 0)
        self._set(self.CALLS, calls)
        self._set(self.ERROR, error)
        self._set(self.FIRST, first)

    def fill(self, first=1):
        """From that call on the disk is full."""
        self.fail(first, ALL, errno.ENOSPC)

    def recover(self):
        self._set(self.FIRST, 0)

    @property
    def counted(self):
        """Calls that could have failed."""
        return self._get(self.COUNTED)

    @property
    def failed(self):
        return self._get(self.FAILED)
