#!/usr/bin/env python3
"""The QR code as a person sees it: drawn by `wa-sync pair` in a pseudo-terminal, the screen
rendered on dark and light themes, decoded by zbar, and what zbar read scanned by the
simulated phone.

usage: qr_terminal_test.py BUILD_BIN_DIR [TEST…]
"""

import os
import subprocess

import harness
from harness import OK, SIGINT_CODE, Case
from screen import Program, decoded

LINK = "https://wa.me/settings/linked_devices#"


class QrInTerminal(Case):
    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator("--history-inline", dataset="3x2")

    def pair(self, columns=80, rows=24, options=(), **environment):
        program = Program(
            [harness.program("wa-sync"), "pair", "--state-dir", self.state]
            + ["--server", self.whatsapp.url, "--server-key", self.whatsapp.key, *options],
            columns,
            rows,
            self.environment(**{"TERM": "xterm-256color", **environment}),
        )
        self.addCleanup(program.end)
        return program

    def code_on(self, program, light_theme=False):
        program.read_until(lambda p: "s left" in p.terminal.text())
        return decoded(program.terminal.picture(light_theme))

    def assert_decodes(self, program, themes=(False, True)):
        for light_theme in themes:
            code = self.code_on(program, light_theme)
            self.assertIsNotNone(code, "light=%s\n%s" % (light_theme, program.terminal.text()))
            self.assertTrue(code.startswith(LINK), code)
        return code

    def test_in_80x24_the_phone_scans_what_the_screen_shows(self):
        program = self.pair()
        code = self.assert_decodes(program)
        first_line = program.terminal.text().splitlines()[0]
        self.assertIn("Linked devices", first_line)
        self.whatsapp.scan(code)
        program.read_until(lambda p: "Linked: +" in p.terminal.text())
        self.assertNotIn("█▀", program.terminal.text().split("Linked")[0])
        program.read_until(lambda p: "wa-sync threads list" in p.terminal.text(), 90)
        self.assertEqual(program.wait(), OK)

    def test_larger_windows_get_half_blocks(self):
        program = self.pair(rows=40)
        self.assert_decodes(program)
        self.assertNotRegex(program.terminal.text(), "[\U0001fb00-\U0001fb3b]")

    def test_the_narrowest_quiet_zone_still_decodes(self):
        program = self.pair(columns=63, rows=34)
        self.assert_decodes(program)
        self.assertNotRegex(program.terminal.text(), "[\U0001fb00-\U0001fb3b]")

    def test_without_colours_it_is_right_on_dark_backgrounds(self):
        program = self.pair(NO_COLOR="1")
        self.assert_decodes(program, themes=(False,))
        self.assertNotIn(b"\x1b[38", program.raw)

    def test_without_colours_it_is_right_on_backgrounds_that_say_they_are_light(self):
        program = self.pair(NO_COLOR="1", COLORFGBG="0;15")
        self.assert_decodes(program, themes=(True,))

    def test_ascii(self):
        program = self.pair(columns=140, rows=72, options=["--qr", "ascii"])
        self.assert_decodes(program)
        self.assertTrue(program.terminal.text().isascii())

    def test_ascii_without_colours(self):
        program = self.pair(140, 72, ["--qr", "ascii"], NO_COLOR="1")
        self.assert_decodes(program, themes=(False,))

    def test_a_small_window_says_what_to_do_and_draws_once_enlarged(self):
        program = self.pair(columns=70, rows=16)
        program.read_until(lambda p: "--qr-png" in p.terminal.text())
        self.assertIn("window of", program.terminal.text())
        program.resize(80, 24)
        program.read_until(lambda p: decoded(p.terminal.picture(False)))

    def test_the_picture_decodes_and_goes_away_once_scanned(self):
        picture = self.scratch + "/qr.png"
        program = self.pair(options=["--qr-png", picture])
        shown = self.code_on(program)
        self.assertEqual(os.stat(picture).st_mode & 0o777, 0o600)
        read = subprocess.run(
            ["zbarimg", "-q", "--raw", picture], stdout=subprocess.PIPE, timeout=60, check=True
        )
        self.assertEqual(read.stdout.decode().strip(), shown)
        self.whatsapp.scan(shown)
        program.read_until(lambda p: "Linked: +" in p.terminal.text())
        self.assertFalse(os.path.exists(picture))

    def test_ctrl_c_ends_it_and_leaves_the_terminal_usable(self):
        program = self.pair()
        self.code_on(program)
        os.write(program.descriptor, b"\x03")
        self.assertEqual(program.wait(), SIGINT_CODE)
        last = [line for line in program.terminal.text().splitlines() if line][-1]
        self.assertIn("wa-sync pair continues", last)

    def test_romanian(self):
        program = self.pair(LANG="ro_RO.UTF-8")
        program.read_until(lambda p: "încă" in p.terminal.text())
        self.assertIn("Dispozitive conectate", program.terminal.text())
        self.assertIsNotNone(decoded(program.terminal.picture(False)))


if __name__ == "__main__":
    harness.main()
