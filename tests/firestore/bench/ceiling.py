"""How fast the emulator can take writes at all: request bodies built beforehand, sent over plain
keep-alive connections by a client that does nothing but push bytes. What a real client reaches
is to be read as a part of this.

Facts of the emulator that it relies on: REST is HTTP/1.1 only (HTTP/2 without TLS is answered
with 415, it takes that for gRPC); gzip bodies are taken, answers are never compressed; a request
of more than 4 MiB as protobuf is answered with 429 for ever, one of more than 500 writes is
taken; the same document twice in a batch fails the whole batch.
"""

import gzip
import socket
import threading
import time
import urllib.request

def request(host, project, body, gzipped):
    if gzipped:
        body = gzip.compress(body, 1)
    head = (
        "POST /v1/projects/%s/databases/(default)/documents:batchWrite HTTP/1.1\r\n"
        "Host: %s\r\nAuthorization: Bearer owner\r\nContent-Type: application/json\r\n%s"
        "Content-Length: %d\r\n\r\n"
        % (project, host, "Content-Encoding: gzip\r\n" if gzipped else "", len(body))
    )
    return head.encode() + body


def read_answer(stream):
    status = stream.readline()
    if b" 200 " not in status:
        raise RuntimeError("the emulator answered %r" % (status + stream.readline(4096)))
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    answer = stream.read(length)
    if b'"code"' in answer:
        raise RuntimeError("a write failed: %r" % answer[:400])


def push(host, requests, connections):
    """Seconds to have all requests answered, each connection taking the next one."""
    name, port = host.rsplit(":", 1)
    queue = list(reversed(requests))
    errors = []

    def one(connection):
        stream = connection.makefile("rb", 1 << 16)
        try:
            while True:
                try:
                    next_one = queue.pop()  # atomic
                except IndexError:
                    return
                connection.sendall(next_one)
                read_answer(stream)
        except Exception as error:
            errors.append(error)

    sockets = [socket.create_connection((name, int(port))) for _ in range(connections)]
    for each in sockets:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threads = [threading.Thread(target=one, args=(each,)) for each in sockets]
    began = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    took = time.monotonic() - began
    for each in sockets:
        each.close()
    if errors:
        raise errors[0]
    return took


def clear(host, project):
    path = "/emulator/v1/projects/%s/databases/(default)/documents" % project
    urllib.request.urlopen(
        urllib.request.Request("http://" + host + path, method="DELETE"), timeout=120
    ).close()


def writes_per_second(host, project, bodies, writes, connections, gzipped):
    requests = [request(host, project, body, gzipped) for body in bodies]
    took = push(host, requests, connections)
    clear(host, project)
    return writes / took
