import contextlib
import socket
import time
from urllib.parse import urlsplit

import pytest

from omloop.serve import Limits

pytestmark = pytest.mark.parametrize("way", ["short", "long"])


def raw(server, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send bytes as they are and read until the server closes or answers in full."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        received = b""
        with contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            while b"}" not in received:
                chunk = connection.recv(65536)
                if not chunk:
                    break
                received += chunk
        return received


HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture
def strict(serve_with):
    with serve_with(limits=Limits(body_bytes=1000, body_s=0.2, rows=3, workers=1)) as server:
        yield server


def test_a_body_that_says_it_is_too_long_is_a_413(strict):
    answer = strict.client.post("/v1/predict", content=b"x" * 1001, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert "1,000 bytes" in answer.json()["error"]["message"]


def test_a_body_without_a_length_is_measured_as_it_comes(strict):
    stream = (b"x" * 100 for _ in range(50))
    answer = strict.client.post("/v1/predict", content=stream, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_client_that_asks_first_is_told_before_it_sends(strict):
    answer = raw(strict, HEAD + b"Content-Length: 5000\r\nExpect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_without_an_end_is_cut_off(strict):
    endless = b"%x\r\n%s\r\n" % (1000, b"x" * 1000)
    answer = raw(strict, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[endless] * 17)
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_in_time_is_a_408(strict):
    """The deadline is for the whole body: a byte now and then does not move it."""
    answer = raw(strict, HEAD + b"Content-Length: 900\r\n\r\n", *[b"{"] * 3, pause=0.05)
    assert answer.startswith(b"HTTP/1.1 408")
    assert strict.client.get("/healthz").status_code == 200


def test_a_client_that_leaves_halfway_harms_nobody(strict):
    where = urlsplit(strict.url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(HEAD + b"Content-Length: 900\r\n\r\n{")
    assert strict.predict().status_code == 200


def test_too_many_rows_are_a_422(strict, row):
    answer = strict.predict(*[{"hours": 1, "age": 20, "sex": "f"}] * 4)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "rows")
    assert "at most 3" in answer.json()["error"]["message"]


@pytest.mark.parametrize("given", [None, "", "image/png", "application/jsonx", "text/plain; charset=utf-8"])
def test_another_content_type_is_told_what_works(server, given):
    headers = {} if given is None else {"content-type": given}
    answer = server.client.post("/v1/predict", content=b'{"rows": []}', headers=headers)
    assert answer.status_code == 415
    assert "send application/json or text/csv" in answer.json()["error"]["message"]


def test_parameters_of_a_content_type_do_not_matter(server):
    body = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
    answer = server.client.post(
        "/v1/predict", content=body, headers={"content-type": "Application/JSON; charset=utf-8"}
    )
    assert answer.status_code == 200


def test_a_compressed_body_is_refused_by_name(server):
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    answer = server.client.post("/v1/predict", content=b"\x1f\x8b", headers=headers)
    assert answer.status_code == 415
    assert "gzip" in answer.json()["error"]["message"]
