#!/usr/bin/env python3
"""What `pair` does when Firestore is away, unwell or refuses us: nothing is lost or there twice,
it says what is happening, does not hammer, and the same command run again ends well.

usage: ctest --test-dir BUILD_DIR -R firestore.faults
"""

import collections
import json
import signal

import harness
from case import FIRESTORE, FirestoreCase
from harness import OK
from tunnel import Tunnel, service_account, token
from uploaded import differences

# Ends what stays away; long enough for a slow machine.
SHORT = ("--timeout", "8s")
AT_ONCE = 4  # batches under way


class Faults(FirestoreCase):
    dataset = "40x50"  # several batches of messages

    def setUp(self):
        super().setUp()
        self.whatsapp = self.simulator(dataset=self.dataset)
        self.broken = self.proxy()

    def environment_to(self):
        return self.where(self.broken.host)

    def begin(self, *options):
        run = self.start_pair(self.whatsapp, *options, **self.environment_to())
        self.whatsapp.scan(run.event("qr")["code"])
        return run

    def begin_with_all_of_it(self):
        """Everything is stored here already: the batches are full from the first on."""
        self.paired(self.whatsapp)
        return self.start_pair(self.whatsapp, **self.environment_to())

    def trouble(self, run, kind=None):
        """The next upload event that tells of trouble."""
        while True:
            trouble = run.event("upload")["trouble"]
            if trouble and kind in (None, trouble["kind"]):
                self.assertTrue(trouble["message"], trouble)
                self.assertGreater(trouble["retry_in_ms"], 0, trouble)
                return trouble

    def waits(self, run, count, kind):
        """Reads on through so many troubles; how long each is waited for."""
        found = []
        while len(found) < count:
            wait = self.trouble(run, kind)["retry_in_ms"]
            # Another event of the same trouble says how much is queued by now.
            if wait not in found[-1:]:
                found.append(wait)
        return found

    def assert_ends_well(self, run):
        self.assertEqual(run.finish(), OK, run.account())
        done = run.named("done")[0]
        self.assertEqual((done["upload"]["queued"], done["upload"]["set_aside"]), (0, 0))
        self.assert_there()

    def assert_there(self):
        self.assert_uploaded(self.whatsapp, self.google())
        self.assert_sound()

    def assert_resumes(self):
        """Run again, it sends the rest; nothing is asked of the phone."""
        run = self.start_pair(self.whatsapp, **self.environment_to())
        self.assertEqual(run.finish(), OK, run.account())
        self.assertEqual((len(run.named("qr")), len(run.named("resumed"))), (0, 1))
        self.assert_there()

    def answered(self):
        return [each for each in self.broken.requests("batchWrite") if each.status == 200]

    def unanswered(self):
        return [each for each in self.broken.requests("batchWrite") if each.status is None]

    def written_again(self):
        """Writes of messages that were applied more than once; a few change while they arrive."""
        times = collections.Counter(
            name
            for each in self.broken.requests("batchWrite")
            if each.applied
            for name in each.names
            if "/messages/" in name
        )
        return sum(count - 1 for count in times.values())


