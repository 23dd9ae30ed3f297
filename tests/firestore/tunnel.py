"""What leads a client that means to speak to Google to a stub on loopback: an HTTP proxy's CONNECT,
and behind it TLS with a certificate from an authority of the test's own. And the keys of a
service account that only the test knows.
"""

import json
import os
import ssl
import subprocess

HOST = "firestore.googleapis.com"


def openssl(*arguments):
    subprocess.run(("openssl", *arguments), check=True, capture_output=True)


class Tunnel:
    """`authority` is the file for SSL_CERT_FILE."""

    def __init__(self, directory):
        self.authority = os.path.join(directory, "authority.pem")
        key = os.path.join(directory, "authority.key")
        names = ("-subj", "/CN=" + HOST, "-addext", "subjectAltName=DNS:" + HOST)
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
        openssl("req", "-x509", *made, *names, "-keyout", key, "-out", self.authority)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.authority, key)

    def enter(self, connection):
        """The encrypted connection inside; OSError when it is none."""
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            more = connection.recv(1)
            if not more:
                raise OSError("ended before it asked")
            asked += more
        if not asked.startswith(b"CONNECT %s:443 " % HOST.encode()):
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            raise OSError("not to Firestore")
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return self.context.wrap_socket(connection, server_side=True)


def service_account(directory, project, token_host):
    """A key file whose tokens come from http://`token_host`; its path."""
    key = os.path.join(directory, "service-account.key")
    openssl("genrsa", "-out", key, "2048")
    path = os.path.join(directory, "service-account.json")
    with open(key) as pem, open(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as out:
        content = {
            "type": "service_account",
            "project_id": project,
            "private_key_id": "key7",
            "private_key": pem.read(),
            "client_email": "inbox@%s.iam.gserviceaccount.com" % project,
            "token_uri": "http://%s/token" % token_host,
        }
        json.dump(content, out)
    return path


def token(value, seconds=3600):
    """What a token server answers."""
    answer = {"access_token": value, "expires_in": seconds, "token_type": "Bearer"}
    return json.dumps(answer).encode()
