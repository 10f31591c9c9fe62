"""Requests that no HTTP client would write, byte for byte: each has its status, and the next good one is answered.

Lengths that contradict each other and codings that are not what they seem are how requests are smuggled past a proxy:
those are refused and the connection is closed. Nothing is answered with a 5xx, and nothing leaves a traceback.
"""

import contextlib
import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from omloop.serve import Limits

pytestmark = [pytest.mark.parametrize("way", ["short", "long"]), pytest.mark.usefixtures("no_faults")]

GOOD = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
LENGTH = b"Content-Length: %d\r\n" % len(GOOD)
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
NOT_HTTP = "Invalid HTTP|not HTTP/1.1"  # uvicorn's words the long way, ours the short way


def post(headers: bytes = JSON + LENGTH, body: bytes = GOOD, *, line: bytes = b"POST /v1/predict HTTP/1.1") -> bytes:
    return line + b"\r\nHost: x\r\n" + headers + b"\r\n" + body


def asked(line: bytes) -> bytes:
    return post(b"", b"", line=line + b" HTTP/1.1")


LENGTHS = {
    "twice the same": LENGTH + LENGTH,
    "two that differ": LENGTH + b"Content-Length: 5\r\n",
    "a list": b"Content-Length: 5, 5\r\n",
    "negative": b"Content-Length: -1\r\n",
    "with a plus": b"Content-Length: +5\r\n",
    "of 23 digits": b"Content-Length: 99999999999999999999999\r\n",
    "of 5,000 digits": b"Content-Length: %s\r\n" % (b"9" * 5000),
    "hexadecimal": b"Content-Length: 0x10\r\n",
    "with an underscore": b"Content-Length: 4_7\r\n",
    "a fraction": b"Content-Length: 47.0\r\n",
    "empty": b"Content-Length: \r\n",
    "in words": b"Content-Length: many\r\n",
    "in Arabic digits": "Content-Length: ٤٧\r\n".encode(),
    "with a superscript": b"Content-Length: 4\xb2\r\n",
    "none for a body that comes": b"",
    "and chunks": LENGTH + CHUNKED,
    "behind chunks": CHUNKED + LENGTH,
    "with a space before the colon": b"Content-Length : 47\r\n",
    "hidden in a folded line": b"X: y\r\n Content-Length: 47\r\n",
}

