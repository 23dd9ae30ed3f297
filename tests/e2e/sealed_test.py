#!/usr/bin/env python3
"""What others seal with a message's secret: edits, reactions, comments, votes and answers; and what
it takes to fetch media, which is kept with each message.

usage: sealed_test.py BUILD_BIN_DIR [TEST…]
"""

import hashlib
import signal

import harness
from harness import OK, Case

ANA, MIHAI, NUMBER = ("4072100000%d@s.whatsapp.net" % n for n in (1, 2, 5))
MIHAI_LID = "120000000000002@lid"
GROUP = "120363000000000001@g.us"
OWNER = "40737123397@s.whatsapp.net"


class Sealed(Case):
    def online(self, dataset="small", *faults):
        """Linked, with its history, and listening."""
        simulator = self.simulator(dataset=dataset)
        self.paired(simulator)
        self.run_of_listen = self.connected(simulator)
        for fault in faults:
            simulator.fault(fault)
        return simulator

    def send(self, simulator, **message):
        sent = simulator.send_message(**message)
        simulator.until(lambda state: state["companions"][0]["pending"] == 0)
        return sent

    def finish(self, simulator, **unopened):
        self.run_of_listen.stop(signal.SIGTERM, OK)
        self.assertEqual(simulator.state()["complaints"], [])
        self.assertEqual(self.unopened(), unopened)
        self.assert_sound()

    def unopened(self):
        (account,) = self.json_of("accounts", "list")
        return account["unopened"]

    def thread(self, jid):
        (thread,) = [each for each in self.threads() if each["jid"] == jid]
        return thread

    def message(self, chat, message):
        shown = self.json_of("threads", "show", self.thread(chat)["thread"], "--limit", "1000")
        found = [each for each in shown if each["id"] == message]
        return found[0] if found else None

    def of_history(self, simulator, chat, **wanted):
        """The newest message of the phone's history that is so."""
        (thread,) = [each for each in simulator.dataset()["threads"] if each["jid"] == chat]
        for message in reversed(thread["message_list"]):
            if all(message[name] == value for name, value in wanted.items()):
                return message["id"]
        raise AssertionError("no such message")


class Edits(Sealed):
    def test_of_a_live_message_and_of_one_from_the_history(self):
        simulator = self.online()
        live = self.send(simulator, chat=ANA, text="la 14")
        for target in (live, self.of_history(simulator, ANA, from_me=False, type="text")):
            before = self.message(ANA, target)["body"]
            edit = self.send(simulator, chat=ANA, kind="edit", target=target, text="la 15")
            message = self.message(ANA, target)
            self.assertEqual((message["body"], message["original_body"]), ("la 15", before))
            self.assertIsNotNone(message["edited_at"])
            self.assertIsNone(self.message(ANA, edit))
        self.assertEqual(self.thread(ANA)["last_message"], "la 15")
        self.finish(simulator)

    def test_under_either_address(self):
        simulator = self.online()
        for author in (MIHAI, MIHAI_LID):
            for editor in (MIHAI, MIHAI_LID):
                target = self.send(simulator, chat=author, text="vechi")
                self.send(
                    simulator,
                    **{"chat": editor, "kind": "edit", "target": target, "text": "nou"},
                    target_author=author
                )
                self.assertEqual(self.message(MIHAI, target)["body"], "nou", (author, editor))
        self.finish(simulator)

    def test_in_a_group(self):
        simulator = self.online()
        target = self.send(simulator, chat=GROUP, text="vechi", **{"from": MIHAI_LID})
        edit = {"chat": GROUP, "kind": "edit", "target": target}
        self.send(simulator, text="nou", **edit, **{"from": MIHAI_LID})
        self.assertEqual(self.message(GROUP, target)["body"], "nou")
        self.send(
            simulator,
            text="fals",
            target_author=MIHAI_LID,
            target_from_author=False,
            **edit,
            **{"from": ANA}
        )
        self.assertEqual(self.message(GROUP, target)["body"], "nou")
        self.finish(simulator, edit={"not_allowed": 1})

    def test_another_secret_and_none(self):
        simulator = self.online("small", "no-secrets")
        without = self.send(simulator, chat=ANA, text="fără")
        simulator.fault("no-secrets=off")
        target = self.send(simulator, chat=ANA, text="cu")
        self.send(simulator, chat=ANA, kind="edit", target=without, text="nou")
        simulator.fault("wrong-secret")
        self.send(simulator, chat=ANA, kind="edit", target=target, text="nou")
        self.assertEqual(self.message(ANA, without)["body"], "fără")
        self.assertEqual(self.message(ANA, target)["body"], "cu")
        shown = self.run_sync("accounts", "list")
        self.assertIn("could not be opened: 2", shown.out.text() + shown.err.text())
        self.finish(simulator, edit={"no_secret": 1, "wrong_key": 1})

    def test_before_its_message(self):
        simulator = self.online()
        self.send(simulator, chat=ANA, kind="edit", target="LATER", text="nou")
        self.assertEqual(self.unopened(), {"edit": {"no_message": 1}})
        self.send(simulator, chat=ANA, id="LATER", text="vechi")
        message = self.message(ANA, "LATER")
        self.assertEqual((message["body"], message["original_body"]), ("nou", "vechi"))
        self.finish(simulator)

    def test_before_its_message_comes_with_the_history(self):
        simulator = self.simulator(faults=["hold-history"])
        run = self.start_pair(simulator)
        simulator.scan(run.event("qr")["code"])
        run.event("paired")
        simulator.until(lambda state: state["companions"][0]["active"])
        target = self.of_history(simulator, ANA, from_me=False, type="text")
        self.send(simulator, chat=ANA, kind="edit", target=target, text="nou")
        simulator.fault("hold-history=off")
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual(self.message(ANA, target)["body"], "nou")
        self.assertEqual(self.unopened(), {})
        self.assertEqual(run.named("done")[0]["unopened"], 0)


