"""A program in a pseudo-terminal, and its screen as a picture.

Terminal understands what wa-sync sends (cursor movement, erasing, colours) and no more:
anything else raises, so that a sequence nobody checked cannot slip in.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata

SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")
CELL_WIDTH, CELL_HEIGHT = 12, 24  # pixels; divisible by what blocks and sextants need


class Cell:
    __slots__ = ("character", "ink", "paper")

    def __init__(self, character=" ", ink=None, paper=None):
        self.character, self.ink, self.paper = character, ink, paper


class Terminal:
    """Grid of cells; colours are None (the theme's), 0 (black) or 255 (white)."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.row = self.column = 0
        self.cells = [self._blank_row() for _ in range(rows)]
        self._reset_colours()
        self.pending = ""

    def _blank_row(self):
        return [Cell() for _ in range(self.columns)]

    def _reset_colours(self):
        self.ink = self.paper = None
        self.reverse = False

    def resize(self, columns, rows):
        self.__init__(columns, rows)

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        at = 0
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                match = SEQUENCE.match(text, at)
                if not match:
                    if len(text) - at < 24:
                        self.pending = text[at:]
                        return
                    raise ValueError("unknown escape sequence %r" % text[at : at + 12])
                self._control(match.group(1), match.group(2))
                at = match.end()
                continue
            at += 1
            if character == "\r":
                self.column = 0
            elif character == "\n":
                self._line_feed()
            elif character < " ":
                raise ValueError("control character %r" % character)
            else:
                self._put(character)

    def _line_feed(self):
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.cells = self.cells[1:] + [self._blank_row()]

    def _put(self, character):
        if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
            return
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.column + width > self.columns:
            self.column = 0
            self._line_feed()
        ink, paper = self.ink, self.paper
        if self.reverse:  # of the theme's own colours
            ink, paper = "paper", "ink"
        self.cells[self.row][self.column] = Cell(character, ink, paper)
        if width == 2:
            self.cells[self.row][self.column + 1] = Cell("", ink, paper)
        self.column += width

    def _control(self, parameters, command):
        numbers = [int(n) if n else 0 for n in parameters.split(";")] if parameters else [0]
        if command == "m":
            self._colours(numbers)
        elif command == "A":
            self.row = max(0, self.row - max(1, numbers[0]))
        elif command == "H":
            self.row = self.column = 0
        elif command == "K":
            for column in range(self.column, self.columns):
                self.cells[self.row][column] = Cell()
        elif command == "J":
            start = 0 if numbers[0] == 2 else self.row
            if numbers[0] != 2:
                self._control("", "K")
                start += 1
            for row in range(start, self.rows):
                self.cells[row] = self._blank_row()
        else:
            raise ValueError("unknown sequence %r%s" % (parameters, command))

    def _colours(self, numbers):
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                self._reset_colours()
            elif number == 7:
                self.reverse = True
            elif number in (38, 48):
                assert numbers.pop(0) == 5, "palette colours only"
                shade = {16: 0, 231: 255}[numbers.pop(0)]
                if number == 38:
                    self.ink = shade
                else:
                    self.paper = shade
            elif number not in (1, 2) and not 30 <= number <= 37:
                raise ValueError("unknown attribute %d" % number)

    def text(self):
        return "\n".join("".join(c.character for c in row).rstrip() for row in self.cells)

    def picture(self, light_theme):
        """PGM bytes of the screen on a dark or light theme."""
        theme = {"ink": 40, "paper": 250} if light_theme else {"ink": 210, "paper": 20}
        pixels = bytearray(self.columns * CELL_WIDTH * self.rows * CELL_HEIGHT)
        stride = self.columns * CELL_WIDTH
        for row, cells in enumerate(self.cells):
            for column, cell in enumerate(cells):
                ink = theme.get(cell.ink or "ink") if cell.ink in (None, "ink", "paper") else cell.ink
                paper = (
                    theme.get(cell.paper or "paper")
                    if cell.paper in (None, "ink", "paper")
                    else cell.paper
                )
                for y in range(CELL_HEIGHT):
                    line = bytes(
                        ink if inked(cell.character, x, y) else paper for x in range(CELL_WIDTH)
                    )
                    at = (row * CELL_HEIGHT + y) * stride + column * CELL_WIDTH
                    pixels[at : at + CELL_WIDTH] = line
        header = b"P5 %d %d 255\n" % (stride, self.rows * CELL_HEIGHT)
        return header + bytes(pixels)


def inked(character, x, y):
    """Whether a font with exact block characters inks this pixel of the cell."""
    if character in (" ", ""):
        return False
    code = ord(character)
    if character == "█":
        return True
    if character == "▀":
        return y < CELL_HEIGHT // 2
    if character == "▄":
        return y >= CELL_HEIGHT // 2
    if character == "▌":
        return x < CELL_WIDTH // 2
    if character == "▐":
        return x >= CELL_WIDTH // 2
    if 0x1FB00 <= code <= 0x1FB3B:  # sextants: the patterns 1…62 without the two halves
        pattern = code - 0x1FB00 + 1
        pattern += 1 if pattern >= 0b010101 else 0
        pattern += 1 if pattern >= 0b101010 else 0
        bit = (y * 3 // CELL_HEIGHT) * 2 + x * 2 // CELL_WIDTH
        return bool(pattern >> bit & 1)
    # A letter: some strokes.
    return 2 <= x < 10 and 5 <= y < 19 and (x + y + code) % 3 == 0


def decoded(picture):
    """What zbar reads in a picture; None when it sees no QR code."""
    result = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "pgm:-"],
        input=picture,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    return result.stdout.decode().rstrip("\n") or None


class Program:
    """A child with a pseudo-terminal as its standard streams."""

    def __init__(self, arguments, columns, rows, environment):
        self.terminal = Terminal(columns, rows)
        parent, child = pty.openpty()
        self.descriptor = parent
        self.raw = b""
        self._set_size(columns, rows)
        self.process = subprocess.Popen(
            arguments,
            stdin=child,
            stdout=child,
            stderr=child,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(child)
        self._undecoded = b""

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.terminal.resize(columns, rows)
        self._set_size(columns, rows)  # the kernel sends SIGWINCH

    def read_until(self, condition, seconds=90):
        """Reads until condition(self) holds; its value. Raises with the screen on timeout."""
        deadline = time.monotonic() + seconds
        while True:
            value = condition(self)
            if value:
                return value
            left = deadline - time.monotonic()
            if left <= 0 or not self._read_some(left):
                value = condition(self)
                if value:
                    return value
                raise AssertionError("never came; the screen shows:\n" + self.terminal.text())

    def _read_some(self, seconds):
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # the child closed its side
            return False
        if not data:
            return False
        self.raw += data
        data = self._undecoded + data
        text = data.decode("utf-8", errors="ignore")
        self._undecoded = data[len(text.encode()) :]
        self.terminal.feed(text)
        return True

    def wait(self, seconds=90):
        """Reads to the end; the exit code."""
        deadline = time.monotonic() + seconds
        while self._read_some(max(0.0, deadline - time.monotonic())):
            pass
        return self.process.wait(timeout=max(1.0, deadline - time.monotonic()))

    def hang_up(self, seconds=90):
        """Closes the terminal, as a dropped SSH connection does; the exit code."""
        os.close(self.descriptor)
        self.descriptor = None
        return self.process.wait(timeout=seconds)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.descriptor is not None:
            os.close(self.descriptor)
