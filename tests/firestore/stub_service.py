"""What the stub answers to a request when nothing is to go wrong: Firestore's REST interface as
far as the Inbox is written and read through it.
"""

import base64
import json
import re
import urllib.parse

from stub_query import count, find
from stub_store import Store
from stub_values import PAYLOAD, Refused, check_name, invalid, time_text

OPERATIONS = ("batchWrite", "commit", "runQuery", "runAggregationQuery", "batchGet")
PATH = re.compile(r"/(?:emulator/)?v1/(projects/[^/]+/databases/[^/]+)/documents(.*)", re.S)
PAGE = 100  # documents, when a list does not say


def operation_of(method, url):
    """What a request is: one of OPERATIONS, or get, list, patch, delete, clear, unknown."""
    path = urllib.parse.unquote(url.partition("?")[0])
    if method == "POST":
        named = path.rpartition(":")[2]
        return named if named in OPERATIONS else "unknown"
    if path.startswith("/emulator/v1/"):
        return "clear" if method == "DELETE" else "unknown"
    _, found, below = path.partition("/documents/")
    if not found:
        return "unknown"
    if method == "GET":
        return "get" if len(below.split("/")) % 2 == 0 else "list"
    return {"PATCH": "patch", "DELETE": "delete"}.get(method, "unknown")


def parsed(body):
    try:
        return json.loads(body or b"{}")
    except ValueError:
        raise invalid(PAYLOAD) from None


class Service:
    def __init__(self):
        self.store = Store()

    def answer(self, method, url, body):
        """(HTTP status, JSON value, or bytes of no declared type)."""
        operation = operation_of(method, url)
        path, _, query = url.partition("?")
        path, query = urllib.parse.unquote(path), urllib.parse.parse_qs(query)
        found = PATH.fullmatch(path)
        if operation == "unknown" or not found:
            return 404, b"Not Found\n"
        root, below = found[1] + "/documents", found[2]
        try:
            with self.store.lock:
                if method == "POST":
                    parent = root + below[: -len(":" + operation)]
                    return 200, getattr(self, operation)(parent, parsed(body))
                return 200, getattr(self, operation)(root + below, query, body)
        except Refused as why:
            return why.http_status, why.json()
        except (AttributeError, KeyError, TypeError, ValueError):
            return 400, invalid(PAYLOAD).json()

    # POST …/documents:operation

    def batchWrite(self, _, request):
        return self.store.batch_write(request.get("writes", []))

    def commit(self, _, request):
        return self.store.commit(request.get("writes", []))

    def read_time(self):
        return {"readTime": time_text(self.store.now())}

    def runQuery(self, parent, request):
        query = request["structuredQuery"]
        mask = None
        if "select" in query:
            mask = [each["fieldPath"] for each in query["select"].get("fields", [])]
        names, skipped = find(self.store, parent, query)
        rows = [
            {"document": self.store.as_json(name, mask), **self.read_time()} for name in names
        ] or [self.read_time()]
        if skipped and names:  # as the emulator: nothing is said when all were skipped
            rows[0]["skippedResults"] = skipped
        rows[-1]["done"] = True
        return rows

    def runAggregationQuery(self, parent, request):
        query = request["structuredAggregationQuery"]
        counted = {
            each["alias"]: {
                "integerValue": str(count(self.store, parent, query["structuredQuery"], each))
            }
            for each in query["aggregations"]
        }
        return [{"result": {"aggregateFields": counted}, **self.read_time(), "done": True}]

    def batchGet(self, _, request):
        mask = request["mask"].get("fieldPaths", []) if "mask" in request else None
        return [
            {"found": self.store.as_json(name, mask), **self.read_time()}
            if name in self.store.documents
            else {"missing": name, **self.read_time()}
            for name in request["documents"]
        ]

    # GET, PATCH and DELETE …/documents/path

    def get(self, name, query, _):
        check_name(name)
        if name not in self.store.documents:
            raise Refused("NOT_FOUND", "Document (%s) not found." % name)
        return self.store.as_json(name, query.get("mask.fieldPaths"))

    def list(self, collection, query, _):
        start = b""
        if "pageToken" in query:
            try:
                start = base64.b64decode(query["pageToken"][0], validate=True)
            except ValueError:
                raise invalid("invalid page token") from None
        size = int(query.get("pageSize", [PAGE])[0])
        names = sorted(
            (name for name in self.store.documents if name.rpartition("/")[0] == collection),
            key=str.encode,
        )
        names = [name for name in names if name.encode() > start]
        shown = [self.store.as_json(name, query.get("mask.fieldPaths")) for name in names[:size]]
        out = {"documents": shown} if shown else {}
        if len(names) > size:
            out["nextPageToken"] = base64.b64encode(names[size - 1].encode()).decode()
        return out

    def patch(self, name, query, body):
        write = {"update": {"name": name, "fields": parsed(body).get("fields", {})}}
        if "updateMask.fieldPaths" in query:
            write["updateMask"] = {"fieldPaths": query["updateMask.fieldPaths"]}
        if "currentDocument.exists" in query:
            write["currentDocument"] = {"exists": query["currentDocument.exists"] == ["true"]}
        self.store.commit([write])
        return self.store.as_json(name)

    def delete(self, name, _, __):
        self.store.commit([{"delete": name}])
        return {}

    def clear(self, documents, _, __):
        self.store.clear(documents)
        return {}
