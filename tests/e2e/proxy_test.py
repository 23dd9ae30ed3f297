#!/usr/bin/env python3
"""`wa-sync` behind an HTTP proxy: the variables that name it, its refusals, and the hosts that
are reached without it.

usage: proxy_test.py BUILD_BIN_DIR [TEST…]
"""

import base64
import os
import socket
import ssl
import subprocess
import threading

import harness
from harness import OK, USAGE, WHATSAPP, Case

SECRET = "hush-hush"


class Relay:
    """Takes connections on loopback; `serve(client)` runs in a thread for each."""

    def __init__(self, test):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()
        test.addCleanup(self.close)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.safely, args=(client,), daemon=True).start()

    def safely(self, client):
        self.open.append(client)
        try:
            self.serve(client)
        except OSError:
            pass
        finally:
            client.close()

    def close(self):
        self.listener.close()
        for each in self.open:
            each.close()

    def join(self, one, other):
        """Passes bytes both ways until either side ends."""
        self.open.append(other)

        def pump(source, sink):
            try:
                while piece := source.recv(65536):
                    sink.sendall(piece)
            except OSError:
                pass
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        back = threading.Thread(target=pump, args=(other, one), daemon=True)
        back.start()
        pump(one, other)
        back.join(harness.PATIENCE)
        other.close()


class Proxy(Relay):
    """Tunnels what is asked with CONNECT; wants the password when there is one."""

    def __init__(self, test, password=None, status=None):
        self.asked = []
        self.password = password
        self.status = status
        super().__init__(test)

    @property
    def address(self):
        return "http://127.0.0.1:%d" % self.port

    def serve(self, client):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = client.recv(4096)
            if not piece:
                return
            request += piece
        lines = request.decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        self.asked.append(target)
        wanted = "Proxy-Authorization: Basic " + base64.b64encode(
            ("me:%s" % self.password).encode()
        ).decode()
        if method != "CONNECT" or self.status:
            client.sendall(b"HTTP/1.1 %d No\r\n\r\n" % (self.status or 405))
        elif self.password and wanted not in lines:
            client.sendall(b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\n\r\n")
        else:
            host, port = target.rsplit(":", 1)
            upstream = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            self.join(client, upstream)


class TlsFront(Relay):
    """The simulator behind TLS, as the real service is."""

    def __init__(self, test, simulator):
        directory = test.scratch
        self.certificate = directory + "/certificate.pem"
        key = directory + "/key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
            + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
            + ["-keyout", key, "-out", self.certificate],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=harness.PATIENCE,
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.behind = int(simulator.http.rsplit(":", 1)[1])
        super().__init__(test)

    def serve(self, client):
        secure = self.context.wrap_socket(client, server_side=True)
        self.open.append(secure)
        self.join(secure, socket.create_connection(("127.0.0.1", self.behind)))


class Plain(Case):
    """ws:// to the simulator, through a proxy on this machine."""

    def pair(self, simulator, **environment):
        run = self.start(
            *("pair", "--json", "-v", "--server", simulator.url, "--server-key", simulator.key),
            **environment
        )
        run.code = run.finish(simulator)
        return run

    def server_of(self, simulator):
        return simulator.url.split("/")[2]

    def test_everything_goes_through_it(self):
        simulator, proxy = self.simulator(), Proxy(self)
        run = self.pair(simulator, http_proxy=proxy.address)
        self.assertEqual(run.code, OK, run.account())
        self.assert_inbox_equals(simulator)
        self.assertEqual(set(proxy.asked), {self.server_of(simulator)})
        self.assertGreaterEqual(len(proxy.asked), 2)  # the link, then the login

    def test_with_a_password_that_nobody_sees(self):
        simulator, proxy = self.simulator(dataset="1x1"), Proxy(self, password=SECRET)
        address = proxy.address.replace("//", "//me:%s@" % SECRET)
        run = self.pair(simulator, ALL_PROXY=address)
        self.assertEqual(run.code, OK, run.account())
        self.assertTrue(proxy.asked)
        self.assertNotIn(SECRET, run.out.text() + run.err.text())
        self.assertIn("ALL_PROXY", run.err.text())

    def test_without_the_password(self):
        simulator, proxy = self.simulator(dataset="1x1"), Proxy(self, password=SECRET)
        run = self.pair(simulator, http_proxy=proxy.address)
        self.assert_fails(run, WHATSAPP, error="network", says=["407"], hints=["http_proxy"])
        wrong = proxy.address.replace("//", "//me:%s@" % SECRET[1:])
        run = self.pair(simulator, http_proxy=wrong)
        self.assert_fails(run, WHATSAPP, error="network", says=["refuses the user name"])
        self.assertNotIn(SECRET[1:], run.out.text() + run.err.text())

    def test_refused(self):
        simulator, proxy = self.simulator(dataset="1x1"), Proxy(self, status=403)
        run = self.pair(simulator, http_proxy=proxy.address)
        self.assert_fails(run, WHATSAPP, error="network", says=["403", "127.0.0.1"], hints=["no_proxy"])

    def test_not_there(self):
        simulator = self.simulator(dataset="1x1")
        # Bound, so that nobody else gets the port, and not listening.
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            port = nobody.getsockname()[1]
            run = self.pair(simulator, http_proxy="http://127.0.0.1:%d" % port)
        self.assert_fails(run, WHATSAPP, error="network", says=["the proxy 127.0.0.1 port %d" % port])

    def test_named_hosts_are_reached_without_it(self):
        for name in ("no_proxy", "NO_PROXY"):
            with self.subTest(name=name):
                self.state = os.path.join(self.scratch, name)
                simulator, proxy = self.simulator(dataset="1x1"), Proxy(self)
                run = self.pair(
                    simulator,
                    **{"http_proxy": proxy.address, name: "example.com,127.0.0.1"},
                )
                self.assertEqual(run.code, OK, run.account())
                self.assertEqual(proxy.asked, [])

    def test_socks_is_refused_before_anything_happens(self):
        simulator = self.simulator(dataset="1x1")
        run = self.pair(simulator, all_proxy="socks5://me:%s@127.0.0.1:1080" % SECRET)
        self.assert_fails(run, USAGE, error="config", says=["SOCKS", "all_proxy"])
        self.assertNotIn(SECRET, run.out.text() + run.err.text())


class Secure(Case):
    """wss://, as to the real service. The history comes inline: the front has no media."""

    def pair(self, simulator, front, **environment):
        run = self.start(
            *("pair", "--json", "--server", "wss://localhost:%d/ws/chat" % front.port),
            *("--server-key", simulator.key),
            SSL_CERT_FILE=front.certificate,
            **environment
        )
        run.code = run.finish(simulator)
        return run

    def test_tls_goes_through_it_end_to_end(self):
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            with self.subTest(name=name):
                self.state = os.path.join(self.scratch, name)
                simulator = self.simulator("--history-inline", dataset="2x2")
                front, proxy = TlsFront(self, simulator), Proxy(self)
                run = self.pair(simulator, front, **{name: proxy.address})
                self.assertEqual(run.code, OK, run.account())
                self.assertEqual(set(proxy.asked), {"localhost:%d" % front.port})

    def test_no_proxy(self):
        simulator = self.simulator("--history-inline", dataset="2x2")
        front, proxy = TlsFront(self, simulator), Proxy(self)
        run = self.pair(simulator, front, HTTPS_PROXY=proxy.address, NO_PROXY="localhost")
        self.assertEqual(run.code, OK, run.account())
        self.assertEqual(proxy.asked, [])


if __name__ == "__main__":
    harness.main()