CODINGS = {
    "gzip": (b"Transfer-Encoding: gzip\r\n", GOOD),
    "chunked twice": (b"Transfer-Encoding: chunked, chunked\r\n", IN_CHUNKS),
    "identity": (b"Transfer-Encoding: identity\r\n" + LENGTH, GOOD),
    "nearly chunked": (b"Transfer-Encoding: xchunked\r\n", IN_CHUNKS),
    "with a space before the colon": (b"Transfer-Encoding : chunked\r\n" + LENGTH, GOOD),
    "with a tab in it": (b"Transfer-Encoding: chun\tked\r\n", IN_CHUNKS),
    "with a size that is no number": (CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n"),
    "with a negative size": (CHUNKED, b"-1\r\nabc\r\n0\r\n\r\n"),
    "with a size of 18 digits": (CHUNKED, b"ffffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    "with a size that is too small": (CHUNKED, b"3\r\nabcdef\r\n0\r\n\r\n"),
    "with a size as in C": (CHUNKED, b"0x3\r\nabc\r\n0\r\n\r\n"),
    "with bare line feeds": (CHUNKED, IN_CHUNKS.replace(b"\r\n", b"\n")),
    "with a space before the size": (CHUNKED, b" " + IN_CHUNKS),
    "with a zero byte in the size": (CHUNKED, b"2\0\r\nab\r\n0\r\n\r\n"),
}

LINES = {
    "HTTP/1.2": post(line=b"POST /v1/predict HTTP/1.2"),
    "HTTP/3.0": post(line=b"POST /v1/predict HTTP/3.0"),
    "HTTP/1.10": post(line=b"POST /v1/predict HTTP/1.10"),
    "half a version": post(line=b"POST /v1/predict HTTP/1"),
    "another protocol": post(line=b"POST /v1/predict HTTX/1.1"),
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a method in small letters": post(line=b"post /v1/predict HTTP/1.1"),
    "a method that there is not": post(line=b"BREW /v1/predict HTTP/1.1"),
    "a method of 5,000 letters": post(line=b"X" * 5000 + b" /v1/predict HTTP/1.1"),
    "no method": post(line=b" /v1/predict HTTP/1.1"),
    "no address": post(line=b"POST  HTTP/1.1"),
    "an address with a space": post(line=b"POST /v1/ predict HTTP/1.1"),
    "an address with a zero byte": post(line=b"POST /v1/\0predict HTTP/1.1"),
    "an address in UTF-8": post(line="POST /v1/prädict HTTP/1.1".encode()),
    "an address in Latin-1": post(line=b"POST /v1/pr\xe4dict HTTP/1.1"),
    "a tunnel": asked(b"CONNECT x:80"),
    "a host alone": asked(b"GET x:80"),
    "an absolute address without a path": asked(b"GET http://x"),
    "an absolute address with a port that there is not": asked(b"GET http://x:99999999/healthz"),
    "a header without a colon": post(JSON + LENGTH + b"nothing\r\n"),
    "a header's name with a space": post(JSON + LENGTH + b"a b: c\r\n"),
    "a header without a name": post(JSON + LENGTH + b": c\r\n"),
    "a folded header": post(JSON + LENGTH + b"a: b\r\n c\r\n"),
    "a header with a zero byte": post(JSON + LENGTH + b"a: b\0c\r\n"),
    "a header with a control character": post(JSON + LENGTH + b"a: b\x01c\r\n"),
    "a header with a bare carriage return": post(JSON + LENGTH + b"a: b\rc\r\n"),
    "bare line feeds": post().replace(b"\r\n", b"\n"),
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500,
    "an SSH greeting": b"SSH-2.0-OpenSSH_9.9\r\n",
    "zero bytes": b"\0" * 1000,
    "all bytes": bytes(range(256)) * 20,
}

TOLD: dict[str, tuple[bytes, int, str]] = {
    # name: request, status, a word of the message
    "gzip under chunks": (post(JSON + b"Transfer-Encoding: gzip, chunked\r\n", IN_CHUNKS), 415, "'gzip, chunked'"),
    "a body in gzip": (post(JSON + LENGTH + b"Content-Encoding: gzip\r\n"), 415, "'gzip'"),
    "a body in Brotli": (post(JSON + LENGTH + b"Content-Encoding: br\r\n"), 415, "'br'"),
    "a body in gzip twice": (post(JSON + LENGTH + b"Content-Encoding: gzip, gzip\r\n"), 415, "'gzip, gzip'"),
    "two content types": (post(JSON + b"Content-Type: image/png\r\n" + LENGTH), 415, "'image/png'"),
    "a content type of bytes": (post(b"Content-Type: \xff\xfe\r\n" + LENGTH), 415, "ÿþ"),
    "a content type of 5,000 letters": (post(b"Content-Type: %s\r\n" % (b"x" * 5000) + LENGTH), 415, "xxx"),
    "a content type of one slash": (post(b"Content-Type: /\r\n" + LENGTH), 415, "'/'"),
    "patience of no time": (post(JSON + LENGTH + b"X-Request-Timeout-Ms: 0\r\n"), 400, "above 0"),
    "patience below nothing": (post(JSON + LENGTH + b"X-Request-Timeout-Ms: -5\r\n"), 400, "above 0"),
    "patience of a superscript": (post(JSON + LENGTH + b"X-Request-Timeout-Ms: \xb2\r\n"), 400, "above 0"),
    "patience in words": (post(JSON + LENGTH + b"X-Request-Timeout-Ms: long\r\n"), 400, "above 0"),
    "a query that there is not": (post(line=b"POST /v1/predict?" + b"a" * 20_000 + b" HTTP/1.1"), 400, "not known"),
    "a query that is not UTF-8": (post(line=b"POST /v1/predict?proba=%ff HTTP/1.1"), 400, "proba"),
    "a query with a zero byte": (post(line=b"POST /v1/predict?explain=observe%00 HTTP/1.1"), 400, "not known"),
    "a query without a value": (post(line=b"POST /v1/predict?proba HTTP/1.1"), 400, "proba="),
    "the folder above": (asked(b"GET /../../etc/passwd"), 404, "/../../etc/passwd"),
    "the folder above, encoded": (asked(b"GET /%2e%2e/%2e%2e/etc/passwd"), 404, "there is no GET"),
    "the folder above, of a prediction": (asked(b"GET /v1/predictions/..%2f..%2fetc%2fpasswd"), 404, "there is no"),
    "the folder above, on Windows": (asked(b"GET /v1/predictions/..%5c..%5cx"), 404, "no prediction"),
    "a prediction with a zero byte": (asked(b"GET /v1/predictions/a%00b"), 404, "no prediction"),
    "a prediction with a line end": (asked(b"GET /v1/predictions/%0d%0aX:%20y"), 404, "no prediction"),
    "a prediction in overlong UTF-8": (asked(b"GET /v1/predictions/%c0%ae%c0%ae"), 404, "no prediction"),
    "a prediction of half a surrogate": (asked(b"GET /v1/predictions/%ed%a0%80"), 404, "no prediction"),
    "an escape without its digits": (asked(b"GET /v1/predictions/%"), 404, "'%'"),
    "an escape that is none": (asked(b"GET /v1/predictions/%zz"), 404, "'%zz'"),
    "a prediction of 30,000 letters": (asked(b"GET /v1/predictions/" + b"a" * 30_000), 404, "aaa"),
    "a prediction in SQL": (asked(b"GET /v1/predictions/'%20OR%20'1'='1"), 404, "no prediction"),
    "an address with a zero byte at its end": (post(line=b"POST /v1/predict%00 HTTP/1.1"), 404, "Did you mean"),
    "an address with two slashes": (post(line=b"POST //v1/predict HTTP/1.1"), 404, "Did you mean"),
    "an address with a slash at its end": (post(line=b"POST /v1/predict/ HTTP/1.1"), 404, "Did you mean"),
    "an address in capitals": (post(line=b"POST /V1/PREDICT HTTP/1.1"), 404, "there is no POST"),
    "every address": (asked(b"OPTIONS *"), 404, "there is no OPTIONS"),
    "an echo": (post(line=b"TRACE /v1/predict HTTP/1.1"), 405, "use POST"),
    "a tunnel to an address of ours": (asked(b"CONNECT /v1/predict"), 405, "use POST"),
    "a prediction by GET": (post(line=b"GET /v1/predict HTTP/1.1"), 405, "use POST"),
    "the wish to delete": (asked(b"DELETE /v1/predictions/x"), 405, "use GET"),
    "a web socket": (
        post(
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n",
            b"",
            line=b"GET /v1/predict HTTP/1.1",
        ),
        405,
        "use POST",
    ),
}

FINE = {
    # unusual, and right: HTTP asks servers to take it
    "an absolute address": post(line=b"POST http://elsewhere:99/v1/predict HTTP/1.1"),
    "an absolute address with a name in it": post(line=b"POST http://a:b@x/v1/predict HTTP/1.1"),
    "an address with escapes": post(line=b"POST /v1/%70redict HTTP/1.1"),
    "chunks": post(JSON + CHUNKED, IN_CHUNKS),
    "chunks with extensions": post(JSON + CHUNKED, IN_CHUNKS.replace(b"\r\n{", b";a=b;c\r\n{")),
    "chunks of a byte": post(JSON + CHUNKED, b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD) + b"0\r\n\r\n"),
    "chunks with trailers": post(JSON + CHUNKED, IN_CHUNKS[:-2] + b"X-Sum: 1\r\n\r\n"),
    "a zero before the length": post(JSON + b"Content-Length: 0047\r\n"),
    "empty lines before it": b"\r\n" * 100 + post(),
    "a header in Latin-1": post(JSON + LENGTH + b"X-Name: J\xfcrgen\r\n"),
    "1,000 short headers": post(JSON + LENGTH + b"".join(b"h%d: x\r\n" % number for number in range(1000))),
    "an expectation that nobody knows": post(JSON + LENGTH + b"Expect: the unexpected\r\n"),
    "patience of 10,000 digits": post(JSON + LENGTH + b"X-Request-Timeout-Ms: %s\r\n" % (b"9" * 10_000)),
    "a coding that changes nothing": post(JSON + LENGTH + b"Content-Encoding: identity\r\n"),
    "a flag 500 times": post(line=b"POST /v1/predict?" + b"proba=true&" * 500 + b" HTTP/1.1"),
}

HEADS = {
    "an address of 40,000 letters": asked(b"GET /" + b"a" * 40_000),
    "a query of 40,000 letters": post(line=b"POST /v1/predict?" + b"a" * 40_000 + b" HTTP/1.1"),
    "a header of 40,000 letters": post(JSON + LENGTH + b"h: %s\r\n" % (b"x" * 40_000)),
    "a header's name of 40,000 letters": post(JSON + LENGTH + b"%s: x\r\n" % (b"x" * 40_000)),
    "5,000 headers": post(JSON + LENGTH + b"".join(b"h%d: x\r\n" % number for number in range(5000))),
    "a megabyte of cookies": post(JSON + LENGTH + b"Cookie: a=b\r\n" * 80_000),
}


def answered(server, request: bytes) -> tuple[int, bytes, bool]:
    """The first answer's status and body, and whether the server closed behind one that says it is not HTTP."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        received = b""
        while not _whole(received):
            chunk = b""
            with contextlib.suppress(ConnectionError):
                chunk = connection.recv(65536)
            if not chunk:
                break
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        assert head, "closed without an answer"
        status = int(head.split(b" ")[1])
        return status, body, status in (400, 431) and _closed(connection)


def _closed(connection: socket.socket) -> bool:
    connection.settimeout(0.2)
    try:
        return connection.recv(65536) == b""
    except OSError as error:  # broken off is closed as well, having nothing to say is not
        return not isinstance(error, TimeoutError)


def _whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    length = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end and length) and len(body) >= length[0]


def message(server, body: bytes) -> str:
    """What is told: always in JSON, but for what uvicorn itself says the long way."""
    if server.way == "long" and not body.startswith(b"{"):
        return body.decode()
    return json.loads(body)["error"]["message"]


def assert_well(server) -> None:
    assert server.predict().json()["predictions"][0]["value"] == 44.0


@pytest.fixture
def target(hostile, way):
    started = hostile(way)
    yield started
    assert_well(started)


def assert_refused(server, request: bytes) -> None:
    """Not HTTP: a 400, and the rest of the connection is not looked at, as it could be anything."""
    before = len(server.predictions.kept)
    status, body, closed = answered(server, request)
    assert (status, closed) == (400, True)
    # Where the head alone is a request, its own answer is the 400, and the rest closes the connection.
    assert any(words in message(server, body) for words in [*NOT_HTTP.split("|"), "the body is not valid JSON"])
    assert len(server.predictions.kept) == before


@pytest.mark.parametrize("name", LENGTHS)
def test_a_length_that_leaves_a_doubt_is_refused(target, name):
    assert_refused(target, post(JSON + LENGTHS[name]))


@pytest.mark.parametrize("name", CODINGS)
def test_a_coding_that_leaves_a_doubt_is_refused(target, name):
    headers, body = CODINGS[name]
    assert_refused(target, post(JSON + headers, body))


@pytest.mark.parametrize("name", LINES)
def test_what_is_not_http_is_refused(target, name):
    assert_refused(target, LINES[name])


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_done_is_told(target, name):
    request, wanted, words = TOLD[name]
    status, body, _ = answered(target, request)
    assert status == wanted, body
    assert words in message(target, body) and len(body) < 2000


@pytest.mark.parametrize("name", FINE)
def test_what_is_unusual_and_right_is_answered(target, name):
    status, body, _ = answered(target, FINE[name])
    assert (status, json.loads(body).get("predictions", body)[0]["value"]) == (200, 44.0)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_is_too_long_is_refused(target, name):
    """Also one that comes at once. A server that is not ours has bounds of its own."""
    status, body, closed = answered(target, HEADS[name])
    if target.way == "short":
        assert (status, closed) == (431, True)
        assert "32,768" in message(target, body)
    assert status < 500


def test_what_comes_behind_a_body_changes_nothing_of_its_head(target):
    """A trailer that names another content type."""
    if target.way == "long":
        pytest.skip("uvicorn itself takes trailers for headers")
    status, _, _ = answered(target, post(JSON + CHUNKED, IN_CHUNKS[:-2] + b"Content-Type: text/csv\r\n\r\n"))
    assert status == 200


def test_a_request_behind_the_end_of_another_is_none_of_its_own(target):
    """What a length leaves over is the next request, and refused as such: nothing is smuggled in a body."""
    inner = b"GET /v1/model HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
    status, body, closed = answered(target, post() + inner)
    assert status == 200 or (status, closed) == (400, True), body


@pytest.mark.parametrize(
    "request_",
    [
        post(JSON + b"Content-Length: 900\r\n", b"{", line=b"POST /nowhere HTTP/1.1"),
        post(JSON + b"Content-Length: 900\r\n", b"{", line=b"GET /healthz HTTP/1.1"),
        post(b"Content-Type: image/png\r\nContent-Length: 900\r\n", b"{"),
        post(JSON + CHUNKED, b"5\r\n", line=b"GET /metrics HTTP/1.1"),
    ],
    ids=["of no address", "of a GET", "of another type", "of chunks"],
)
def test_a_body_that_never_comes_and_nobody_waits_for_ends_its_connection(serve_with, way, request_):
    """Else whoever sends four thousand of them has all connections for ever."""
    if way == "long":
        pytest.skip("a server that is not ours has patience of its own")
    with serve_with(limits=Limits(body_s=0.3)) as server:
        where = urlsplit(server.url)
        with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
            connection.sendall(request_)
            began, received = time.monotonic(), b"?"
            while received:
                received = connection.recv(65536)
        assert time.monotonic() - began < 5
        assert_well(server)


@pytest.mark.parametrize("part", ["head", "body"])
def test_many_who_send_a_byte_now_and_then_keep_nobody_waiting(serve_with, way, part):
    """Slow loris: a hundred connections that never come to an end, and each good request is answered at once."""
    if way == "long" and part == "head":
        pytest.skip("a server that is not ours has patience of its own")
    begun = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\n" if part == "head" else post(JSON + LENGTH, b"")
    with serve_with(limits=Limits(body_s=0.5, workers=1)) as server, contextlib.ExitStack() as stack:
        where = urlsplit(server.url)
        slow = [stack.enter_context(socket.create_connection((where.hostname, where.port))) for _ in range(100)]
        for connection in slow:
            connection.sendall(begun)
        for _ in range(4):
            time.sleep(0.2)
            assert_well(server)
            for connection in slow:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(b"X")
        statuses = []
        for connection in slow:
            connection.settimeout(10)
            with contextlib.suppress(ConnectionError):
                statuses.append(connection.recv(13))
    assert set(statuses) <= {b"HTTP/1.1 408 ", b"HTTP/1.1 408"} and len(statuses) > 50


def test_a_request_that_is_refused_in_its_body_answers_nobody_later(serve_with):
    """Its connection is closed by then: what waited for the body must know."""
    with serve_with(limits=Limits(body_s=0.3)) as server:
        where = urlsplit(server.url)
        head = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\n"
        with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
            connection.sendall(head + b'4\r\n{"ro\r\n')
            time.sleep(0.1)
            connection.sendall(b"Z\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 400")
        time.sleep(0.6)
