"""Google as Firebase's users know it: signs their ID tokens, and serves the certificate of its key."""

import base64
import http.server
import json
import os
import subprocess
import threading
import time

PROJECT = "superparty"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Google:
    """Signs ID tokens, and serves the certificate of its key."""

    def __init__(self, test, directory, project=PROJECT):
        self.project = project
        self.key = os.path.join(directory, "google.key")
        certificate = os.path.join(directory, "google.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
            + ["-subj", "/CN=securetoken", "-keyout", self.key, "-out", certificate],
            check=True,
            capture_output=True,
        )
        with open(certificate, encoding="ascii") as file:
            keys = json.dumps({"key1": file.read()}).encode()
        self.fetches = 0
        google = self

        class Keys(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                google.fetches += 1
                self.send_response(200)
                self.send_header("Cache-Control", "public, max-age=3600")
                self.send_header("Content-Length", str(len(keys)))
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def end():
            server.shutdown()
            thread.join()
            server.server_close()

        test.addCleanup(end)
        self.url = "http://127.0.0.1:%d/keys" % server.server_address[1]

    def token(self, header=None, **changed):
        now = int(time.time())
        claims = {
            "iss": "https://securetoken.google.com/" + self.project,
            "aud": self.project,
            "sub": "user1",
            "iat": now - 10,
            "auth_time": now - 10,
            "exp": now + 3600,
            "firebase": {"sign_in_provider": "password"},
        }
        parts = [header or {"alg": "RS256", "kid": "key1", "typ": "JWT"}, {**claims, **changed}]
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.key],
            input=signed.encode(),
            check=True,
            capture_output=True,
        ).stdout
        return signed + "." + base64url(signature)