class Unwell(Faults):
    """It passes by itself."""

    def test_away_for_a_while(self):
        run = self.begin()
        self.broken.until(lambda _: len(self.answered()) >= 2)
        self.broken.pause()
        self.waits(run, 2, "unreachable")
        self.broken.resume()
        self.assert_ends_well(run)
        self.assertIsNone(run.named("upload")[-1]["trouble"])

    def test_away_from_the_beginning(self):
        self.broken.pause()
        run = self.begin()
        self.waits(run, 2, "unreachable")
        self.broken.resume()
        self.assert_ends_well(run)

    def test_cut_before_it_is_applied(self):
        self.broken.cut("before", on="batchWrite", after=1, times=3)
        self.assert_ends_well(self.begin())
        self.assertLess(self.written_again(), 20)

    def test_cut_after_it_was_applied(self):
        self.broken.cut("after", on="batchWrite", after=1, times=3)
        self.assert_ends_well(self.begin())

    def test_cut_within_the_answer(self):
        self.broken.cut("within", on="batchWrite", after=1, times=2)
        self.assert_ends_well(self.begin())

    def test_too_many_requests(self):
        self.broken.refuse(429, retry_after=2, on="batchWrite", after=2)
        run = self.begin()
        trouble = self.trouble(run, "exhausted")
        self.assertGreaterEqual(trouble["retry_in_ms"], 2000)
        self.assert_ends_well(run)
        # From the refusal on it waits; what was under way was sent before.
        refused = [each for each in self.broken.requests("batchWrite") if each.status == 429]
        later = [each.at for each in self.broken.requests() if each.at > refused[0].at + 0.5]
        self.assertGreaterEqual(min(later), refused[0].at + 2)

    def test_many_refused_together_are_one_trouble(self):
        """Four batches that fail beside each other do not make the wait four times doubled."""
        held = self.broken.hold(on="batchWrite", after=1, times=AT_ONCE)
        self.broken.refuse(503, on="batchWrite", after=1, times=AT_ONCE)
        run = self.begin_with_all_of_it()
        self.broken.until(lambda _: self.answered() and len(self.unanswered()) == AT_ONCE)
        held.release()
        self.assertLessEqual(self.trouble(run, "unavailable")["retry_in_ms"], 1000)
        self.assert_ends_well(run)
        waits = {each["trouble"]["retry_in_ms"] for each in run.named("upload") if each["trouble"]}
        self.assertEqual(len(waits), 1, waits)

    def test_unavailable_is_not_hammered(self):
        self.broken.refuse(503, times=None, on="batchWrite", after=2)
        run = self.begin()
        waits = self.waits(run, 4, "unavailable")
        self.broken.heal()
        self.assert_ends_well(run)
        # Longer each time, within the jitter.
        self.assertGreater(waits[3], waits[0])
        refused = [each for each in self.broken.requests("batchWrite") if each.status == 503]
        self.assertLessEqual(len(refused), AT_ONCE * 5)

    def test_reading_what_is_there_fails_at_first(self):
        self.broken.refuse(503, on="batchGet", times=2)
        self.broken.refuse(503, on="runQuery", times=1)
        self.assert_ends_well(self.begin())

    def test_slow(self):
        self.broken.delay(2, on="batchWrite", times=3)
        self.broken.drip(size=4000, pause_s=0.05, on="batchWrite", times=6)
        self.assert_ends_well(self.begin())
        self.assertLess(self.written_again(), 20)

    def test_some_writes_of_a_batch_fail_for_now(self):
        word = self.whatsapp.dataset()["threads"][3]["message_list"][-1]["id"]
        self.broken.poison(word, 14, "busy")
        run = self.begin()
        self.assertIn("busy", self.trouble(run, "unavailable")["message"])
        self.broken.heal()
        self.assert_ends_well(run)

    def test_one_document_is_refused_for_good(self):
        thread = self.whatsapp.dataset()["threads"][3]
        word = thread["message_list"][-1]["id"]
        self.broken.poison(word, 3, "never")
        run = self.begin()
        self.assertEqual(run.finish(), OK, run.account())
        done = run.named("done")[0]["upload"]
        self.assertEqual((done["queued"], done["set_aside"]), (0, 1))
        whole = self.google().read_account(self.account_of(self.whatsapp))
        missing = differences(self.whatsapp.dataset(), whole)
        self.assertEqual([each for each in missing if "is missing" in each and word in each][1:], [])
        self.assertEqual(len(missing), 2, missing)  # the thread has one less
        self.assertTrue(any("messages: 49 instead of 50" in each for each in missing), missing)
        (account,) = self.json_of("accounts", "list")
        self.assertIn("1", json.dumps(account))


class StaysAway(Faults):
    """Its patience ends: exit status 5, and another run finishes."""

    def assert_left_over(self, run, error, **words):
        run.code = run.finish()
        self.assert_fails(run, FIRESTORE, error=error, **words)
        done = run.named("done")[0]
        self.assertEqual(done["messages"], 2000)  # nothing is wrong with the history
        self.assertGreater(done["upload"]["queued"], 0)

    def test_away_for_good(self):
        self.broken.pause()
        self.assert_left_over(
            self.begin(*SHORT), "firestore_unreachable", says=["still to send"], hints=["wa-sync pair"]
        )
        self.broken.resume()
        self.assert_resumes()

    def test_away_for_good_in_the_middle(self):
        run = self.begin(*SHORT)
        self.broken.until(lambda _: self.answered())
        self.broken.pause()
        self.assert_left_over(run, "firestore_unreachable", says=["still to send"])
        self.broken.resume()
        self.assert_resumes()

    def test_seen_in_a_pipe(self):
        self.broken.pause()
        run = self.start(
            *("pair", "--server", self.whatsapp.url, "--server-key", self.whatsapp.key, *SHORT),
            **self.environment_to()
        )
        line = run.out.next(harness.time.monotonic() + harness.PATIENCE)
        self.whatsapp.scan(line.partition("code=")[2].rstrip("\n"))
        run.says("Firestore")
        run.code = run.wait()
        self.assert_fails(run, FIRESTORE, says=["still to send"])
        self.assertRegex(run.out.text(), r"(?m)^done .* messages=2000 ")

    def check_refused(self, status, says, hint):
        self.broken.refuse(status, times=None)
        self.assert_left_over(self.begin(), "firestore_refused", says=[says], hints=[hint])
        # There is nothing to wait for, so it is not asked for ever.
        self.assertLessEqual(len(self.broken.requests()), 10)
        self.broken.heal()
        self.assert_resumes()

    def test_permission_denied(self):
        self.check_refused(403, "permission denied", "Cloud Datastore User")

    def test_no_such_database(self):
        self.check_refused(404, "not found", "--database")

    def check_refused_later(self, status, says, hint):
        self.broken.refuse(status, on="batchWrite", after=1, times=None)
        self.assert_left_over(self.begin(), "firestore_refused", says=[says], hints=[hint])
        self.broken.heal()
        self.assert_resumes()

    def test_permission_taken_away(self):
        self.check_refused_later(403, "permission denied", "Cloud Datastore User")

    def test_database_deleted(self):
        self.check_refused_later(404, "not found", "--database")


