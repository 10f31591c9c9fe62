"""The short way answers as the long way does, and knows when it is not for a request."""

import contextlib
import gc
import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from omloop.serve import Limits
from omloop.serve.answer.work import Work
from omloop.serve.http import fast_path

pytestmark = pytest.mark.parametrize("way", ["short", "long"])

HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def request(row, *, more: bytes = b"", head: bytes = HEAD) -> bytes:
    content = json.dumps({"rows": [row]}).encode()
    return head + more + b"Content-Length: %d\r\n\r\n%b" % (len(content), content)


@contextlib.contextmanager
def connected(server):
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        yield connection


def answers(connection, count: int) -> list[tuple[int, dict]]:
    """As many answers as were asked for; fewer when the server closes first."""
    received, found = b"", []
    while len(found) < count:
        head, end, rest = received.partition(b"\r\n\r\n")
        lengths = [
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        ]
        if end and len(rest) >= lengths[0]:
            found.append((int(head.split(b" ")[1]), json.loads(rest[: lengths[0]])))
            received = rest[lengths[0] :]
            continue
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return found


def values(found):
    return [answer["predictions"][0]["value"] for _, answer in found]


def test_pipelined_requests_are_answered_in_order(server, row):
    """Whatever way each of them takes: the middle one has no short way."""
    asked = [request({**row, "age": age}) for age in (14, 15, 16, 17)]
    asked[2] = request({**row, "age": 16}, more=b"X-Request-Timeout-Ms: 20000\r\n")
    with connected(server) as connection:
        connection.sendall(b"".join(asked))
        assert values(answers(connection, 4)) == [32, 34, 36, 38]


def test_a_request_in_many_pieces_is_put_together(server, row):
    with connected(server) as connection:
        for byte in request(row):
            connection.sendall(bytes([byte]))
        assert values(answers(connection, 1)) == [44]


def test_a_connection_is_kept_and_closed_as_it_asks(server, row):
    with connected(server) as connection:
        for _ in range(3):
            connection.sendall(request(row))
            assert values(answers(connection, 1)) == [44]
        connection.sendall(request(row, more=b"Connection: close\r\n"))
        assert values(answers(connection, 2)) == [44]


def test_a_content_type_may_have_parameters(server, row):
    head = HEAD.replace(b"application/json", b"Application/JSON; charset=utf-8")
    with connected(server) as connection:
        connection.sendall(request(row, head=head))
        assert values(answers(connection, 1)) == [44]


def test_http_1_0_is_answered_and_closed(server, row):
    with connected(server) as connection:
        connection.sendall(request(row, head=HEAD.replace(b"1.1", b"1.0")))
        assert values(answers(connection, 2)) == [44]


def test_refusals_say_the_same_both_ways(server, row):
    """A client cannot tell which way its request went."""
    with connected(server) as connection:
        connection.sendall(request({**row, "age": 3}) + request(row))
        (status, bad), good = answers(connection, 2)
    assert (status, bad["error"]["field"]) == (422, "rows[0].age")
    assert values([good]) == [44]


def test_a_head_without_an_end_is_refused(serve_with):
    with serve_with(limits=Limits(head_bytes=2000)) as server, connected(server) as connection:
        if server.way == "long":
            pytest.skip("a server that is not ours has bounds of its own")
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"GET / HTTP/1.1\r\n")
            for number in range(100):
                connection.sendall(b"X-%d: %b\r\n" % (number, b"x" * 100))
                time.sleep(0.001)
        found = answers(connection, 1)
        assert server.predict().status_code == 200
    assert found[0][0] == 431


@pytest.mark.parametrize("sent", [b"", b"POST /v1/predict HT", HEAD, HEAD + b"Content-Length: 900\r\n\r\n{"])
def test_a_request_that_does_not_come_to_an_end_is_closed(serve_with, sent):
    """Nothing at all, half a line, half a head, half a body: each has the same time to be whole."""
    with serve_with(limits=Limits(body_s=0.3)) as server, connected(server) as connection:
        if server.way == "long" and b"Length" not in sent:
            pytest.skip("a server that is not ours keeps its own patience")
        connection.sendall(sent)
        began = time.monotonic()
        assert [status for status, _ in answers(connection, 1)] == [408]
        assert time.monotonic() - began < 10
        assert server.predict().status_code == 200


