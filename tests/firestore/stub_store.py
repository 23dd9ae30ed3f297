"""Documents in memory, changed by Firestore's writes as its REST interface tells them.

Whether one write is refused or the whole request follows Google's emulator (fidelity_test.py
compares them). Limits that the emulator has of its own accord (4 MiB of protobuf a request) are
not imitated.
"""

import copy
import threading
import time
from dataclasses import dataclass

from stub_values import (
    PAYLOAD,
    Refused,
    check_name,
    invalid,
    microseconds_of,
    parse_path,
    put_at,
    size_of,
    stored_fields,
    stored_value,
    time_text,
    value_at,
)

DOCUMENT_BYTES = 1048576


@dataclass
class Document:
    fields: dict
    created: str
    updated: str


def number_of(value):
    ((kind, inner),) = value.items()
    if kind not in ("integerValue", "doubleValue"):
        raise invalid("Input must be int64 or double.")
    return int(inner) if kind == "integerValue" else float(inner)


def number(value):
    return {"integerValue": str(value)} if isinstance(value, int) else {"doubleValue": value}


NUMERIC = {
    "increment": lambda was, by: was + by,
    "maximum": max,
    "minimum": min,
}


def transformed(before, transform, now):
    """The field's new value, and what the answer tells about it."""
    null = {"nullValue": None}
    if transform.get("setToServerValue") == "REQUEST_TIME":
        value = {"timestampValue": time_text(now // 1000 * 1000)}  # it has milliseconds
        return value, value
    for name, change in NUMERIC.items():
        if name in transform:
            by = number_of(transform[name])
            was_number = before and set(before) & {"integerValue", "doubleValue"}
            value = number(change(number_of(before), by) if was_number else by)
            return value, value
    elements = list((before or {}).get("arrayValue", {}).get("values", []))
    if "appendMissingElements" in transform:
        more = stored_value({"arrayValue": transform["appendMissingElements"]})["arrayValue"]
        for each in more.get("values", []):
            if each not in elements:
                elements.append(each)
    elif "removeAllFromArray" in transform:
        gone = transform["removeAllFromArray"].get("values", [])
        elements = [each for each in elements if each not in gone]
    else:
        raise invalid(PAYLOAD)
    return {"arrayValue": {"values": elements} if elements else {}}, null


def check_precondition(wanted, document, name):
    if wanted.get("exists") is True and document is None:
        raise Refused("NOT_FOUND", "no entity to update: %s" % name)
    if wanted.get("exists") is False and document is not None:
        raise Refused("ALREADY_EXISTS", "entity already exists: %s" % name)
    if "updateTime" in wanted:
        wanted_us = microseconds_of(wanted["updateTime"])
        if document is None or microseconds_of(document.updated) != wanted_us:
            raise Refused("FAILED_PRECONDITION", "not the stored version")


def target(write):
    """The name of the document it is about."""
    if not isinstance(write, dict) or set(write) - {
        "update",
        "delete",
        "updateMask",
        "updateTransforms",
        "currentDocument",
    }:
        raise invalid(PAYLOAD)
    return write["delete"] if "delete" in write else write.get("update", {}).get("name", "")


def check(write):
    """What fails a whole request."""
    check_name(target(write))
    stored_fields(write.get("update", {}).get("fields", {}))
    for path in write.get("updateMask", {}).get("fieldPaths", []):
        parse_path(path)


class Store:
    """All projects' documents by their full names."""

    def __init__(self):
        self.documents = {}
        self.lock = threading.RLock()
        self.last = 0

    def now(self):
        """Microseconds; never the same twice."""
        with self.lock:
            self.last = max(self.last + 1, time.time_ns() // 1000)
            return self.last

    def apply(self, documents, write, now):
        """Changes `documents`; the write's result."""
        name = target(write)
        before = documents.get(name)
        check_precondition(write.get("currentDocument", {}), before, name)
        if "delete" in write:
            documents.pop(name, None)
            return {}
        given = stored_fields(write["update"].get("fields", {}))
        if "updateMask" in write:
            fields = copy.deepcopy(before.fields) if before else {}
            for path in write["updateMask"].get("fieldPaths", []):
                put_at(fields, parse_path(path), value_at(given, parse_path(path)))
        else:
            fields = given
        results = []
        for transform in write.get("updateTransforms", []):
            parts = parse_path(transform["fieldPath"])
            value, told = transformed(value_at(fields, parts), transform, now)
            put_at(fields, parts, value)
            results.append(told)
        if size_of({"mapValue": {"fields": fields}}) + len(name) > DOCUMENT_BYTES:
            raise invalid("maximum entity size is %d bytes" % DOCUMENT_BYTES)
        if before and before.fields == fields:
            updated = before.updated  # the service does not count what changes nothing
        else:
            updated = time_text(now)
        documents[name] = Document(fields, before.created if before else updated, updated)
        return {"updateTime": updated, **({"transformResults": results} if results else {})}

    def batch_write(self, writes):
        """Each for itself: one may fail, the others are applied."""
        for write in writes:
            check(write)
        names = [target(write) for write in writes]
        if len(set(names)) < len(names):
            raise invalid("the same document cannot be written more than once in a single request")
        if not writes:
            return {}
        results, statuses = [], []
        with self.lock:
            for write in writes:
                try:
                    results.append(self.apply(self.documents, write, self.now()))
                    statuses.append({})
                except Refused as why:
                    results.append({})
                    statuses.append({"code": why.number, "message": str(why)})
        return {"writeResults": results, "status": statuses}

    def commit(self, writes):
        """All or none."""
        for write in writes:
            check(write)
        with self.lock:
            now = self.now()
            changed = dict(self.documents)
            results = [self.apply(changed, write, now) for write in writes]
            self.documents = changed
        return {**({"writeResults": results} if results else {}), "commitTime": time_text(now)}

    def as_json(self, name, mask=None):
        """The document as answers show it; of its fields those of the mask."""
        document = self.documents[name]
        fields = document.fields
        if mask is not None:
            fields = {}
            for path in mask:
                if path != "__name__":
                    parts = parse_path(path)
                    put_at(fields, parts, value_at(document.fields, parts))
        out = {"name": name, "fields": fields} if fields else {"name": name}
        return {**out, "createTime": document.created, "updateTime": document.updated}

    def clear(self, database):
        with self.lock:
            for name in [each for each in self.documents if each.startswith(database + "/")]:
                del self.documents[name]
