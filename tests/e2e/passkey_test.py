#!/usr/bin/env python3
"""Linking an account that demands its passkey: `wa-sync pair` shows what to run in a browser and
takes the answer of a software authenticator, which the simulator verifies.

usage: passkey_test.py BUILD_BIN_DIR [TEST…]
"""

import base64
import hashlib
import json
import os
import subprocess
import time

import harness
from harness import OK, PATIENCE, SIGINT_CODE, TIMED_OUT, WHATSAPP, Case
from screen import Program

PHONE = "+40737123397"
BY_CODE = ("--method", "code", "--phone", PHONE)
PAGE = "https://web.whatsapp.com"
PRESENT, VERIFIED = 1, 4


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Authenticator:
    """A passkey for whatsapp.com, and the browser that it answers."""

    def __init__(self, scratch):
        self.key = os.path.join(scratch, "passkey.pem")
        self.id = os.urandom(20)
        self.user = os.urandom(16)
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key)

    def public_key(self):
        return openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")

    def answer(self, options, origin=PAGE, site=None, flags=PRESENT | VERIFIED, kind="webauthn.get"):
        """What PublicKeyCredential.toJSON() gives: one line."""
        client_data = json.dumps(
            {"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": False}
        ).encode()
        site = site or options["rpId"]
        data = hashlib.sha256(site.encode()).digest() + bytes([flags]) + (7).to_bytes(4, "big")
        signature = openssl(
            *("dgst", "-sha256", "-sign", self.key), stdin=data + hashlib.sha256(client_data).digest()
        )
        return json.dumps(
            {
                "id": base64url(self.id),
                "rawId": base64url(self.id),
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": {},
                "response": {
                    "clientDataJSON": base64url(client_data),
                    "authenticatorData": base64url(data),
                    "signature": base64url(signature),
                    "userHandle": base64url(self.user),
                },
            }
        )


def openssl(*arguments, stdin=b""):
    return subprocess.run(
        ["openssl", *arguments], input=stdin, stdout=subprocess.PIPE, check=True, timeout=60
    ).stdout


class PasskeyCase(Case):
    def setUp(self):
        super().setUp()
        self.authenticator = Authenticator(self.scratch)

    def demanding(self, fault="passkey"):
        simulator = self.simulator(dataset="2x2", faults=[fault])
        registered = {
            "id": base64.b64encode(self.authenticator.id).decode(),
            "public_key": base64.b64encode(self.authenticator.public_key()).decode(),
        }
        simulator.ask("mock-phone/passkey", json.dumps(registered))
        return simulator

    def assert_nothing_stored(self):
        accounts = os.path.join(self.state, "accounts")
        self.assertEqual(os.listdir(accounts) if os.path.isdir(accounts) else [], [])


