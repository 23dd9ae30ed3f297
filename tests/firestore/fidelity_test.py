#!/usr/bin/env python3
"""The stub answers as Google's emulator does: the same requests to both, their answers compared,
and what is stored behind them.

Where they differ the emulator is right, except for what it is known not to enforce. The wording
of errors and the times are not compared, their presence is.

usage: ctest --test-dir BUILD_DIR -R firestore.fidelity
"""

import gzip
import json
import re
import urllib.parse

import harness
from case import FirestoreCase

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
THREADS = [{"collectionId": "threads"}]
BY_TIME = [{"field": {"fieldPath": "lastMessageAt"}, "direction": "DESCENDING"}]


def text(value):
    return {"stringValue": value}


def integer(value):
    return {"integerValue": str(value)}


def moment(value):
    return {"timestampValue": value}


def where(path, operator, value):
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": operator, "value": value}}


def both(*filters):
    return {"compositeFilter": {"op": "AND", "filters": list(filters)}}


def comparable(value, key=None):
    """The answer without what differs by nature."""
    if isinstance(value, dict):
        return {name: comparable(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if key in ("message", "nextPageToken"):
        return "some"
    if key in ("createTime", "updateTime", "readTime", "commitTime"):
        return "some time" if TIME.fullmatch(value) else value
    return value


class Fidelity(FirestoreCase):
    def setUp(self):
        super().setUp()
        self.sides = [
            self.rest(),
            self.rest(host=self.stub(service_limits=False).host),
        ]

    def same(self, ask, server_times=False):
        """ask(rest) of both sides; the emulator's answer."""
        answers = [ask(rest) for rest in self.sides]
        seen = []
        for answer in answers:
            try:
                parsed = comparable(answer.json)
            except ValueError:
                parsed = answer.body
            whole = json.dumps(parsed, sort_keys=True) if not isinstance(parsed, bytes) else parsed
            if server_times:
                whole = TIME.sub("some time", whole)
            seen.append((answer.status, answer.headers.get("Content-Type"), whole))
        self.assertEqual(seen[1], seen[0], "the stub's answer and the emulator's")
        return answers[0]

    def same_batch(self, *writes, server_times=False):
        """The writes as functions of the side's Rest."""
        return self.same(
            lambda rest: rest.batch_write(*(write(rest) for write in writes)), server_times
        )

    def same_commit(self, *writes, server_times=False):
        return self.same(lambda rest: rest.commit(*(write(rest) for write in writes)), server_times)

    def same_document(self, path, server_times=False):
        return self.same(lambda rest: rest.get(path), server_times)

    def put(self, path, **values):
        answer = self.same_commit(lambda rest: rest.write(path, values))
        self.assertEqual(answer.status, 200, answer.body)

    # --- writes

    def test_batch_write(self):
        answer = self.same_batch(
            lambda rest: rest.write("threads/a", {"n": integer(5)}, ["n"], ["updatedAt"]),
            lambda rest: rest.write("threads/b", {"name": text("B")}, ["name"]),
            server_times=True,
        )
        self.assertEqual(answer.json["status"], [{}, {}])
        self.same_document("threads/a", server_times=True)
        self.same_document("threads/b")

    def test_empty_batch_and_delete(self):
        self.same_batch()
        self.put("threads/a", x=text("1"))
        self.same_batch(lambda rest: {"delete": rest.name("threads/a")})
        self.same_document("threads/a")
        self.same_batch(lambda rest: {"delete": rest.name("threads/never")})

    def test_preconditions_fail_one_write(self):
        self.put("threads/there", x=text("1"))
        answer = self.same_batch(
            lambda rest: rest.write("threads/fine", {"x": text("1")}, ["x"]),
            lambda rest: rest.write("threads/missing", {"x": text("1")}, ["x"], exists=True),
            lambda rest: rest.write("threads/there", {"x": text("2")}, ["x"], exists=False),
        )
        self.assertEqual([each.get("code") for each in answer.json["status"]], [None, 5, 6])
        answer = self.same_batch(
            lambda rest: rest.write(
                "threads/there", {"x": text("3")}, ["x"], updateTime="2020-01-01T00:00:00Z"
            )
        )
        self.assertEqual(answer.json["status"][0]["code"], 9)
        for path in ("fine", "missing", "there"):
            self.same_document("threads/" + path)

    def test_preconditions_fail_a_commit(self):
        self.put("threads/there", x=text("1"))
        for path, precondition in (
            ("there", {"exists": False}),
            ("missing", {"exists": True}),
            ("there", {"updateTime": "2020-01-01T00:00:00Z"}),
            ("missing", {"updateTime": "2020-01-01T00:00:00Z"}),
        ):
            answer = self.same_commit(
                lambda rest: rest.write("threads/other", {"x": text("1")}),
                lambda rest: rest.write("threads/" + path, {"x": text("2")}, ["x"], **precondition),
            )
            self.assertNotEqual(answer.status, 200)
            self.same_document("threads/other")

    def test_right_update_time(self):
        self.put("leases/a", holder=text("one"))
        for rest in self.sides:
            seen = rest.get("leases/a").json["updateTime"]
            taken = rest.commit(
                rest.write("leases/a", {"holder": text("two")}, ["holder"], updateTime=seen)
            )
            self.assertEqual(taken.status, 200, taken.body)
            late = rest.commit(
                rest.write("leases/a", {"holder": text("three")}, ["holder"], updateTime=seen)
            )
            self.assertEqual(late.code, "FAILED_PRECONDITION")

    def test_unchanged_document_keeps_its_time(self):
        self.put("threads/a", x=text("1"))
        kept = []
        for rest in self.sides:
            before = rest.get("threads/a").json["updateTime"]
            rest.commit(rest.write("threads/a", {"x": text("1")}, ["x"]))
            kept.append(rest.get("threads/a").json["updateTime"] == before)
        self.assertEqual(kept[0], kept[1])

    def test_masks(self):
        deep = {"mapValue": {"fields": {"p": integer(1)}}}
        self.put("threads/a", x=text("1"), y=text("2"), deep=deep)
        self.same_batch(lambda rest: rest.write("threads/a", {"z": text("3")}, ["z"]))
        self.same_document("threads/a")
        self.same_batch(lambda rest: rest.write("threads/a", {"w": text("unnamed")}, ["x"]))
        self.same_document("threads/a")
        reactions = {"mapValue": {"fields": {"4073@s.whatsapp.net": text("👍")}}}
        self.same_batch(
            lambda rest: rest.write(
                "threads/a", {"deep": reactions}, ["deep.`4073@s.whatsapp.net`", "deep.p"]
            )
        )
        self.same_document("threads/a")
        self.same_batch(lambda rest: rest.write("threads/a", {}, []))
        self.same_document("threads/a")
        self.same_commit(lambda rest: rest.write("threads/a", {"only": text("this")}))
        self.same_document("threads/a")

    def test_transforms(self):
        def change(*transforms):
            return lambda rest: {
                "update": {"name": rest.name("threads/t"), "fields": {}},
                "updateMask": {"fieldPaths": []},
                "updateTransforms": list(transforms),
            }

        values = {"values": [text("x"), text("y")]}
        for _ in range(2):
            self.same_batch(
                change(
                    {"fieldPath": "n", "increment": integer(2)},
                    {"fieldPath": "m", "maximum": integer(7)},
                    {"fieldPath": "least", "minimum": integer(7)},
                    {"fieldPath": "list", "appendMissingElements": values},
                )
            )
            self.same_document("threads/t")
        self.same_batch(
            change(
                {"fieldPath": "m", "maximum": integer(3)},
                {"fieldPath": "list", "removeAllFromArray": {"values": [text("x")]}},
            )
        )
        self.same_document("threads/t")
        self.same_commit(change({"fieldPath": "m", "maximum": moment("2026-01-01T00:00:00Z")}))

    def test_one_poisoned_write_fails_all(self):
        array = {"arrayValue": {"values": [{"arrayValue": {}}]}}
        deep = text("x")
        for _ in range(21):
            deep = {"mapValue": {"fields": {"k": deep}}}
        poisons = [
            ("threads/__x__", {"x": text("1")}, None),
            ("threads/..", {"x": text("1")}, None),
            ("threads/" + "i" * 1501, {"x": text("1")}, None),
            ("threads/a/", {"x": text("1")}, None),
            ("threads", {"x": text("1")}, None),
            ("threads/p", {"__x__": text("1")}, None),
            ("threads/p", {"": text("1")}, None),
            ("threads/p", {"a b": text("1")}, ["a b"]),
            ("threads/p", {"x": array}, ["x"]),
            ("threads/p", {"x": deep}, ["x"]),
            ("threads/p", {"x": moment("yesterday")}, ["x"]),
            ("threads/p", {"x": {"wrongValue": "1"}}, ["x"]),
            ("threads/p", {"x": text("q" * 1048488)}, ["x"]),
        ]
        for path, fields, mask in poisons:
            with self.subTest(path=path[:40], fields=str(fields)[:80]):
                answer = self.same_batch(
                    lambda rest: rest.write("threads/fine", {"x": text("1")}, ["x"]),
                    lambda rest: rest.write(path, fields, mask),
                )
                self.assertEqual(answer.code, "INVALID_ARGUMENT")
                self.assertEqual(self.same_document("threads/fine").status, 404)

    def test_too_big_a_document_fails_alone(self):
        half = text("q" * 600000)
        answer = self.same_batch(
            lambda rest: rest.write("threads/fine", {"x": text("1")}, ["x"]),
            lambda rest: rest.write("threads/big", {"x": half, "y": half}, ["x", "y"]),
        )
        self.assertEqual([each.get("code") for each in answer.json["status"]], [None, 3])
        self.same_document("threads/fine")
        self.same_document("threads/big")

    def test_twice_the_same_document(self):
        writes = [
            lambda rest: rest.write("threads/a", {"x": text("1")}, ["x"]),
            lambda rest: rest.write("threads/a", {"y": text("2")}, ["y"]),
        ]
        self.assertEqual(self.same_batch(*writes).code, "INVALID_ARGUMENT")
        self.same_document("threads/a")
        self.assertEqual(self.same_commit(*writes).status, 200)
        self.same_document("threads/a")

    def test_values_come_back_as_the_service_has_them(self):
        self.put(
            "threads/v",
            time=moment("2026-01-01T00:00:00.123456789Z"),
            whole=moment("2026-01-01T00:00:00Z"),
            milli=moment("2026-01-01T00:00:00.120Z"),
            double={"doubleValue": 5},
            half={"doubleValue": 0.5},
            nan={"doubleValue": "NaN"},
            integer={"integerValue": 7},
            large=integer(9007199254740993),
            null={"nullValue": None},
            bytes={"bytesValue": "AAEC"},
            map={"mapValue": {}},
            array={"arrayValue": {}},
            yes={"booleanValue": True},
            hostile=text("\0\x1b[31m\u202e \U0001f388"),
            lonely=text("x\ud800y"),
        )
        self.same_document("threads/v")

    def test_gzip_body(self):
        def zipped(rest):
            write = rest.write("threads/z", {"x": text("1")})
            body = gzip.compress(json.dumps({"writes": [write]}).encode())
            return rest.documents("POST", ":batchWrite", body, Content_Encoding="gzip")

        self.assertEqual(self.same(zipped).status, 200)
        self.same_document("threads/z")

    def test_nonsense(self):
        for body in (b"{nonsense", b'{"writes": 5}', b'{"writes": [{"updatE": {}}]}'):
            answer = self.same(lambda rest: rest.documents("POST", ":batchWrite", body))
            self.assertEqual(answer.code, "INVALID_ARGUMENT")
        self.assertEqual(self.same(lambda rest: rest.send("POST", "/v1/nonsense", {})).status, 404)
        self.same(lambda rest: rest.documents("PUT", "/threads/a", {}))

    # --- reads

    def fill(self):
        for number in range(7):
            self.put(
                "threads/t%d" % number,
                accountId=text("A" if number % 3 else "B"),
                lastMessageAt=moment("2026-01-0%dT00:00:00Z" % (number + 1)),
                n=integer(number // 2),
            )
        self.put("threads/without", accountId=text("A"))
        new_year = moment("2026-01-01T00:00:00Z")
        self.put("threads/t1/messages/m1", body=text("hello"), tsClient=new_year)
        self.put("threads/t2/messages/m1", body={"nullValue": None}, tsClient=new_year)

    def same_query(self, parent="", **query):
        answer = self.same(lambda rest: rest.query({"from": THREADS, **query}, parent))
        self.assertEqual(answer.status, 200, answer.body)
        return [
            each["document"]["name"].rpartition("/")[2]
            for each in answer.json
            if "document" in each
        ]

    def test_queries(self):
        self.fill()
        of_a = where("accountId", "EQUAL", text("A"))
        self.assertEqual(self.same_query(where=of_a, orderBy=BY_TIME), ["t5", "t4", "t2", "t1"])
        self.assertEqual(self.same_query(where=of_a, orderBy=BY_TIME, limit=1), ["t5"])
        self.same_query(where=of_a, orderBy=BY_TIME, offset=1, limit=2)
        self.same_query(where=of_a, orderBy=BY_TIME, offset=9)
        self.same_query(where=of_a)
        self.same_query(where=where("accountId", "EQUAL", text("none")))
        self.same_query(where=of_a, select={"fields": [{"fieldPath": "n"}]})
        self.same_query(where=of_a, select={"fields": [{"fieldPath": "__name__"}]})
        self.same_query(where=where("n", "GREATER_THAN", integer(1)))
        self.same_query(where=both(of_a, where("n", "LESS_THAN_OR_EQUAL", {"doubleValue": 2.0})))
        self.same_query(where=where("n", "LESS_THAN", text("z")))
        self.same_query(orderBy=[{"field": {"fieldPath": "n"}, "direction": "DESCENDING"}])
        self.same_query(where=where("accountId", "IN", {"arrayValue": {"values": [text("B")]}}))

    def test_pages_by_cursor(self):
        self.fill()
        orders = BY_TIME + [{"field": {"fieldPath": "__name__"}, "direction": "DESCENDING"}]
        for before in (True, False):
            answer = self.same(
                lambda rest: rest.query(
                    {
                        "from": THREADS,
                        "where": where("accountId", "EQUAL", text("A")),
                        "orderBy": orders,
                        "startAt": {
                            "values": [
                                moment("2026-01-05T00:00:00Z"),
                                {"referenceValue": rest.name("threads/t4")},
                            ],
                            "before": before,
                        },
                        "limit": 2,
                    }
                )
            )
            self.assertEqual(answer.status, 200, answer.body)

    def test_range_of_names(self):
        self.fill()

        def bound(rest, operator, thread):
            return where("__name__", operator, {"referenceValue": rest.name("threads/" + thread)})

        for operator in ("GREATER_THAN_OR_EQUAL", "GREATER_THAN"):
            answer = self.same(
                lambda rest: rest.query(
                    {
                        "from": THREADS,
                        "where": both(bound(rest, operator, "t2"), bound(rest, "LESS_THAN", "t5")),
                        "orderBy": [{"field": {"fieldPath": "__name__"}}],
                        "limit": 2,
                    }
                )
            )
            self.assertEqual(len(answer.json), 2, answer.body)

    def test_messages(self):
        self.fill()
        messages = [{"collectionId": "messages"}]
        self.same(lambda rest: rest.query({"from": messages}, "/threads/t1"))
        self.same(lambda rest: rest.query({"from": messages}, "/threads/t3"))
        self.same(lambda rest: rest.query({"from": [{**messages[0], "allDescendants": True}]}))
        null = {"unaryFilter": {"field": {"fieldPath": "body"}, "op": "IS_NULL"}}
        self.same(lambda rest: rest.query({"from": messages, "where": null}, "/threads/t2"))

    def test_counts(self):
        self.fill()
        for count in ({}, {"upTo": "2"}):
            self.same(
                lambda rest: rest.documents(
                    "POST",
                    ":runAggregationQuery",
                    {
                        "structuredAggregationQuery": {
                            "structuredQuery": {"from": THREADS},
                            "aggregations": [{"alias": "n", "count": count}],
                        }
                    },
                )
            )

    def test_batch_get(self):
        self.fill()
        for mask in ({}, {"mask": {"fieldPaths": ["accountId"]}}):
            self.same(
                lambda rest: rest.documents(
                    "POST",
                    ":batchGet",
                    {"documents": [rest.name("threads/t1"), rest.name("threads/nope")], **mask},
                )
            )

    def test_list_in_pages(self):
        self.fill()
        for rest in self.sides:
            self.assertEqual(self.paged(rest), self.paged(self.sides[0]))
        self.same(lambda rest: rest.documents("GET", "/threads?pageSize=2&mask.fieldPaths=n"))
        self.same(lambda rest: rest.documents("GET", "/threads?pageSize=2&mask.fieldPaths=none"))
        self.same(lambda rest: rest.documents("GET", "/threads"))
        self.same(lambda rest: rest.documents("GET", "/nothing?pageSize=2"))
        self.same(lambda rest: rest.documents("GET", "/threads?pageSize=2&pageToken=xyz"))

    def paged(self, rest):
        """The ids page by page."""
        pages, token = [], ""
        while True:
            answer = rest.documents("GET", "/threads?pageSize=3" + token).json
            pages.append([each["name"].rpartition("/")[2] for each in answer["documents"]])
            if "nextPageToken" not in answer:
                return pages
            token = "&pageToken=" + urllib.parse.quote(answer["nextPageToken"], safe="")

    def test_patch_and_delete(self):
        for _ in range(2):
            self.same(
                lambda rest: rest.documents(
                    "PATCH",
                    "/threads/p?updateMask.fieldPaths=x&currentDocument.exists=false",
                    {"fields": {"x": text("1")}},
                )
            )
        self.same(lambda rest: rest.documents("DELETE", "/threads/p"))
        self.same_document("threads/p")

    def test_clear(self):
        self.put("threads/a", x=text("1"))
        self.same(lambda rest: rest.send("DELETE", "/emulator/v1/%s/documents" % rest.database))
        self.same_document("threads/a")


if __name__ == "__main__":
    harness.main()
