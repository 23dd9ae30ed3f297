"""Firestore values as Python's own: str, bool, None, int, float, bytes, dict, list, and Time.

Two JSON forms are turned into them and back: REST's ({"integerValue": "5"}) and that of
read_back.mjs ({"int": "5"}, see values.mjs).
"""

import base64
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Time:
    """A timestamp; with nine digits behind the point whatever was given."""

    text: str

    def __post_init__(self):
        whole, _, fraction = self.text.rstrip("Z").partition(".")
        object.__setattr__(self, "text", "%s.%sZ" % (whole, fraction.ljust(9, "0")))


@dataclass(frozen=True)
class Reference:
    path: str


SERVER_TIME = object()  # to be written: the server's time

REST_NAMES = {
    "integerValue": "int",
    "doubleValue": "double",
    "timestampValue": "timestamp",
    "bytesValue": "bytes",
    "referenceValue": "ref",
}


def from_tagged(value):
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    return {
        "int": int,
        "double": float,
        "timestamp": Time,
        "bytes": base64.b64decode,
        "ref": Reference,
        "map": lambda each: {key: from_tagged(one) for key, one in each.items()},
        "array": lambda each: [from_tagged(one) for one in each],
    }[kind](inner)


def to_tagged(value):
    if value is SERVER_TIME:
        return {"server_time": True}
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"double": value}
    if isinstance(value, Time):
        return {"timestamp": value.text}
    if isinstance(value, Reference):
        return {"ref": value.path}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {"map": {key: to_tagged(each) for key, each in value.items()}}
    return {"array": [to_tagged(each) for each in value]}


def from_rest(value):
    ((kind, inner),) = value.items()
    if kind == "mapValue":
        return {key: from_rest(each) for key, each in inner.get("fields", {}).items()}
    if kind == "arrayValue":
        return [from_rest(each) for each in inner.get("values", [])]
    if kind in REST_NAMES:
        return from_tagged({REST_NAMES[kind]: inner})
    return inner  # strings, booleans and null


def to_rest(value):
    if isinstance(value, dict):
        return {"mapValue": {"fields": {key: to_rest(each) for key, each in value.items()}}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [to_rest(each) for each in value]}}
    if value is None:
        return {"nullValue": None}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    ((kind, inner),) = to_tagged(value).items()
    return {next(name for name, ours in REST_NAMES.items() if ours == kind): inner}