class Ceremony(PasskeyCase):
    def begin(self, simulator, *options):
        """Up to where the passkey is asked."""
        run = self.start_pair(simulator, *options, stdin=subprocess.PIPE)
        self.addCleanup(run.process.stdin.close)
        if "code" in options:
            simulator.type_code(run.event("code")["code"])
        else:
            simulator.scan(run.event("qr")["code"])
        return run, run.event("passkey")

    def say(self, run, line):
        run.process.stdin.write(line.encode() + b"\n")
        run.process.stdin.flush()

    def test_it_links_by_qr_code(self):
        simulator = self.demanding()
        run, asked = self.begin(simulator, "-v")
        options = asked["options"]
        self.assertEqual(options["rpId"], "whatsapp.com")
        self.assertEqual(options["userVerification"], "required")
        self.assertGreater(asked["expires_in"], 500)
        self.assertLessEqual(asked["expires_in"], 600)
        # Short enough to be read, and the options stand in it as they are.
        self.assertLess(asked["script"].count("\n"), 8)
        self.assertIn("navigator.credentials.get", asked["script"])
        (line,) = [line for line in asked["script"].splitlines() if line.startswith("{")]
        self.assertEqual(json.loads(line), options)
        answer = self.authenticator.answer(options)
        self.say(run, answer)
        code = run.event("passkey_code")
        self.assertRegex(code["code"], r"^\w{4}-\w{4}$")
        # The phone knows us from the QR code.
        self.assertFalse(code["compare"])
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(simulator.state()["complaints"], [])
        self.assert_inbox_equals(simulator)
        self.assert_no_secrets(run)
        self.assertNotIn(json.loads(answer)["response"]["signature"], run.err.text())

    def test_it_links_by_code_behind_its_last_step(self):
        simulator = self.demanding("passkey=after-finish")
        run, asked = self.begin(simulator, *BY_CODE)
        self.say(run, self.authenticator.answer(asked["options"]))
        self.assertFalse(run.event("passkey_code")["compare"])
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(simulator.state()["complaints"], [])

    def test_it_links_by_code_without_its_last_step(self):
        simulator = self.demanding()
        run, asked = self.begin(simulator, *BY_CODE)
        self.say(run, self.authenticator.answer(asked["options"]))
        # Nothing that the phone knows tells it who we are: two persons' eyes do.
        code = run.event("passkey_code")
        self.assertTrue(code["compare"])
        self.say(run, "maybe")
        self.assertEqual(run.event("passkey_code")["code"], code["code"])
        self.say(run, "yes")
        simulator.ask("mock-phone/passkey-code", json.dumps({"code": code["code"]}))
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(len(run.named("code")), 1)
        self.assertEqual(simulator.state()["complaints"], [])

    def test_a_code_that_the_phone_does_not_show(self):
        simulator = self.demanding()
        run, asked = self.begin(simulator, *BY_CODE)
        self.say(run, self.authenticator.answer(asked["options"]))
        run.event("passkey_code")
        self.say(run, "no")
        run.code = run.finish()
        self.assert_fails(run, WHATSAPP, error="pairing_failed", says=["code"])
        self.assert_nothing_stored()

    def test_what_is_no_answer_is_refused_with_a_reason_and_the_next_may_be(self):
        simulator = self.demanding()
        run, asked = self.begin(simulator)
        options, answer = asked["options"], self.authenticator.answer
        older = dict(options, challenge=base64url(os.urandom(32)))
        foreign = json.loads(answer(options))
        foreign["id"] = foreign["rawId"] = base64url(b"somebody else's")
        cut = json.loads(answer(options))
        del cut["response"]["signature"]
        for line, word in (
            ("hello", "JSON"),
            ("[" * 5000, "JSON"),
            (answer(options)[:200], "JSON"),
            (json.dumps(cut), "signature"),
            (answer(older), "another request"),
            (answer(options, origin="https://whatsapp.com.example.org"), "page of WhatsApp"),
            (answer(options, origin="http://web.whatsapp.com"), "page of WhatsApp"),
            (answer(options, kind="webauthn.create"), "something else"),
            (answer(options, site="example.org"), "not one of WhatsApp"),
            (answer(options, flags=PRESENT), "recognising"),
            (json.dumps(foreign), "another account"),
        ):
            self.say(run, line)
            self.assertIn(word, run.event("passkey_refused")["message"])
        self.say(run, "")  # says nothing
        self.say(run, answer(options))
        self.assertEqual(run.finish(), OK, run.account())
        # The service saw none of them, and was not asked for other options.
        self.assertEqual(simulator.state()["complaints"], [])
        self.assertEqual(len(run.named("passkey")), 1)

    def test_an_answer_that_whatsapp_refuses_gets_a_new_request(self):
        simulator = self.demanding()
        run, asked = self.begin(simulator)
        stranger = Authenticator(self.scratch)  # another key, under the same name
        stranger.id = self.authenticator.id
        self.say(run, stranger.answer(asked["options"]))
        self.assertIn("406", run.event("passkey_refused")["message"])
        again = run.event("passkey")
        self.assertNotEqual(again["options"]["challenge"], asked["options"]["challenge"])
        # The key was overwritten: the first authenticator signs with what the stranger made.
        self.assertIn("signature", " ".join(simulator.state()["complaints"]))

    def test_the_script_is_a_file_for_its_owner_while_it_is_of_use(self):
        simulator = self.demanding()
        script = os.path.join(self.scratch, "passkey.js")
        run, asked = self.begin(simulator, "--passkey-script", script)
        harness_until(lambda: os.path.exists(script))
        self.assertEqual(os.stat(script).st_mode & 0o777, 0o600)
        with open(script) as file:
            self.assertEqual(file.read(), asked["script"])
        self.say(run, self.authenticator.answer(asked["options"]))
        self.assertEqual(run.finish(), OK, run.account())
        self.assertFalse(os.path.exists(script))

    def test_nobody_can_answer(self):
        for options in ((), BY_CODE):
            run = self.pair(self.demanding(), *options)  # its standard input is empty
            self.assert_fails(
                run, WHATSAPP, error="passkey_required", says=["passkey", "standard input"]
            )
            self.assertIn("does not help", run.err.text())
            self.assert_nothing_stored()

    def test_standard_input_ends_before_an_answer(self):
        run, _ = self.begin(self.demanding())
        run.process.stdin.close()
        run.code = run.finish()
        self.assert_fails(run, WHATSAPP, error="passkey_required", says=["standard input"])
        self.assert_nothing_stored()

    def test_nobody_answers_in_time(self):
        run, asked = self.begin(self.demanding(), "--timeout", "4s")
        self.assertLessEqual(asked["expires_in"], 4)
        run.code = run.finish()
        self.assert_fails(run, TIMED_OUT, error="timeout", says=["passkey"])
        self.assert_nothing_stored()

    def test_interrupted(self):
        script = os.path.join(self.scratch, "passkey.js")
        run, _ = self.begin(self.demanding(), "--passkey-script", script)
        run.stop(harness.signal.SIGINT, SIGINT_CODE)
        self.assert_stopped(run, SIGINT_CODE)
        self.assertFalse(os.path.exists(script))
        self.assert_nothing_stored()

    def test_cut_while_the_passkey_is_awaited(self):
        simulator = self.demanding()
        run, _ = self.begin(simulator)
        simulator.drop_connections()
        run.code = run.finish()
        self.assert_fails(run, WHATSAPP, error="network", says=["passkey"])
        self.assert_nothing_stored()


