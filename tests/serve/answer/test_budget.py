"""One budget for what requests take of a server's memory."""

import contextlib
import gc
import socket
import time
from urllib.parse import urlsplit

import pytest

from omloop.serve import Limits
from omloop.serve.answer.budget import SMALL_BYTES, Coming, MemoryBudget
from omloop.serve.answer.work import Work

LARGE = b'{"rows": [' + b" " * 300_000 + b'{"hours": 1, "age": 20, "sex": "m"}]}'
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
JSON = {"content-type": "application/json"}
both_ways = pytest.mark.parametrize("way", ["short", "long"])


def test_bodies_that_are_still_coming_take_half_at_most():
    budget = MemoryBudget(1_000_000)
    first, second = Coming(budget), Coming(budget)
    assert first.add(400_000) and not second.add(200_000)
    assert (budget.taken, budget.coming) == (400_000, 400_000)
    first.close()
    assert (budget.taken, budget.coming) == (0, 0)


def test_a_small_body_counts_when_it_is_whole():
    budget = MemoryBudget(0)
    coming = Coming(budget)
    assert coming.add(SMALL_BYTES) and not coming.add(1)


def test_what_never_fits_is_told_apart_from_what_does_not_fit_now():
    budget = MemoryBudget(1_000)
    budget.take(600)
    assert [budget.refusal(size).status for size in (401, 1_001)] == [503, 413]
    assert budget.refusal(400, later=600) is None


def test_memory_is_given_back_after_much_was_taken():
    budget = MemoryBudget(100_000_000)
    budget.take(90_000_000)
    assert not budget.falls()
    budget.give(80_000_000)
    assert (budget.falls(), budget.falls()) == (True, False)


@contextlib.contextmanager
def held_upload(server, body: bytes):
    """All of a request but its last byte."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(HEAD % len(body) + body[:-1])
        yield connection


@both_ways
def test_held_uploads_keep_out_large_bodies_and_nothing_else(serve_with, row):
    with serve_with(limits=Limits(workers=1, memory_bytes=1_000_000)) as server:
        budget = server.app.engine.budget
        with held_upload(server, LARGE):
            wait_until(lambda: budget.coming > 250_000)
            refused = server.client.post("/v1/predict", content=LARGE, headers=JSON)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert server.predict(row).status_code == 200
        wait_until(lambda: budget.taken == budget.coming == 0)


@both_ways
def test_a_request_that_takes_more_than_all_memory_is_told_so(serve_with):
    with serve_with(limits=Limits(workers=1, memory_bytes=5_000_000)) as server:
        refused = server.client.post("/v1/predict", content=LARGE, headers=JSON)
        assert refused.status_code == 413
        assert "send fewer rows a request" in refused.json()["error"]["message"]
        assert server.app.engine.budget.taken == 0


@both_ways
def test_everything_is_given_back_when_all_are_answered(serve_with, row):
    with serve_with() as server:
        for body in (LARGE, b"{", b'{"rows": []}'):
            server.client.post("/v1/predict", content=body, headers=JSON)
        wait_until(lambda: server.app.engine.budget.taken == 0)


@pytest.mark.parametrize("path", ["/v2/models/tiny/infer", "/invocations"])
def test_a_request_to_an_address_of_another_server_is_let_go_with_its_answer(serve_with, path):
    """It waits for no garbage collection: its body may be large."""
    tensor = b'{"name": "%s", "shape": [1], "datatype": "%s", "data": [%s]}'
    inputs = b", ".join(
        tensor % of for of in ((b"hours", b"FP64", b"1"), (b"age", b"INT64", b"20"), (b"sex", b"BYTES", b'"m"'))
    )
    body = {"/invocations": b'{"inputs": [{"hours": 1, "age": 20, "sex": "m"}]}'}.get(
        path, b'{"inputs": [%s]}' % inputs
    )
    with serve_with(compat=("kserve", "mlflow")) as server:
        assert server.client.post(path, content=body, headers=JSON).status_code == 200
        gc.collect()
        gc.disable()
        try:
            before = works()
            server.client.post(path, content=body, headers=JSON)
            wait_until(lambda: not works() - before)
        finally:
            gc.enable()


def works() -> set[int]:
    return {id(kept) for kept in gc.get_objects() if type(kept) is Work}


def wait_until(true, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
