"""What can be made to go wrong with a request to the stub, and with which ones."""

import json
import threading
from dataclasses import dataclass, field

# As the real service words them; what an error is, its JSON's "status" says.
REFUSALS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: (
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential.",
    ),
    403: ("PERMISSION_DENIED", "Missing or insufficient permissions."),
    404: ("NOT_FOUND", "The database (default) does not exist for this project."),
    409: ("ABORTED", "Too much contention on these documents. Please try again."),
    429: ("RESOURCE_EXHAUSTED", "Quota exceeded."),
    500: ("INTERNAL", "Internal error encountered."),
    503: ("UNAVAILABLE", "The service is currently unavailable."),
    504: ("DEADLINE_EXCEEDED", "Deadline exceeded."),
}

STREAMED = ("runQuery", "runAggregationQuery", "batchGet")


def index_link(project):
    """A link as the service makes it for a missing composite index."""
    return (
        "https://console.firebase.google.com/v1/r/project/%s/firestore/indexes?create_composite="
        "Ck1wcm9qZWN0cy90ZXN0L2RhdGFiYXNlcy8oZGVmYXVsdCkvY29sbGVjdGlvbkdyb3Vwcy90aHJlYWRzL2luZGV4"
        "ZXMvXxABGg0KCWFjY291bnRJZBABGhEKDWxhc3RNZXNzYWdlQXQQAhoMCghfX25hbWVfXxAC" % project
    )


@dataclass
class Fault:
    """`kind` is answer, cut, drip, hold or delay. It hits the requests that are `on` this
    operation (None: any), from the one after the first `after`, for so many `times` (None: for
    ever)."""

    kind: str
    on: str = None
    after: int = 0
    times: int = 1
    status: int = 200
    headers: dict = field(default_factory=dict)
    error: dict = None  # answer: as JSON, instead of `body`
    body: bytes = b""
    when: str = "before"  # cut, hold: before or after it is applied; cut: or within the answer
    size: int = 1  # drip: bytes at a time
    pause_s: float = 0.0  # drip: between them; delay: before it is applied
    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def hits(self, operation):
        """Counts the request in; whether it is one of those to be hit."""
        if self.on not in (None, operation) or self.times == 0:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def body_for(self, operation):
        """The service streams some answers as arrays, and their errors too."""
        if self.error is None:
            return self.body
        return json.dumps([self.error] if operation in STREAMED else self.error).encode()

    # hold: a request is in flight until the test lets go of it

    def keep_waiting(self):
        self.arrived.set()
        self.released.wait()

    def wait(self, seconds=60):
        assert self.arrived.wait(seconds), "no request came to be held"

    def release(self):
        self.released.set()
