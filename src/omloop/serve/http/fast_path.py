"""The fast path for predictions: through uvicorn's HTTP protocol without a scope, a task or a message in between.

Only a plain `POST /v1/predict` with an accepted content type and an allowed length goes this way. Anything else goes
uvicorn's own way to `omloop.serve.http.asgi`, which also explains faults. If a new uvicorn lacks what this relies on,
`shortcut` is None, and all requests go the long way with the same answers. A request to upgrade the connection gets an
answer as if it had not asked (RFC 9110, 7.8), with its body read. See docs/decisions/0017-the-hot-path-is-compiled.md.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from omloop.serve.answer.budget import SMALL_BYTES, Coming, full_refusal
from omloop.serve.answer.work import Work
from omloop.serve.http.asgi import GONE, PREDICT, Front
from omloop.serve.http.body import KEY_CHARACTERS, late_refusal, most_bytes
from omloop.serve.http.request_id import HEADER as REQUEST_ID
from omloop.serve.http.request_id import request_id, request_id_of
from omloop.serve.limits import Limits, spare_descriptors
from omloop.serve.refusal import Refusal
from omloop.serve.trace_context import HEADER as TRACE

try:
    from uvicorn.protocols.http import httptools_impl
except ImportError:  # without httptools, or another uvicorn
    Protocol: Any = None
    httptools: Any = None
else:
    import httptools

    Protocol = getattr(httptools_impl, "HttpToolsProtocol", None)

SWEEP_S = 0.5
"""How often to check connections: one timer for all keeps deadlines of seconds to a tenth."""
QUIET_S = 0.1
"""A client that got its answer may have sent its next request by then; see `omloop.serve.drain`."""
_LONG = frozenset(
    b"content-digest content-encoding idempotency-key origin transfer-encoding x-request-timeout-ms".split()
)
"""Headers of requests that go the long way."""
_PATH = PREDICT.encode()
_NEEDED = ("on_message_begin", "on_url", "on_header", "on_headers_complete", "on_body", "on_message_complete")
_CALLED = ("connection_made", "connection_lost", "data_received", "on_response_complete", "resume_writing")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class _Nobody:
    """Stands for the event that uvicorn would set; nobody waits for it."""

    def set(self) -> None:
        """Do nothing."""


_NOBODY = _Nobody()


@dataclass(slots=True, eq=False)
class FastRequest:
    """A request on the short way, in the place where uvicorn keeps its own, with what uvicorn looks at there."""

    media: str
    length: int
    keep_alive: bool
    arrived: float
    request: str
    key: str | None = None
    trace: bytes = b""
    body: bytearray = field(default_factory=bytearray)
    more_body: bool = True
    disconnected: bool = False
    response_complete: bool = False
    message_event: _Nobody = _NOBODY
    work: Work | None = None
    coming: Coming | None = None
    full: bool = False


def shortcut(front: Front, *, short: bool = True) -> type[Any] | None:
    """A protocol class for uvicorn that knows the short way to `front`; None where uvicorn does not fit.

    Without `short` every request goes the long way, with the same limits.
    """
    if Protocol is None or not all(hasattr(Protocol, name) for name in (*_NEEDED, *_CALLED, "_start_asgi_task")):
        return None
    limits, metrics, champion, engine = front.limits, front.metrics, front.champion, front.engine
    budget, guard = engine.budget, front.guard

    most = min(limits.connections, spare_descriptors())

    class Shortcut(Protocol):  # type: ignore[misc]
        """uvicorn's protocol with the short way, and with limits on heads, on connections and on their patience."""

        parser: Any

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.headers: list[tuple[bytes, bytes]] = []
            self.since = time.monotonic()
            self.waits = True  # for the rest of a request, or for the first
            self.head = 0
            self.large = False  # whether the head that comes may be too long
            self.running: FastRequest | None = None  # the last on the short way, whatever came behind it
            self.unsent = 0  # bytes of answers that the client has not read
            self.upgrade: bytes | None = None  # the head of a request that asks for another protocol, without that
            self.last = False  # whether what comes behind the last answer is left unread
            if len(self.connections) > most:
                self.say(Refusal(503, "too many connections are open; try again later"), close=True)

        def data_received(self, data: bytes) -> None:
            if self.last:
                return
            if self.head >= 0:
                self.head += len(data)
                self.large = self.head > limits.head_bytes
            self._unset_keepalive_if_required()
            try:
                self.feed(data)
            except httptools.HttpParserError:
                self.send_400_response("")
                return
            if self.head > limits.head_bytes and not self.transport.is_closing():
                self.end(_too_long(limits))

        def feed(self, data: bytes) -> None:
            """Parse the data; parse a request to upgrade again without that, because the parser skips its body."""
            while True:
                try:
                    self.parser.feed_data(data)
                except httptools.HttpParserUpgrade as found:
                    head, self.upgrade = self.upgrade, None
                    if head is None:
                        return  # CONNECT: what follows is for somebody else
                    self.parser = httptools.HttpRequestParser(self)
                    self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                    data = head + data[found.args[0] :]
                else:
                    return

        def send_400_response(self, msg: str) -> None:
            self.end(_broken("this is not HTTP/1.1; let an HTTP client write the request"))

        def on_message_begin(self) -> None:
            self.url = b""
            self.expect_100_continue = False
            self.headers = []
            self.since = time.monotonic()
            self.waits = True

        def on_header(self, name: bytes, value: bytes) -> None:
            if self.head < 0:
                return  # it comes behind the body: nobody reads it, and there may be no end of them
            lower = name.lower()
            if lower == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((lower, value))

        def on_headers_complete(self) -> None:
            if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
                self.upgrade = _without_upgrade(self.parser, self.url, self.headers)
                return
            self.head = -1
            if self.large and _length(self.url, self.headers) > limits.head_bytes:
                self.end(_too_long(limits))
                return
            hot = self.hot()
            if hot is not None:
                self.cycle = self.running = hot
                return
            if self.parser.get_http_version() == "1.1" and sum(name == b"host" for name, _ in self.headers) != 1:
                self.end(_broken("a request of HTTP/1.1 has one Host header; let an HTTP client write the request"))
                return
            # uvicorn's own `on_message_begin` empties these three. It is called late: the short way needs none of it.
            url, headers, expect = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expect
            self.headers += headers
            super().on_headers_complete()
            if front.state.draining:
                self.cycle.keep_alive = False

        def hot(self) -> FastRequest | None:
            """The request whose head has come, if it can go the short way."""
            parser, before, serving = self.parser, self.cycle, champion.serving
            if (
                self.url != _PATH
                or parser.get_method() != b"POST"
                or serving is None
                or not (before is None or before.response_complete)
                or self.pipeline
                or self.expect_100_continue
                or parser.get_http_version() != "1.1"
                or not short
            ):
                return None
            media, length, key, given, trace, hosts = "", -1, b"", b"", b"", 0
            for name, value in self.headers:
                if name == b"content-type":
                    media = value.decode("latin-1").strip()
                elif name == b"content-length":
                    length = int(value)
                elif name == b"x-caller-key":
                    key = value
                elif name == b"host":
                    hosts += 1
                elif name == REQUEST_ID:
                    given = given or value
                elif name == TRACE:
                    trace = value
                elif name in _LONG:
                    return None
            known = serving.kind.media_types
            fits = hosts == 1 and (media in known or media.partition(";")[0].strip().lower() in known)
            if not fits or not 0 <= length <= most_bytes(media, limits):
                return None
            if len(key) > KEY_CHARACTERS or not key.isascii() or not self.allowed():
                return None
            hot = FastRequest(media, length, parser.should_keep_alive(), time.perf_counter(), request_id(given))
            hot.key, hot.trace = key.decode() or None, trace
            if length > SMALL_BYTES:
                hot.coming = Coming(budget)
            return hot

        def allowed(self) -> bool:
            """Whether the caller may have a prediction at once; checked last, as it takes from a rate."""
            return not guard.active or guard.lets_predict(self.headers, self.client[0] if self.client else "")

        def on_body(self, body: bytes) -> None:
            if self.last:
                return
            hot = self.cycle
            if type(hot) is not FastRequest:
                super().on_body(body)
            elif hot.coming is None or (not hot.full and hot.coming.add(len(body))):
                hot.body += body
            else:
                hot.full, hot.body = True, bytearray()  # what still comes is let go as well

        def on_message_complete(self) -> None:
            if self.last or self.upgrade is not None:
                return
            self.waits = False
            self.head = 0
            self.headers = []  # what may come broken behind has none of them
            hot = self.cycle
            if type(hot) is not FastRequest:
                super().on_message_complete()
                return
            hot.more_body = False
            if hot.coming is not None:
                hot.coming.close()
            if not hot.response_complete:
                content, hot.body = bytes(hot.body), bytearray()
                hot.work = Work(
                    content, hot.media, partial(self.finish, hot), hot.arrived, key=hot.key, request=hot.request
                )
                if hot.trace:
                    hot.work.trace = hot.trace.decode("latin-1")
                if hot.full:
                    hot.work.refuse(full_refusal())
                    self.finish(hot, hot.work)
                else:
                    engine.submit(hot.work)

        def finish(self, hot: FastRequest, work: Work) -> None:
            """Send the answer of a request; others may have come behind it meanwhile."""
            hot.work = None  # they know each other: the body would stay until Python looks for such circles
            metrics.answered(PREDICT, GONE if hot.disconnected else str(work.status), time.perf_counter() - hot.arrived)
            if hot.disconnected:
                return
            if front.state.draining and self.cycle is hot:
                hot.keep_alive = False
            close = b"" if hot.keep_alive else b"connection: close\r\n"
            head = _head(work.status, len(work.answer), work.headers, self.defaults(), hot.request)
            self.transport.write(b"%b%b\r\n%b" % (head, close, work.answer))
            hot.response_complete = True
            if not hot.keep_alive:
                self.transport.close()
            elif self.flow.write_paused:
                self.flow.pause_reading()  # a client that sends and does not read waits until it has read
                self.unsent += len(work.answer)
                budget.take(len(work.answer))
            self.on_response_complete()

        def on_response_complete(self) -> None:
            self.server_state.total_requests += 1
            if self.transport.is_closing():
                return
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            else:
                self.since = time.monotonic()  # uvicorn would start a timer a request; `sweep` does for all

        def resume_writing(self) -> None:
            super().resume_writing()
            self.flow.resume_reading()
            self.forget()

        def connection_lost(self, exc: Exception | None) -> None:
            if self.running is not None:
                self.running.disconnected = True
                if self.running.work is not None:
                    self.running.work.gone = True
                if self.running.coming is not None:
                    self.running.coming.close()
            self.forget()
            super().connection_lost(exc)

        def forget(self) -> None:
            """The answer is sent, or nobody reads it."""
            budget.give(self.unsent)
            self.unsent = 0

        def defaults(self) -> Any:
            return self.server_state.default_headers

        def end(self, refusal: Refusal) -> None:
            """Refuse what came last and close the connection, behind the answers that are due to what came before."""
            before = self.cycle
            due = before is not None and not before.response_complete and not (before.more_body and not self.pipeline)
            self.last = True
            if due:
                before.keep_alive = False
                return
            if before is not None and not before.response_complete:  # it waits for a body, and would answer nobody
                before.disconnected = True
                before.message_event.set()
            self.cycle = FastRequest("", 0, False, 0.0, "", response_complete=True)  # takes what comes behind
            self.say(refusal, close=True, request=request_id_of(self.headers))

        def drain(self) -> None:
            """Let the answer that is due next be the last."""
            if self.cycle is not None and not self.cycle.response_complete:
                self.cycle.keep_alive = False

        def close_if_quiet(self, now: float) -> None:
            """Close the connection if nothing is due on it, and nothing came for a moment."""
            if not self.transport.is_closing() and now - self.since > QUIET_S and self.rests():
                self.transport.close()

        def rests(self) -> bool:
            """Whether neither an answer is due nor a request is on its way."""
            return self.head <= 0 and not self.pipeline and (self.cycle is None or self.cycle.response_complete)

        def say(self, refusal: Refusal, *, close: bool, request: str = "") -> None:
            """Answer with a refusal, whatever the request."""
            request = request or request_id()
            body = refusal.encoded(request)
            metrics.answered("other", str(refusal.status), 0.0)
            end = b"connection: close\r\n\r\n" if close else b"\r\n"
            self.transport.write(_head(refusal.status, len(body), {}, self.defaults(), request) + end + body)
            if close:
                self.transport.close()

        def sweep(self, now: float) -> None:
            """Close the connection when the rest of a request does not come, or no other request does."""
            rests = not self.waits and (self.cycle is None or self.cycle.response_complete)
            if self.transport.is_closing() or now - self.since < (self.timeout_keep_alive if rests else limits.body_s):
                return
            if rests:
                self.transport.close()
                return
            if not self.waits:
                return
            if type(self.cycle) is FastRequest and not self.cycle.response_complete:
                self.cycle.response_complete = True
                self.cycle.body = bytearray()
                self.say(late_refusal(limits), close=True, request=self.cycle.request)
            elif self.head >= 0:
                self.end(Refusal(408, f"the request did not arrive within {limits.body_s:g} s"))
            elif self.cycle is None or self.cycle.response_complete:
                self.transport.close()  # the rest of a request that was answered without it

    return Shortcut


