#!/usr/bin/env python3
"""What the stub does wrong on purpose, and what it writes down; alone and before the emulator.

usage: ctest --test-dir BUILD_DIR -R firestore.stub
"""

import email.utils
import gzip
import http.client
import json
import threading
import time

import harness
from case import FirestoreCase, StubCase

LOST = (ConnectionError, http.client.HTTPException)
THREADS = {"from": [{"collectionId": "threads"}]}


def text(value):
    return {"stringValue": value}


class Faults:
    """The same for the imitation and for the proxy; each makes its own."""

    def setUp(self):
        super().setUp()
        self.broken = self.make()
        self.client = self.rest(host=self.broken.host)

    def put(self, *ids):
        """One batch with these documents."""
        return self.client.batch_write(
            *(self.client.write("threads/" + each, {"x": text(each)}, ["x"]) for each in ids)
        )

    def there(self, name):
        return self.client.get("threads/" + name).status == 200

    def test_counts_and_journal(self):
        self.assertEqual(self.put("a", "b").status, 200)
        self.put("c")
        self.client.query(THREADS)
        self.client.query(THREADS, "/threads/a")
        self.assertEqual((self.broken.writes, self.broken.reads), (3, 3 + 1))
        first, *_ = self.broken.requests("batchWrite")
        self.assertEqual((first.method, first.writes, first.connection), ("POST", 2, 1))
        self.assertEqual(first.names, ["threads/a", "threads/b"])
        self.assertEqual((first.status, first.encoding, first.size), (200, "", len(first.body)))
        self.assertEqual({each.connection for each in self.broken.requests()}, {1}, "kept alive")

    def test_gzip_body(self):
        write = self.client.write("threads/z", {"x": text("z" * 500)})
        body = json.dumps({"writes": [write]}).encode()
        zipped = gzip.compress(body)
        answer = self.client.documents("POST", ":batchWrite", zipped, Content_Encoding="gzip")
        self.assertEqual(answer.status, 200)
        (seen,) = self.broken.requests()
        self.assertEqual((seen.encoding, seen.size, seen.body), ("gzip", len(zipped), body))
        self.assertTrue(self.there("z"))

    def test_chunked_body(self):
        body = json.dumps({"writes": [self.client.write("threads/z", {"x": text("z")})]}).encode()
        connection = self.client.connection
        url = "/v1/%s/documents:batchWrite" % self.client.database
        pieces = (body[:10], body[10:])
        headers = {"Authorization": "Bearer owner"}
        connection.request("POST", url, iter(pieces), headers, encode_chunked=True)
        answer = connection.getresponse()
        self.assertEqual((answer.status, json.loads(answer.read())["status"]), (200, [{}]))

    def test_refusals(self):
        for status, code in (
            (401, "UNAUTHENTICATED"),
            (403, "PERMISSION_DENIED"),
            (429, "RESOURCE_EXHAUSTED"),
            (500, "INTERNAL"),
            (503, "UNAVAILABLE"),
        ):
            self.broken.refuse(status, retry_after=7 if status == 429 else None)
            answer = self.put("a")
            self.assertEqual((answer.status, answer.code), (status, code))
            self.assertEqual(answer.headers["Retry-After"], "7" if status == 429 else None)
        self.assertFalse(self.there("a"))
        self.assertEqual(self.broken.writes, 0)
        self.broken.refuse(403)
        self.assertIsInstance(self.client.query(THREADS).json, list, "what is streamed is an array")

    def test_the_nth_request(self):
        self.broken.refuse(503, on="batchWrite", after=1, times=2)
        seen = []
        for number in range(4):
            seen.append(self.put("t%d" % number).status)
            self.client.get("threads/a")
        self.assertEqual(seen, [200, 503, 503, 200])

    def test_for_ever_until_healed(self):
        self.broken.refuse(503, times=None)
        self.assertEqual([self.put("a").status for _ in range(3)], [503] * 3)
        self.broken.heal()
        self.assertEqual(self.put("a").status, 200)

    def test_missing_index(self):
        link = self.broken.need_index(self.project)
        answer = self.client.query(THREADS)
        self.assertEqual((answer.status, answer.code), (400, "FAILED_PRECONDITION"))
        self.assertIn(link, answer.json[0]["error"]["message"])
        self.assertEqual(self.put("a").status, 200, "writes need none")

    def test_cut_before(self):
        self.broken.cut("before")
        with self.assertRaises(LOST):
            self.put("a")
        self.assertFalse(self.there("a"))
        self.assertEqual([each.status for each in self.broken.requests("batchWrite")], [None])

    def test_cut_after(self):
        self.broken.cut("after")
        with self.assertRaises(LOST):
            self.put("a")
        self.assertTrue(self.there("a"))
        self.assertEqual(self.broken.writes, 1)
        self.assertEqual({each.connection for each in self.broken.requests()}, {1, 2})

    def test_cut_within_the_answer(self):
        self.broken.cut("within")
        with self.assertRaises(http.client.IncompleteRead):
            self.put("a")
        self.assertTrue(self.there("a"))

    def test_byte_by_byte(self):
        self.broken.drip()
        self.assertEqual(self.put("a").json["status"], [{}])

    def test_delay(self):
        self.broken.delay(0.2)
        began = time.monotonic()
        self.assertEqual(self.put("a").status, 200)
        self.assertGreaterEqual(time.monotonic() - began, 0.2)

    def test_held_in_flight(self):
        held = self.broken.hold(on="batchWrite")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.put("a")))
        thread.start()
        held.wait()
        self.assertEqual(self.rest(host=self.broken.host).get("threads/a").status, 404)
        held.release()
        thread.join()
        self.assertEqual(answers[0].status, 200)
        self.broken.until(lambda journal: any(each.writes for each in journal))

    def test_poisoned_writes(self):
        self.broken.poison("bad", 3)
        self.broken.poison("busy", 10)
        ids = ("a", "bad1", "b", "busy", "c")
        answer = self.put(*ids).json
        codes = [each.get("code") for each in answer["status"]]
        self.assertEqual(codes, [None, 3, None, 10, None])
        fine = [True, False, True, False, True]
        self.assertEqual([bool(each) for each in answer["writeResults"]], fine)
        self.assertEqual([self.there(each) for each in ids], fine)
        self.assertEqual([each["code"] for each in self.put("bad1", "bad2").json["status"]], [3, 3])
        self.broken.heal()
        self.assertEqual(self.put("bad1").json["status"], [{}])

    def test_down_and_up(self):
        self.put("a")
        self.broken.pause()
        for _ in range(3):
            with self.assertRaises(LOST):
                self.put("b")
        self.broken.resume()
        self.assertEqual(self.put("b").status, 200)
        self.assertTrue(self.there("a"), "nothing was forgotten")

    def test_limits_of_the_service(self):
        answer = self.put(*("n%d" % number for number in range(501)))
        self.assertEqual((answer.status, answer.code), (400, "INVALID_ARGUMENT"))
        self.assertEqual(self.broken.writes, 0)

    def test_garbage(self):
        page = b"<html><body>proxy login</body></html>"
        self.broken.answer_with(page, content_type="text/html")
        answer = self.client.get("threads/a")
        self.assertEqual((answer.status, answer.body), (200, page))
        self.broken.answer_with(b'{"documents": [' + b" " * (8 << 20))
        self.assertGreater(len(self.client.get("threads/a").body), 8 << 20)

    def test_date(self):
        """Emulator or not, there is one, and it can be wrong."""
        self.broken.clock_off_s = 600
        told = email.utils.parsedate_to_datetime(self.put("a").headers["Date"]).timestamp()
        self.assertAlmostEqual(told - time.time(), 600, delta=30)

    def test_gzip_answers(self):
        self.broken.gzip_answers = True
        self.put("a")
        answer = self.client.documents("GET", "/threads", Accept_Encoding="gzip")
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertEqual(len(json.loads(gzip.decompress(answer.body))["documents"]), 1)
        self.assertEqual(len(self.client.documents("GET", "/threads").json["documents"]), 1)

    def test_token(self):
        self.broken.authorization = "Bearer fresh"
        self.assertEqual(self.put("a").code, "UNAUTHENTICATED")


class Alone(Faults, StubCase):
    def make(self):
        return self.stub()


class BeforeTheEmulator(Faults, FirestoreCase):
    def make(self):
        return self.proxy()

    def test_it_is_the_emulator_behind(self):
        self.put("a")
        self.assertEqual(self.rest().get("threads/a").status, 200)
        self.broken.pause()
        self.assertEqual(self.rest().get("threads/a").status, 200)


if __name__ == "__main__":
    harness.main()