class Shown(PasskeyCase):
    def pair(self, simulator, *options, **environment):
        program = Program(
            [harness.program("wa-sync"), "pair", "--state-dir", self.state, *options]
            + ["--server", simulator.url, "--server-key", simulator.key],
            110,
            40,
            self.environment(**{"TERM": "xterm-256color", **environment}),
        )
        self.addCleanup(program.end)
        return program

    def options_on(self, program):
        text = program.terminal.text()
        start = text.index('{"challenge"')
        return json.JSONDecoder().raw_decode(text[start:].replace("\n", ""))[0]

    def ask(self, simulator, program):
        program.read_until(lambda p: "────" in p.terminal.text())
        framed = next(line for line in program.terminal.text().splitlines() if "-" in line and "│" in line)
        simulator.type_code(framed.replace("│", "").replace(" ", ""))

    def test_in_a_terminal(self):
        simulator = self.demanding("passkey=after-finish")
        program = self.pair(simulator, *BY_CODE)
        self.ask(simulator, program)
        program.read_until(lambda p: "s left" in p.terminal.text() and "console" in p.terminal.text())
        self.assertIn(PAGE, program.terminal.text())
        answer = self.authenticator.answer(self.options_on(program))
        os.write(program.descriptor, answer.encode() + b"\n")
        program.read_until(lambda p: "wa-sync threads list" in p.terminal.text(), PATIENCE)
        self.assertEqual(program.wait(), OK)
        # It was not shown.
        self.assertNotIn(b"clientDataJSON", program.raw)

    def test_in_romanian_and_interrupted(self):
        simulator = self.demanding()
        program = self.pair(simulator, *BY_CODE, WA_SYNC_LANG="ro")
        self.ask(simulator, program)
        program.read_until(lambda p: "încă" in p.terminal.text() and "consola" in p.terminal.text())
        os.write(program.descriptor, b"\x03")
        self.assertEqual(program.wait(), SIGINT_CODE)


def harness_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("never came")


if __name__ == "__main__":
    harness.main()
