"""What wa-sync really sends: a server that takes its batches, writes nothing and answers that all
is well, and keeps the bodies. So the ceiling is measured with the very same requests.
"""

import gzip
import json
import os
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROJECT = "recorded-project"


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer = [{"readTime": "2026-01-01T00:00:00Z", "done": True}]
        if self.path.endswith(":batchWrite"):
            count = len(json.loads(body)["writes"])
            answer = {"writeResults": [{}] * count, "status": [{}] * count}
            with self.server.lock:
                self.server.bodies.append(body)
        elif self.path.endswith(":batchGet"):
            answer = [{"missing": name} for name in json.loads(body)["documents"]]
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def record(prepare, command):
    """The bodies of all batches, in the order they came."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads = True
    server.lock, server.bodies = threading.Lock(), []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with tempfile.TemporaryDirectory(prefix="wa-sync-bench-") as scratch:
            environment = {
                **os.environ,
                "FIRESTORE_EMULATOR_HOST": "127.0.0.1:%d" % server.server_port,
                "GOOGLE_CLOUD_PROJECT": PROJECT,
                "SCRATCH": scratch,
            }
            for each in (prepare, command):
                subprocess.run(
                    each, shell=True, env=environment, check=True, stdout=subprocess.DEVNULL
                )
    finally:
        server.shutdown()
        server.server_close()
    return server.bodies


def for_project(bodies, project):
    """The same requests for another project."""
    return [each.replace(PROJECT.encode(), project.encode()) for each in bodies]


def documents_of(bodies):
    """[(path, fields as REST values)], and which fields get the server's time."""
    root = "projects/%s/databases/(default)/documents/" % PROJECT
    for body in bodies:
        for write in json.loads(body)["writes"]:
            times = [each["fieldPath"] for each in write.get("updateTransforms", [])]
            yield write["update"]["name"][len(root) :], write["update"]["fields"], times
