"""Firestore's REST interface, spoken by hand: what the tests compare others with."""

import http.client
import json
import urllib.parse

PATIENCE = 60


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error's name, as INVALID_ARGUMENT; None for a success."""
        if self.status == 200:
            return None
        parsed = self.json
        return (parsed[0] if isinstance(parsed, list) else parsed)["error"]["status"]


class Rest:
    """One kept connection to one project of an emulator or stub."""

    def __init__(self, host, project, authorization="Bearer owner"):
        self.connection = http.client.HTTPConnection(host, timeout=PATIENCE)
        self.project = project
        self.database = "projects/%s/databases/(default)" % project
        self.authorization = authorization

    def close(self):
        self.connection.close()

    def name(self, path):
        return self.database + "/documents/" + path

    def send(self, method, url, body=None, **headers):
        """`body` as bytes goes as it is, anything else as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.authorization:
            given["Authorization"] = self.authorization
        try:
            self.connection.request(method, url, body, given)
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except Exception:
            self.connection.close()  # so that the next request opens a new one
            raise

    def documents(self, method, rest="", body=None, **headers):
        """`rest` is what follows …/documents: ":batchWrite", "/threads/a", "/threads?…"."""
        return self.send(method, "/v1/" + self.database + "/documents" + rest, body, **headers)

    def write(self, path, values, mask=None, server_times=(), **current_document):
        write = {"update": {"name": self.name(path), "fields": values}}
        if mask is not None:
            write["updateMask"] = {"fieldPaths": mask}
        if server_times:
            write["updateTransforms"] = [
                {"fieldPath": each, "setToServerValue": "REQUEST_TIME"} for each in server_times
            ]
        if current_document:
            write["currentDocument"] = current_document
        return write

    def batch_write(self, *writes, **headers):
        return self.documents("POST", ":batchWrite", {"writes": list(writes)}, **headers)

    def commit(self, *writes):
        return self.documents("POST", ":commit", {"writes": list(writes)})

    def get(self, path):
        return self.documents("GET", "/" + urllib.parse.quote(path, safe="/@"))

    def query(self, structured, parent=""):
        return self.documents("POST", parent + ":runQuery", {"structuredQuery": structured})

    def count(self, structured, parent=""):
        """How many documents it finds."""
        answer = self.documents(
            "POST",
            parent + ":runAggregationQuery",
            {
                "structuredAggregationQuery": {
                    "structuredQuery": structured,
                    "aggregations": [{"alias": "n", "count": {}}],
                }
            },
        )
        assert answer.status == 200, answer.body
        return int(answer.json[0]["result"]["aggregateFields"]["n"]["integerValue"])
