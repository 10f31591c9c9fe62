import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import orjson
import pytest

from omloop.core import SettingError
from omloop.probe import Example, Load, LoadPlan, Target, load, run

Start = Callable[..., AbstractContextManager[Any]]
Say = Callable[..., bytes]


def tried(target: Target, rate: float, seconds: float, body: bytes = b"{}", **more: Any) -> Load:
    return run(load(target, [target.post("/v1/predict", body)], LoadPlan(rate, seconds, **more)))


def test_a_real_server_answers_everything(serve: Start, example: Example) -> None:
    with serve() as server:
        found = tried(server.target, 100, 1, orjson.dumps({"rows": [example.row]}))
        assert len(server.predictions.kept) == 100
    assert (found.sent, found.answered, found.refused, found.failed) == (100, 100, 0, 0)
    assert found.statuses == {200: 100} and found.failures == {}
    assert found.latencies.count == found.late.count == 100
    assert found.broken(p99_s=60.0) == () and 10 < found.achieved <= 100


def test_a_stall_is_charged_with_all_that_was_due_in_it(stub: Start, say: Say) -> None:
    """The first of 50 requests stalls the server for 0.6 s; a client that waits would send one of them meanwhile."""
    until: list[float] = []

    def answer(number: int, line: str) -> bytes:
        until.append(time.monotonic() + 0.6)
        time.sleep(max(0.0, until[0] - time.monotonic()))
        return say()

    with stub(answer) as server:
        found = tried(server.target, 50, 1, connections=4)
    p10, p50 = found.latencies.each([0.1, 0.5])
    assert found.answered == 50
    assert found.latencies.at(0.99) > 0.5, "the request that stalled"
    assert found.latencies.at(0.7) > 0.1, "those that were due while it did"
    assert p10 <= p50


def test_requests_are_sent_whether_or_not_earlier_ones_were_answered(stub: Start, slowly: Any) -> None:
    with stub(slowly(0.5)) as server:
        found = tried(server.target, 40, 0.5)
    assert found.answered == 20 and server.connections > 5


def test_there_are_no_more_connections_than_allowed(stub: Start, slowly: Any) -> None:
    with stub(slowly(0.02)) as server:
        found = tried(server.target, 100, 0.5, connections=3)
    assert found.answered == 50 and server.connections <= 3


def test_connections_are_kept(stub: Start, say: Say) -> None:
    with stub(lambda number, line: say()) as server:
        found = tried(server.target, 50, 1, connections=2)
    assert found.answered == 50 and server.connections <= 2


def test_a_server_that_closes_after_each_answer_is_no_failure(stub: Start, say: Say) -> None:
    with stub(lambda number, line: say(more="connection: close\r\n")) as server:
        found = tried(server.target, 50, 0.5)
    assert found.answered == 25 and server.connections >= 25


def test_refusals_and_other_answers_are_told_apart(stub: Start, say: Say) -> None:
    def answer(number: int, line: str) -> bytes:
        return say(status=(200, 429, 503)[number % 3])

    with stub(answer) as server:
        found = tried(server.target, 60, 0.5, connections=1)
    assert found.statuses == {200: 10, 429: 10, 503: 10}
    assert (found.answered, found.refused, found.failed) == (10, 10, 10)
    assert found.failures == {"status 503": 10}
    assert found.latencies.count == 10, "a quick refusal must not make a server look fast"
    assert found.broken(p99_s=60.0) == ("10 failed", "10 refused")


def test_broken_connections_are_failures(stub: Start, say: Say) -> None:
    with stub(lambda number, line: say() if number % 2 else b"") as server:
        found = tried(server.target, 40, 0.5)
    assert found.failed == 10 and sum(found.failures.values()) == 10
    assert found.answered == 10


def test_a_server_that_never_answers_ends_the_test_in_time(stub: Start, slowly: Any) -> None:
    began = time.monotonic()
    with stub(slowly(20)) as server:
        found = tried(server.target, 40, 0.5, timeout_s=0.5, connections=5)
        assert time.monotonic() - began < 10
    assert found.failed == 20 and found.answered == 0
    assert found.failures["no answer in 0.5 s"] >= 5
    assert found.latencies.at(0.5) >= 0.5, "giving up is as slow as the patience was long"


def test_nobody_there_fails_every_request(nobody: Target) -> None:
    found = tried(nobody, 50, 0.5)
    assert found.failed == 25 and found.sent == 0
    (reason,) = found.failures
    assert reason.startswith("no connection (")


def test_every_request_is_in_one_slice(stub: Start, say: Say) -> None:
    with stub(lambda number, line: say()) as server:
        found = tried(server.target, 20, 2.5)
    assert [part.start for part in found.slices] == [0.0, 1.0, 2.0]
    assert [part.latencies.count for part in found.slices] == [20, 20, 10]


def test_bodies_are_sent_in_turn(serve: Start, example: Example) -> None:
    with serve() as server:
        bodies = [orjson.dumps({"rows": [{**example.row, "hours": hours}]}) for hours in (1, 2, 3)]
        requests = [server.target.post("/v1/predict", body) for body in bodies]
        run(load(server.target, requests, LoadPlan(30, 0.3, connections=1)))
        assert [kept.inputs["hours"] for kept in server.predictions.kept] == [1, 2, 3] * 3


def test_p99_beyond_the_bound_is_told(stub: Start, slowly: Any) -> None:
    with stub(slowly(0.05)) as server:
        found = tried(server.target, 20, 0.5)
    (reason,) = found.broken(p99_s=0.001)
    assert "more than 1 ms" in reason and found.broken(p99_s=60.0) == ()


@pytest.mark.parametrize(
    "words",
    [(0, 1), (-1, 1), (1e9, 1), (10, 0), (10, 1e6), (10, float("nan")), (90_000, 3000), (10, 1, 0), (1, 1, 1, 0)],
)
def test_a_plan_beyond_reason_is_refused(words: tuple[Any, ...]) -> None:
    with pytest.raises(SettingError, match="more than 0 and at most"):
        LoadPlan(*words)
