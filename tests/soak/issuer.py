"""Google's token server as a soak needs it: every token is another one, and soon has to be renewed."""

import json
import threading
import time

from faults import Fault
from stub import Stub

# A client renews a token that lasts less than five minutes.
EXPIRES_IN_S = 302
# For so long an older one is still good here: requests are on their way while it is renewed.
TOLERATED_S = 30


class Issuer(Fault):
    """What the stub of the token server answers, and which tokens it has given."""

    def __init__(self):
        super().__init__("answer", times=None, headers={"Content-Type": "application/json"})
        self.lock = threading.Lock()
        self.issued = {}  # header: when

    @property
    def count(self):
        with self.lock:
            return len(self.issued)

    def body_for(self, _operation):
        with self.lock:
            token = "soak-%d" % len(self.issued)
            self.issued["Bearer " + token] = time.monotonic()
        answer = {"access_token": token, "expires_in": EXPIRES_IN_S, "token_type": "Bearer"}
        return json.dumps(answer).encode()

    def accepts(self, header):
        with self.lock:
            given = self.issued.get(header)
        return given is not None and time.monotonic() - given < TOLERATED_S


class Accepted:
    """Equals every header with a token that is good: for the stub's `authorization`."""

    def __init__(self, issuer):
        self.issuer = issuer

    def __eq__(self, header):
        return self.issuer.accepts(header)


class Tally:
    """Counts what was asked of a stub and forgets it, so that a long run stays small."""

    def __init__(self, stub: Stub):
        self.stub = stub
        self.counts = {}
        self.refused = 0

    def take(self):
        with self.stub.changed:
            done = [each for each in self.stub.journal if each.status is not None]
            self.stub.journal = [each for each in self.stub.journal if each.status is None]
        for each in done:
            key = each.operation
            if key == "commit" and "leaseUntil" in each.body.decode("utf-8", "replace"):
                key = "lease"
            self.counts[key] = self.counts.get(key, 0) + 1
            self.refused += each.status == 401
        return self.counts
