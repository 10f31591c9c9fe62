import base64
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest

from omloop.alert import Alert

RAISED = Alert(
    id="0123456789abcdef",
    project="rides",
    rule="slow",
    metric="latency.p99_ms",
    condition="above 50",
    severity="critical",
    state="raised",
    since=1_763_690_000.0,
    time=1_763_690_060.0,
    value=61.5,
    detail="of 200 requests since the last look",
)


@pytest.fixture
def raised() -> Alert:
    return RAISED


@pytest.fixture
def resolved() -> Alert:
    return replace(RAISED, state="resolved", time=RAISED.time + 600.0, value=38.0)


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Hook:
    """A web server that answers with the statuses it is told to, the last one for ever; None closes, 0 hangs."""

    url: str
    statuses: list[int | None]
    received: list[Received] = field(default_factory=list)


StartHook = Callable[..., AbstractContextManager[Hook]]


@pytest.fixture
def hook() -> StartHook:
    @contextmanager
    def start(*statuses: int | None, location: str = "") -> Iterator[Hook]:
        over = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                found.received.append(Received(self.path, dict(self.headers), body))
                status = found.statuses.pop(0) if len(found.statuses) > 1 else found.statuses[0]
                if status == 0:
                    over.wait(60)
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            found = Hook(f"http://127.0.0.1:{server.server_port}/hook/T0KEN", list(statuses))
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield found
            finally:
                over.set()
                server.shutdown()
                thread.join()

    return start


@pytest.fixture
def nobody() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def dripping() -> Iterator[int]:
    """A port at which somebody answers one byte now and then, and never ends."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
                    while not over.wait(0.02):
                        connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        yield int(listener.getsockname()[1])
        over.set()
        thread.join()


@dataclass
class Post:
    """A mail server: what it was told, in what security, and the messages that it took."""

    port: int
    commands: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)


StartPost = Callable[..., AbstractContextManager[Post]]


@pytest.fixture
def post() -> StartPost:
    """Start a mail server of a few verbs (RFC 5321); `tls` offers STARTTLS, `refuse` answers a verb with a line."""

    @contextmanager
    def start(*, tls: SSLContext | None = None, refuse: dict[str, str] | None = None) -> Iterator[Post]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            found = Post(listener.getsockname()[1])

            def accept() -> None:
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with suppress(OSError):
                        _talk(connection, found, tls, refuse or {})

            thread = threading.Thread(target=accept, daemon=True)
            thread.start()
            try:
                yield found
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(5)

    return start


def _talk(connection: socket.socket, found: Post, tls: SSLContext | None, refuse: dict[str, str]) -> None:
    secure = False
    with connection:
        lines = connection.makefile("rb")

        def say(text: str) -> None:
            connection.sendall(text.encode() + b"\r\n")

        say("220 here")
        while line := lines.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            found.commands.append(verb)
            if verb in refuse:
                say(refuse[verb])
            elif verb == "EHLO":
                say("250-here\r\n250-AUTH PLAIN" + ("\r\n250 STARTTLS" if tls and not secure else "\r\n250 OK"))
            elif verb == "STARTTLS" and tls:
                say("220 go on")
                connection = tls.wrap_socket(connection, server_side=True)
                lines, secure = connection.makefile("rb"), True
            elif verb == "AUTH":
                found.passwords.append(base64.b64decode(line.split()[2]).split(b"\0")[2].decode())
                say("235 welcome")
            elif verb == "DATA":
                say("354 go on")
                said = []
                while (text := lines.readline()) != b".\r\n":
                    said.append(text.decode())
                found.messages.append("".join(said))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SSLContext:
    """A server's certificate for 127.0.0.1, made now, which this process trusts."""
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=here"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    try:
        subprocess.run(words, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the program openssl")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], None]:
    def wait(true: Callable[[], bool]) -> None:
        until = time.monotonic() + 30
        while not true():
            assert time.monotonic() < until
            time.sleep(0.01)

    return wait
