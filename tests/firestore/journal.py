"""What a client sent to the stub, request by request."""

import json
import time
from dataclasses import dataclass, field


@dataclass
class Request:
    """One line of the journal."""

    connection: int  # counted from 1
    method: str
    url: str
    operation: str
    size: int  # of the body as it was sent
    encoding: str  # its Content-Encoding, or ""
    headers: dict
    body: bytes = field(repr=False, default=b"")  # as meant: inflated
    status: int = None  # None: no answer yet, or cut off
    at: float = field(default_factory=time.monotonic)  # its arrival
    applied: bool = False  # by the documents behind
    answer: object = field(repr=False, default=None)  # parsed JSON, of what was applied
    fault: str = None

    @property
    def names(self):
        """Paths below documents/ of what a batchWrite or commit writes."""
        if self.operation not in ("batchWrite", "commit"):
            return []
        try:
            writes = json.loads(self.body).get("writes", [])
        except ValueError:
            return []
        full = [each.get("delete") or each.get("update", {}).get("name", "") for each in writes]
        return [name.partition("/documents/")[2] for name in full]

    @property
    def writes(self):
        return len(self.names)

    @property
    def reads(self):
        """Documents read, as they are billed: a query that finds nothing counts one."""
        if self.answer is None or not self.applied:
            return 0
        if self.operation in ("runQuery", "batchGet"):
            return max(1, sum("document" in row or "found" in row for row in self.answer))
        if self.operation == "list":
            return max(1, len(self.answer.get("documents", [])))
        return 1 if self.operation in ("get", "runAggregationQuery") else 0
