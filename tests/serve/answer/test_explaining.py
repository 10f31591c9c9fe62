"""Explanations over HTTP: beside the answer, never in place of it, and never so many that others wait for them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from omloop.bundle import Session
from omloop.core import ExampleArray, OmloopError, StoreError
from omloop.explain import background_of, explain_answer
from omloop.loop.watch.scraped import counts_in
from omloop.serve.answer import explaining
from omloop.serve.answer.explaining import MOST_EXPLAINED, MOST_ROWS, WAITING
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions

BUNDLE = tiny_bundle(2.0)
ROW = {"hours": 1, "age": 20, "sex": "m"}


def explain(version: str, session: Session, examples: ExampleArray, rows: int, go_on: Any) -> list[dict[str, object]]:
    assert version == BUNDLE.version and rows <= MOST_ROWS
    others, each = background_of(BUNDLE, session.inputs), (examples[at : at + 1] for at in range(len(examples)))
    return [explain_answer(session, one, others, rows=rows, go_on=go_on).told() for one in each]


def ask(server: Any, *rows: Any, query: str = "explain=shap", **headers: str) -> httpx.Response:
    found: httpx.Response = server.client.post(f"/v1/predict?{query}", json={"rows": list(rows)}, headers=headers)
    return found


def test_each_answer_comes_with_what_it_hangs_on_and_is_recorded_once(serve_with: Any) -> None:
    with serve_with(MemoryVersions(BUNDLE), explain=explain) as server:
        told = ask(server, ROW, {**ROW, "sex": "f"}).json()["predictions"]
        plain = server.predict().json()["predictions"][0]
        assert "explanation" not in plain and len(server.predictions.kept) == 3
    for one, sex in zip(told, ("m", "f"), strict=True):
        found = one["explanation"]
        assert found["answer"] == one["value"] and found["of"] == "score" and found["exact"]
        values = {part["name"]: part["value"] for part in found["contributions"]}
        assert found["base"] + sum(values.values()) == pytest.approx(one["value"])
        assert {part["name"]: part["given"] for part in found["contributions"]} == {**ROW, "sex": sex}


def test_it_can_be_asked_together_with_what_is_observed(serve_with: Any) -> None:
    with serve_with(MemoryVersions(BUNDLE), explain=explain) as server:
        (one,) = ask(server, ROW, query="explain=shap&explain=observe").json()["predictions"]
    assert one["observed"]["hours"] == 1 and one["explanation"]["model_rows"] > 1


def test_a_server_without_the_extra_says_what_to_install(serve_with: Any) -> None:
    with serve_with() as server:
        refused = ask(server, ROW)
        assert refused.status_code == 400 and refused.json()["error"]["code"] == "not_supported"
        assert "pip install 'omloop[explain]'" in refused.json()["error"]["message"]
        assert not server.predictions.kept and server.predict().status_code == 200


def test_too_many_rows_are_refused_before_any_is_predicted(serve_with: Any) -> None:
    with serve_with(MemoryVersions(BUNDLE), explain=explain) as server:
        refused = ask(server, *[ROW] * (MOST_EXPLAINED + 1))
        assert refused.status_code == 422 and "at most 16" in refused.json()["error"]["message"]
        assert not server.predictions.kept
        assert ask(server, {**ROW, "age": "old"}).json()["error"]["field"] == "rows[0].age"


@pytest.mark.parametrize(
    "fault", [OmloopError("it is too large to explain"), ZeroDivisionError("x"), StoreError("/srv/secret is gone")]
)
def test_what_cannot_be_explained_is_answered_all_the_same(serve_with: Any, fault: Exception) -> None:
    def fail(*given: Any) -> Any:
        raise fault

    with serve_with(explain=fail) as server:
        (one,) = ask(server, ROW).json()["predictions"]
    assert one["value"] == 44 and one["explanation"] is None
    told = "it is too large to explain" if type(fault) is OmloopError else "its log has the details"
    assert told in one["unexplained"]


def test_predictions_and_health_do_not_wait_for_explanations_of_which_few_may_wait(serve_with: Any) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(version: str, session: Session, examples: ExampleArray, rows: int, go_on: Any) -> list[dict[str, object]]:
        begun.set()
        go.wait(15)
        return [{}] * len(examples)

    with serve_with(explain=slow) as server, ThreadPoolExecutor(WAITING) as pool:
        asked = [pool.submit(ask, server, ROW) for _ in range(WAITING)]
        assert begun.wait(10)
        until = time.monotonic() + 10
        # Each counts as waiting before it is recorded. Asked earlier, this one might take the place of one of them.
        while len(server.predictions.kept) < WAITING and time.monotonic() < until:
            time.sleep(0.01)
        refused = ask(server, ROW)
        assert refused.status_code == 429 and refused.headers["retry-after"] == "1"
        assert server.predict().status_code == 200 and server.client.get("/healthz").status_code == 200
        go.set()
        assert [one.result().status_code for one in asked] == [200] * WAITING
        assert ask(server, ROW).status_code == 200


def test_whoever_cannot_wait_gets_the_answer_without(serve_with: Any) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(version: str, session: Session, examples: ExampleArray, rows: int, go_on: Any) -> list[dict[str, object]]:
        begun.set()
        go.wait(15)
        return [{}] * len(examples)

    with serve_with(explain=slow) as server, ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, server, ROW)
        assert begun.wait(10)
        second = pool.submit(ask, server, ROW, **{"X-Request-Timeout-Ms": "1000"})
        while len(server.predictions.kept) < 2:
            time.sleep(0.01)
        time.sleep(1)
        go.set()
        assert first.result().json()["predictions"][0]["explanation"] == {}
        (one,) = second.result().json()["predictions"]
    assert one["value"] == 44 and one["unexplained"] == "the time that the request allowed was over"


def test_a_request_that_is_sent_again_gets_the_same_explanation(serve_with: Any) -> None:
    with serve_with(MemoryVersions(BUNDLE), explain=explain) as server:
        first, again = (ask(server, ROW, **{"Idempotency-Key": "one"}) for _ in range(2))
        assert first.json() == again.json() and len(server.predictions.kept) == 1
        assert first.json()["predictions"][0]["explanation"]["exact"]


def test_its_time_is_counted_apart_from_that_of_predictions(serve_with: Any) -> None:
    with serve_with(MemoryVersions(BUNDLE), explain=explain) as server:
        ask(server, ROW)
        server.predict()
        told = server.client.get("/metrics").text
    counted = counts_in(told)
    assert 'omloop_requests_total{route="/v1/predict?explain=shap",status="200"} 1' in told
    assert counted["requests"] == 2 and counted["le +Inf"] == 1


def test_an_explanation_that_takes_too_long_is_ended(serve_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "MOST_SECONDS", -1.0)
    with serve_with(MemoryVersions(BUNDLE), explain=explain) as server:
        (one,) = ask(server, ROW).json()["predictions"]
    assert one["value"] == 88 and one["explanation"] is None and "it took longer than" in one["unexplained"]