async def sweep(connections: set[Any]) -> None:
    """Look at every connection now and then, for ever."""
    while True:
        await asyncio.sleep(SWEEP_S)
        now = time.monotonic()
        for connection in list(connections):
            if hasattr(connection, "sweep"):
                connection.sweep(now)


def _without_upgrade(parser: Any, url: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """The head of a request as a client would have sent it that does not ask for another protocol."""
    kept = [(name, _without_token(value) if name == b"connection" else value) for name, value in headers]
    lines = [b"%b: %b\r\n" % pair for pair in kept if pair[0] not in (b"upgrade", b"http2-settings")]
    first = b"%b %b HTTP/%b\r\n" % (parser.get_method(), url, parser.get_http_version().encode())
    return b"".join([first, *lines, b"\r\n"])


def _without_token(connection: bytes) -> bytes:
    """A `Connection` header without its wish for an upgrade.

    >>> _without_token(b"Upgrade, HTTP2-Settings, close")
    b'close'
    """
    tokens = [token.strip() for token in connection.split(b",")]
    return (
        b", ".join(token for token in tokens if token.lower() not in (b"upgrade", b"http2-settings")) or b"keep-alive"
    )


def _broken(message: str) -> Refusal:
    return Refusal(400, message, code="invalid_http")


def _too_long(limits: Limits) -> Refusal:
    return Refusal(431, f"the address and headers are longer than {limits.head_bytes:,} bytes; send fewer headers")


def _length(url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    """How long a head is, nearly: without the method, and without spaces that nobody needs."""
    return len(url) + sum(len(name) + len(value) + 4 for name, value in headers)


def _head(status: int, length: int, headers: Any, defaults: Any, request: str) -> bytes:
    """The status line and the headers, without the empty line behind them."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n".encode()]
    lines += [b"%b: %b\r\n" % pair for pair in defaults]
    told = length, request.encode()
    lines.append(b"content-type: application/json\r\ncontent-length: %d\r\nx-request-id: %b\r\n" % told)
    lines += [
        f"{name.lower()}: {value}\r\n".encode("latin-1") for name, value in headers.items() if name != "Connection"
    ]
    return b"".join(lines)
