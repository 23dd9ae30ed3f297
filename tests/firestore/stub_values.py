"""Firestore's errors, times, field paths, names and values as the stub keeps and checks them.

What is refused follows Google's emulator (fidelity_test.py compares them).
"""

import re
from datetime import datetime, timezone

# gRPC's number and HTTP's status for each of the names.
CODES = {
    "CANCELLED": (1, 499),
    "UNKNOWN": (2, 500),
    "INVALID_ARGUMENT": (3, 400),
    "DEADLINE_EXCEEDED": (4, 504),
    "NOT_FOUND": (5, 404),
    "ALREADY_EXISTS": (6, 409),
    "PERMISSION_DENIED": (7, 403),
    "RESOURCE_EXHAUSTED": (8, 429),
    "FAILED_PRECONDITION": (9, 400),
    "ABORTED": (10, 409),
    "INTERNAL": (13, 500),
    "UNAVAILABLE": (14, 503),
    "UNAUTHENTICATED": (16, 401),
}

VALUE_BYTES = 1048487
ID_BYTES = 1500
DEPTH = 20

VALUE_KINDS = (
    "nullValue booleanValue integerValue doubleValue timestampValue stringValue bytesValue "
    "referenceValue geoPointValue arrayValue mapValue"
).split()


class Refused(Exception):
    """An error of the service: its name, as INVALID_ARGUMENT, and a sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code

    @property
    def number(self):
        return CODES[self.code][0]

    @property
    def http_status(self):
        return CODES[self.code][1]

    def json(self):
        return {"error": {"code": self.http_status, "message": str(self), "status": self.code}}


def invalid(message):
    return Refused("INVALID_ARGUMENT", message)


PAYLOAD = "Payload isn't valid for request."


# --- times ---------------------------------------------------------------------------------------


def time_text(microseconds):
    """As the service writes times: no digits behind the point, or three, or six."""
    seconds, rest = divmod(microseconds, 1_000_000)
    whole = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    if rest % 1000:
        return "%s.%06dZ" % (whole, rest)
    return "%s.%03dZ" % (whole, rest // 1000) if rest else whole + "Z"


def microseconds_of(text):
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", str(text))
    if not found:
        raise invalid(PAYLOAD)
    whole = datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return int(whole.timestamp()) * 1_000_000 + int((found[2] or "0").ljust(9, "0")[:6])


# --- field paths and names -----------------------------------------------------------------------


def parse_path(path):
    """`a.b.`c d`` as ["a", "b", "c d"]."""
    parts, rest = [], path
    while True:
        found = re.match(r"([a-zA-Z_][a-zA-Z_0-9]*)|`((?:[^`\\]|\\.)+)`", rest)
        if not found:
            raise invalid('Invalid property path "%s".' % path)
        parts.append(found[1] or re.sub(r"\\(.)", r"\1", found[2]))
        rest = rest[found.end() :]
        if not rest:
            return parts
        if not rest.startswith("."):
            raise invalid('Invalid property path "%s".' % path)
        rest = rest[1:]


def value_at(fields, parts):
    for part in parts[:-1]:
        fields = fields.get(part, {}).get("mapValue", {}).get("fields", {})
    return fields.get(parts[-1])


def put_at(fields, parts, value):
    """Sets it, making maps on the way; with None takes it away."""
    for part in parts[:-1]:
        inner = fields.get(part)
        if inner is None or "mapValue" not in inner:
            if value is None:
                return
            inner = fields[part] = {"mapValue": {}}
        fields = inner["mapValue"].setdefault("fields", {})
    if value is None:
        fields.pop(parts[-1], None)
    else:
        fields[parts[-1]] = value


def check_name(name):
    """The path below documents/, of a document's full name."""
    _, found, path = name.partition("/documents/")
    parts = path.split("/")
    if not found or len(parts) % 2 or "" in parts:
        raise invalid('Document name "%s" is no document\'s.' % name)
    for part in parts:
        if part in (".", ".."):
            raise invalid('Document name "%s" contains a resource id "%s".' % (name, part))
        if re.fullmatch(r"__.*__", part, re.S):
            raise invalid('Resource id "%s" is invalid because it is reserved.' % part)
        if len(part.encode(errors="replace")) > ID_BYTES:
            raise invalid("The key path element name is longer than %d bytes." % ID_BYTES)
    return path


# --- values --------------------------------------------------------------------------------------


def stored_value(value, depth=0, in_array=False):
    """As the service gives it back. Refuses what is malformed."""
    if not isinstance(value, dict) or len(value) != 1:
        raise invalid(PAYLOAD)
    ((kind, inner),) = value.items()
    if kind not in VALUE_KINDS:
        raise invalid(PAYLOAD)
    if kind == "integerValue":
        return {kind: str(int(inner))}
    if kind == "doubleValue":
        return {kind: inner if isinstance(inner, str) else float(inner)}
    if kind == "timestampValue":
        return {kind: time_text(microseconds_of(inner))}
    if kind == "stringValue":
        if len(inner.encode(errors="replace")) > VALUE_BYTES:
            raise invalid("The value is longer than %d bytes." % VALUE_BYTES)
        return {kind: re.sub("[\ud800-\udfff]", "?", inner)}
    if kind == "mapValue":
        if depth >= DEPTH:
            raise invalid("A property contains an invalid nested entity.")
        fields = stored_fields(inner.get("fields") or {}, depth + 1)
        return {kind: {"fields": fields} if fields else {}}
    if kind == "arrayValue":
        if in_array:
            raise invalid("Cannot convert an array value in an array value.")
        given = [stored_value(each, depth, True) for each in inner.get("values", [])]
        return {kind: {"values": given} if given else {}}
    return value


def stored_fields(fields, depth=0):
    for name in fields:
        if not name:
            raise invalid("The property.name is the empty string.")
        if re.fullmatch(r"__.*__", name):
            raise invalid("field name %s is reserved" % name)
    return {name: stored_value(value, depth) for name, value in fields.items()}


def size_of(value):
    ((kind, inner),) = value.items()
    if kind in ("stringValue", "bytesValue", "referenceValue"):
        return len(inner.encode()) + 1
    if kind == "mapValue":
        fields = inner.get("fields", {}).items()
        return sum(len(name.encode()) + 1 + size_of(each) for name, each in fields)
    if kind == "arrayValue":
        return sum(size_of(each) for each in inner.get("values", []))
    return 8