class Killed(Faults):
    """kill -9 when Firestore has it and we do not know that yet."""

    def check(self, held):
        run = self.begin()
        held.wait()
        run.kill()
        held.release()
        run = self.start_pair(self.whatsapp, **self.environment_to())
        self.assert_ends_well(run)
        self.assertEqual((len(run.named("qr")), len(run.named("resumed"))), (0, 1))
        # What was under way, at most; of adopted threads in two forms.
        self.assertLessEqual(self.written_again(), 2 * AT_ONCE * 500 + 20)

    def test_between_the_answer_and_the_marking(self):
        # Of threads that were there before us, messages are written if they are missing, and the
        # second time they are not.
        account = self.account_of(self.whatsapp)
        google = self.google()
        for thread in self.whatsapp.dataset()["threads"]:
            google.set("threads/%s__%s" % (account, thread["jid"]), accountId=account)
        self.check(self.broken.hold(when="after", on="batchWrite", after=1))

    def test_before_it_is_applied(self):
        held = self.broken.hold(on="batchWrite", after=1)
        self.broken.cut("before", on="batchWrite", after=1)
        self.check(held)

    def test_stopped_by_a_signal(self):
        held = self.broken.hold(on="batchWrite", after=1)
        run = self.begin()
        held.wait()
        run.process.send_signal(signal.SIGTERM)
        held.release()
        run.code = run.finish()
        self.assert_stopped(run, harness.SIGTERM_CODE)
        self.assert_resumes()


class Credentials(Faults):
    """With a service account, over TLS, as with the real service."""

    def setUp(self):
        super().setUp()
        self.tunnel = Tunnel(self.scratch)
        self.broken = self.proxy(authorization="Bearer first", tunnel=self.tunnel)
        self.tokens = self.stub()

    def environment_to(self):
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": service_account(
                self.scratch, self.project, self.tokens.host
            ),
            "SSL_CERT_FILE": self.tunnel.authority,
            "https_proxy": "http://" + self.broken.host,
        }

    def test_a_good_token(self):
        self.tokens.answer_with(token("first"), times=None)
        self.assert_ends_well(self.begin())
        self.assertEqual(len(self.tokens.requests()), 1)
        self.assertEqual({each.encoding for each in self.broken.requests("batchWrite")}, {"gzip"})

    def test_a_token_that_is_not_accepted_any_more(self):
        self.tokens.answer_with(token("first"), times=1)
        self.tokens.answer_with(token("second"), times=None)
        held = self.broken.hold(on="batchWrite", after=1, times=None)
        run = self.begin_with_all_of_it()
        # Several answers say so.
        self.broken.until(lambda _: self.answered() and len(self.unanswered()) >= 2)
        self.broken.authorization = "Bearer second"
        held.release()
        self.assert_ends_well(run)
        self.assertEqual(len(self.tokens.requests()), 2)
        self.assertEqual([each for each in run.named("upload") if each["trouble"]], [])

    def test_a_token_that_is_never_accepted(self):
        self.tokens.answer_with(token("wrong"), times=None)
        run = self.begin()
        run.code = run.finish()
        self.assert_fails(run, FIRESTORE, error="firestore_refused", says=["credentials"])
        self.assertLessEqual(len(self.tokens.requests()), 6)
        self.broken.authorization = "Bearer wrong"
        self.assert_resumes()

    def test_the_clock_is_wrong(self):
        tokens = self.tokens = self.stub(clock_off_s=600)
        body = {"error": "invalid_grant", "error_description": "Invalid JWT: must be short-lived"}
        tokens.answer_with(json.dumps(body).encode(), status=400, times=None)
        run = self.begin()
        run.code = run.finish()
        self.assert_fails(
            run, FIRESTORE, error="firestore_refused", says=["clock is 10 minutes behind"], hints=["clock"]
        )
        self.assertLessEqual(len(tokens.requests()), 6)
        self.assert_no_secrets(run)
        tokens.heal()
        tokens.answer_with(token("first"), times=None)
        self.assert_resumes()

    def test_the_token_server_is_away_for_a_while(self):
        self.tokens.pause()
        self.tokens.answer_with(token("first"), times=None)
        run = self.begin()
        self.trouble(run, "unreachable")
        self.tokens.resume()
        self.assert_ends_well(run)


if __name__ == "__main__":
    harness.main()