def test_a_connection_that_rests_between_requests_is_kept(serve_with, row):
    """Its patience is for requests that have begun."""
    with serve_with(limits=Limits(body_s=0.3)) as server, connected(server) as connection:
        for _ in range(2):
            connection.sendall(request(row))
            assert values(answers(connection, 1)) == [44]
            time.sleep(1.2)


def test_too_many_connections_are_told_so(serve_with):
    with serve_with(limits=Limits(connections=2)) as server, contextlib.ExitStack() as stack:
        if server.way == "long":
            pytest.skip("a server that is not ours has bounds of its own")
        found = [stack.enter_context(connected(server)) for _ in range(4)]
        statuses = [status for connection in found[2:] for status, _ in answers(connection, 1)]
    assert statuses == [503, 503]


def test_a_client_that_leaves_before_its_answer_harms_nobody(server, row):
    for _ in range(20):
        with connected(server) as connection:
            connection.sendall(request(row))
    assert server.predict().status_code == 200


def test_a_request_that_must_be_answered_sooner_than_it_is_begun_is_not_begun(serve_with, row):
    with serve_with() as server, connected(server) as connection:
        connection.sendall(request(row, more=b"X-Request-Timeout-Ms: none\r\n"))
        connection.sendall(request(row, more=b"X-Request-Timeout-Ms: 5000\r\n"))
        (refused, _), (status, _) = answers(connection, 2)
    assert (refused, status) == (400, 200)


def test_a_request_is_let_go_with_its_answer(server, row):
    """Its body may be large: it waits for no garbage collection, and for no other request on the connection."""
    gc.collect()
    gc.disable()
    others = works()
    try:
        with connected(server) as connection:
            connection.sendall(request(row))
            assert len(answers(connection, 1)) == 1
            until = time.monotonic() + 20
            while works() - others and time.monotonic() < until:
                time.sleep(0.01)
            assert not works() - others
    finally:
        gc.enable()


def works() -> set[Work]:
    """Every request that is still remembered, also by other tests."""
    return {kept for kept in gc.get_objects() if type(kept) is Work}


def test_a_strange_uvicorn_has_no_short_way(server, monkeypatch):
    """Then every request goes the long way."""
    monkeypatch.setattr(fast_path, "Protocol", object)
    assert fast_path.shortcut(server.app) is None


@pytest.mark.parametrize("wish", [b"Upgrade, HTTP2-Settings\r\nUpgrade: h2c", b"upgrade\r\nUpgrade: TLS/1.2"])
def test_a_request_that_asks_for_another_protocol_is_answered_in_this_one(server, row, wish):
    """Its body is read, in pieces or in chunks, and the connection goes on."""
    asked = request(row, more=b"Connection: " + wish + b"\r\n")
    body = json.dumps({"rows": [row]}).encode()
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    with connected(server) as connection:
        connection.sendall(asked[:-7])
        connection.sendall(asked[-7:] + HEAD + b"Connection: " + wish + b"\r\n" + chunked + request(row))
        assert values(answers(connection, 3)) == [44] * 3


@pytest.mark.parametrize("behind", [b"\x16\x03\x01 no HTTP\r\n\r\n", b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n"])
def test_what_comes_behind_a_request_does_not_take_its_answer(server, row, behind):
    """It was recorded, so it is told; then the connection is closed."""
    with connected(server) as connection:
        connection.sendall(request(row) + behind)
        found = answers(connection, 2)
    assert values(found[:1]) == [44] and [status for status, _ in found[1:]] in ([], [400])


@pytest.mark.parametrize("hosts", [b"", b"Host: x\r\nhost: y\r\n"])
def test_a_request_has_one_host(server, row, hosts):
    with connected(server) as connection:
        connection.sendall(request(row, head=HEAD.replace(b"Host: x\r\n", hosts)))
        ((status, told),) = answers(connection, 2)
    assert status == 400 and "one Host" in told["error"]["message"] and not server.predictions.kept


def test_a_length_beyond_the_limit_is_refused_before_the_body_comes(server, row):
    """And the connection is kept for a client that sends it all the same."""
    body = b" " * 30_000_000
    with connected(server) as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
        assert answers(connection, 1)[0][0] == 413
        connection.sendall(body + request(row))
        assert values(answers(connection, 1)) == [44]