class Others(Sealed):
    def test_reactions_and_comments(self):
        simulator = self.online()
        target = self.send(simulator, chat=GROUP, text="anunț", **{"from": ANA})
        about = {"chat": GROUP, "target": target, "from": MIHAI_LID}
        self.send(simulator, kind="sealed-reaction", text="👍", **about)
        self.assertEqual(self.message(GROUP, target)["reactions"], {MIHAI: "👍"})
        self.send(simulator, kind="sealed-reaction", text="", **about)
        self.assertEqual(self.message(GROUP, target)["reactions"], {})
        comment = self.message(GROUP, self.send(simulator, kind="comment", text="bine", **about))
        self.assertEqual((comment["type"], comment["body"]), ("text", "bine"))
        self.assertEqual((comment["sender"], comment["quoted"]["id"]), (MIHAI, target))
        self.assertEqual(comment["quoted"]["preview"], "anunț")
        self.finish(simulator)

    def test_votes_in_a_poll_of_the_history(self):
        simulator = self.online()
        poll = self.of_history(simulator, GROUP, type="poll")
        vote = {"chat": GROUP, "target": poll, "kind": "vote"}
        self.send(simulator, text="12:00", target_author=MIHAI, **vote, **{"from": ANA})
        self.send(simulator, text="14:00", target_author=MIHAI, **vote, **{"from": ANA})
        self.send(simulator, text="14:00", target_author=MIHAI_LID, **vote, **{"from": "me"})
        self.send(simulator, text="12:00", target_author=MIHAI, **vote, **{"from": NUMBER})
        self.send(
            simulator,
            **{"chat": GROUP, "kind": "add-option", "target": poll, "from": ANA},
            target_author=MIHAI,
            text="16:00"
        )
        message = self.message(GROUP, poll)
        self.assertEqual(message["answers"], {ANA: ["14:00"], OWNER: ["14:00"], NUMBER: ["12:00"]})
        self.assertEqual(
            message["results"],
            [
                {"option": "12:00", "count": 1},
                {"option": "14:00", "count": 2},
                {"option": "16:00", "count": 0},
            ],
        )
        shown = self.run_sync("threads", "show", self.thread(GROUP)["thread"], "--limit", "1000")
        self.assertIn("votes: 12:00 1, 14:00 2\n", shown.out.text())
        self.finish(simulator)

    def test_who_comes_to_an_event(self):
        simulator = self.online()
        event = self.send(simulator, chat=GROUP, kind="event", text="Petrecere", **{"from": "me"})
        for who, answer in ((ANA, "going"), (MIHAI_LID, "maybe"), (ANA, "not_going")):
            self.send(
                simulator,
                **{"chat": GROUP, "kind": "event-answer", "target": event, "from": who},
                text=answer
            )
        message = self.message(GROUP, event)
        self.assertEqual(message["answers"], {ANA: ["not going"], MIHAI: ["maybe"]})
        self.finish(simulator)


class Kept(Sealed):
    def test_secrets_and_media_facts_of_everything(self):
        simulator = self.online("12x40")
        for kind in ("text", "image", "video", "audio", "document", "sticker"):
            self.send(simulator, chat=simulator.dataset()["threads"][0]["wire_jid"], kind=kind)
        self.finish(simulator)
        database = self.database()
        all_of_them = database.execute("SELECT count(*) FROM messages").fetchone()[0]
        secrets = database.execute(
            "SELECT coalesce(key_id, document_id), secret FROM messages"
            " WHERE secret IS NOT NULL"
        ).fetchall()
        self.assertEqual(len(secrets), all_of_them)
        for message, secret in secrets:
            expected = hashlib.sha256(b"the secret of " + message.encode()).digest()
            self.assertEqual(secret, expected)
        facts = database.execute(
            "SELECT coalesce(key_id, document_id), media_type, media_key, direct_path, url,"
            " file_sha256, file_enc_sha256, file_length, size_bytes, media_key_at, thumbnail"
            " FROM media_facts f JOIN messages m ON m.row_id = f.message"
        ).fetchall()
        media = database.execute("SELECT count(*) FROM messages WHERE media_type IS NOT NULL")
        self.assertEqual(len(facts), media.fetchone()[0])
        self.assertGreater(len(facts), 20)
        for message, kind, key, path, url, plain, sealed, length, size, made, thumbnail in facts:
            digest = hashlib.sha256(message.encode()).digest()
            self.assertEqual((key, plain, sealed), (digest, digest, digest))
            self.assertEqual((path, url), ("/v/t62/" + digest.hex()[:24], None))
            self.assertEqual(length, size)
            self.assertGreater(made, 0)
            self.assertEqual(thumbnail is not None, kind in ("image", "video"))


if __name__ == "__main__":
    harness.main()
