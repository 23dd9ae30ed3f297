"""One connection to the stub: requests read, faults done to them, answers written."""

import gzip
import http.client
import json
import socket
import time
from http.server import BaseHTTPRequestHandler

from faults import REFUSALS
from journal import Request
from stub_service import operation_of

PATIENCE = 60
JSON = "application/json"


def shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has gone already


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive for as long as the client likes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece

    def __init__(self, connection, number, stub):
        self.number = number
        self.stub = stub
        self.upstream = None
        super().__init__(connection, ("127.0.0.1", 0), stub)

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + self.stub.clock_off_s)

    def read_body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def serve(self):
        sent = self.read_body()
        encoding = self.headers.get("Content-Encoding", "")
        request = Request(
            connection=self.number,
            method=self.command,
            url=self.path,
            operation=operation_of(self.command, self.path),
            size=len(sent),
            encoding=encoding,
            headers=dict(self.headers),
            body=gzip.decompress(sent) if encoding == "gzip" else sent,
        )
        self.stub.note_arrival(request)
        self.respond(request)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = serve

    def respond(self, request):
        faults = self.stub.faults_for(request.operation)
        request.fault = ", ".join(fault.kind for fault in faults) or None
        for fault in faults:
            if fault.kind == "hold" and fault.when == "before":
                fault.keep_waiting()
            if fault.kind == "delay":
                time.sleep(fault.pause_s)
            if fault.kind == "cut" and fault.when == "before":
                return self.end()
            if fault.kind == "answer":
                body = fault.body_for(request.operation)
                return self.reply(request, fault.status, body, fault.headers)
        if self.stub.authorization not in (None, self.headers.get("Authorization")):
            name, message = REFUSALS[401]
            error = {"error": {"code": 401, "message": message, "status": name}}
            return self.reply(request, 401, json.dumps(error).encode())
        answered = self.stub.limit(request) or self.stub.apply(request, self.forward(request))
        status, body, kind = answered
        for fault in faults:
            if fault.kind == "hold" and fault.when == "after":
                fault.keep_waiting()
            if fault.kind == "cut" and fault.when == "after":
                return self.end()
            if fault.kind == "cut":
                return self.reply(request, status, body, kind=kind, cut_at=len(body) // 2)
            if fault.kind == "drip":
                return self.reply(request, status, body, kind=kind, drip=fault)
        return self.reply(request, status, body, kind=kind)

    def forward(self, request):
        def to_upstream(body):
            if self.upstream is None:
                self.upstream = http.client.HTTPConnection(self.stub.upstream, timeout=PATIENCE)
            kept = ("authorization", "content-type")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            if self.stub.authorization:
                headers["authorization"] = "Bearer owner"  # the emulator knows no other
            try:
                self.upstream.request(request.method, request.url, body, headers)
                answer = self.upstream.getresponse()
                return answer.status, answer.read(), answer.headers.get("Content-Type")
            except Exception:
                self.upstream.close()
                raise

        return to_upstream

    def end(self):
        self.close_connection = True
        shut(self.connection)

    def reply(self, request, status, body, headers=None, kind=JSON, cut_at=None, drip=None):
        headers = {**({"Content-Type": kind} if kind else {}), **(headers or {})}
        if self.stub.gzip_answers and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if cut_at is not None:
            self.wfile.write(body[:cut_at])
            self.wfile.flush()
            return self.end()
        self.stub.note_status(request, status)
        step = drip.size if drip else len(body) or 1
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            if drip:
                time.sleep(drip.pause_s)
        return None

    def finish(self):
        super().finish()
        if self.upstream:
            self.upstream.close()
