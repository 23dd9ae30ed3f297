"""A Firestore on loopback that misbehaves as told: an imitation (stub_service.py) that stores
documents, or with `upstream` a proxy before the real emulator. It counts and writes down
every request, so that a test can say what a client was to send.

The emulator enforces no index and no permission and never throttles; here such answers come
from a script. All is threads: one that accepts, one for each connection.
"""

import http.client
import json
import socket
import threading

from faults import REFUSALS, Fault, index_link
from stub_connection import JSON, PATIENCE, Handler, shut
from stub_service import Service


class Stub:
    """`host` as FIRESTORE_EMULATOR_HOST wants it.

    authorization   the only Authorization header that is let in; others get 401
    clock_off_s     how much its Date header is ahead of the true time
    gzip_answers    for clients that accept them
    tunnel          see tunnel.py: connections begin with a CONNECT, and then speak TLS
    service_limits  refuses what the real service does and the emulator does not: more than 500
                    writes or 10 MiB in a request
    """

    def __init__(
        self,
        upstream=None,
        authorization=None,
        clock_off_s=0,
        gzip_answers=False,
        tunnel=None,
        service_limits=True,
    ):
        self.upstream = upstream
        self.service = None if upstream else Service()
        self.authorization = authorization
        self.clock_off_s = clock_off_s
        self.gzip_answers = gzip_answers
        self.tunnel = tunnel
        self.service_limits = service_limits
        self.journal = []
        self.changed = threading.Condition()
        self.faults = []
        self.poisons = []
        self.sockets = {}  # open connections by number
        self.connections = 0
        # Holds the port while the listener is away: it is bound, so nobody else gets it, and
        # does not listen, so clients are refused.
        self.reserved = self._bound(0)
        self.host = "127.0.0.1:%d" % self.reserved.getsockname()[1]
        self.listener = None
        self.resume()

    @staticmethod
    def _bound(port):
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("127.0.0.1", port))
        return made

    # --- up and down

    def resume(self):
        """Takes connections again."""
        self.listener = self._bound(self.reserved.getsockname()[1])
        self.listener.listen(64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def pause(self):
        """Cuts all connections and refuses new ones until `resume`: a service that is down."""
        shut(self.listener)  # wakes the thread that accepts
        self.listener.close()
        self.drop_connections()

    def drop_connections(self):
        with self.changed:
            open_ones = list(self.sockets.values())
        for each in open_ones:
            shut(each)

    def stop(self):
        for fault in self.faults:
            fault.release()
        self.pause()
        self.reserved.close()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.changed:
                self.connections += 1
                number = self.connections
                self.sockets[number] = connection
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection, number):
        try:
            if self.tunnel:
                connection = self.tunnel.enter(connection)
                with self.changed:
                    self.sockets[number] = connection
            Handler(connection, number, self)
        except (OSError, http.client.HTTPException):
            pass  # the client went away, or was cut off
        finally:
            with self.changed:
                self.sockets.pop(number, None)
            connection.close()

    # --- what goes wrong; see Fault for on, after and times

    def add(self, fault):
        with self.changed:
            self.faults.append(fault)
        return fault

    def refuse(self, status, message=None, retry_after=None, **which):
        """An error as the service gives it."""
        name, usual = REFUSALS[status]
        error = {"error": {"code": status, "message": message or usual, "status": name}}
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return self.add(Fault("answer", status=status, headers=headers, error=error, **which))

    def need_index(self, project, **which):
        """Queries fail for want of an index; the link to make it."""
        link = index_link(project)
        message = "The query requires an index. You can create it here: " + link
        error = {"error": {"code": 400, "message": message, "status": "FAILED_PRECONDITION"}}
        options = {"on": "runQuery", "times": None, **which}
        self.add(Fault("answer", status=400, error=error, **options))
        return link

    def answer_with(self, body, status=200, content_type=JSON, **which):
        """These bytes, whatever was asked: garbage, pages of proxies, far too much."""
        headers = {"Content-Type": content_type}
        return self.add(Fault("answer", status=status, headers=headers, body=body, **which))

    def cut(self, when="before", **which):
        """Ends the connection: before the request is applied, after it, or within its answer."""
        return self.add(Fault("cut", when=when, **which))

    def drip(self, size=1, pause_s=0.0, **which):
        """Answers so many bytes at a time."""
        return self.add(Fault("drip", size=size, pause_s=pause_s, **which))

    def delay(self, pause_s, **which):
        return self.add(Fault("delay", pause_s=pause_s, **which))

    def hold(self, when="before", **which):
        """Keeps a request waiting, before or after it is applied; .wait() until one came, then
        .release()."""
        return self.add(Fault("hold", when=when, **which))

    def poison(self, word, code, message="poisoned by the test"):
        """Every write in a batch whose name has this word in it fails alone, with this number
        (3 INVALID_ARGUMENT, 7 PERMISSION_DENIED, 10 ABORTED, 14 UNAVAILABLE)."""
        with self.changed:
            self.poisons.append((word, {"code": code, "message": message}))

    def heal(self):
        """Nothing goes wrong any more."""
        with self.changed:
            self.faults, self.poisons = [], []

    # --- what was seen

    def requests(self, operation=None):
        with self.changed:
            return [each for each in self.journal if operation in (None, each.operation)]

    @property
    def writes(self):
        """Writes that were applied, those refused one by one included: all are billed."""
        return sum(each.writes for each in self.requests() if each.applied)

    @property
    def reads(self):
        return sum(each.reads for each in self.requests())

    def until(self, condition, seconds=PATIENCE):
        """Waits until condition(journal) holds. Requests are in it from their arrival on, with
        their status from the moment that the answer leaves."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self.journal), seconds):
                raise AssertionError("never came; seen: %r" % self.journal)

    def note_arrival(self, request):
        with self.changed:
            self.journal.append(request)
            self.changed.notify_all()

    def note_status(self, request, status):
        with self.changed:
            request.status = status
            self.changed.notify_all()

    # --- used by connections

    def faults_for(self, operation):
        with self.changed:
            return [fault for fault in self.faults if fault.hits(operation)]

    def apply(self, request, forward):
        """(status, body, content type) of the documents behind, which poisoned writes do not
        reach."""
        body, statuses = self._without_poisoned(request)
        if body is None:
            status, answer, kind = 200, b'{"writeResults": [], "status": []}', JSON
        else:
            answered = forward(body) if self.upstream else self._from_service(request, body)
            status, answer, kind = answered
        request.applied = status == 200
        if kind != JSON:
            return status, answer, kind
        request.answer = json.loads(answer)
        if statuses and status == 200:
            for index, poison in sorted(statuses.items()):
                request.answer["writeResults"].insert(index, {})
                request.answer["status"].insert(index, poison)
            answer = json.dumps(request.answer).encode()
        return status, answer, kind

    def _from_service(self, request, body):
        status, answer = self.service.answer(request.method, request.url, body)
        if isinstance(answer, bytes):
            return status, answer, None
        return status, json.dumps(answer).encode(), JSON

    def _without_poisoned(self, request):
        """The body without them (None when nothing remains), and their statuses by index."""
        with self.changed:
            poisons = list(self.poisons)
        if not poisons or request.operation != "batchWrite":
            return request.body, {}
        statuses = {}
        for index, name in enumerate(request.names):
            statuses.update({index: status for word, status in poisons if word in name})
        if not statuses:
            return request.body, {}
        parsed = json.loads(request.body)
        parsed["writes"] = [
            each for index, each in enumerate(parsed["writes"]) if index not in statuses
        ]
        return (json.dumps(parsed).encode() if parsed["writes"] else None), statuses

    def limit(self, request):
        """What the real service answers to too much; None when it is not too much."""
        message = None
        if self.service_limits and request.writes > 500:
            message = "maximum 500 writes allowed per request"
        elif self.service_limits and len(request.body) > 10 << 20:
            message = "Request payload size exceeds the limit: 10485760 bytes."
        if message is None:
            return None
        error = {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
        return 400, json.dumps(error).encode(), JSON
