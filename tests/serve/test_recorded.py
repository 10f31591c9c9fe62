"""What is recorded of a request beside its rows, and what happens when it cannot be."""

import httpx
import pytest

from omloop.core import StoreError
from omloop.serve import Champion, Limits, Metrics
from omloop.serve.answer.predict import Predict
from omloop.serve.answer.recording import LogHealth
from omloop.serve.answer.work import Work
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

both_ways = pytest.mark.parametrize("way", ["short", "long"])
ROWS = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}, {"hours": 1, "age": 21, "sex": "m"}]}'


def asked(server, row, **headers: str) -> httpx.Response:
    return server.client.post("/v1/predict", json={"rows": [row]}, headers=headers)


@both_ways
def test_the_variant_that_answered_is_recorded(server, row):
    asked(server, row)
    assert [kept.variant for kept in server.predictions.kept] == ["model.onnx"]


@both_ways
@pytest.mark.parametrize(
    ("given", "kept"), [("team-7/request 12", "team-7/request 12"), ("", None), ("x" * 128, "x" * 128)]
)
def test_what_the_caller_calls_itself_is_recorded(server, row, given, kept):
    assert asked(server, row, **{"X-Caller-Key": given}).status_code == 200
    found = server.client.get(f"/v1/predictions/{server.predictions.kept[0].id}").json()
    assert (server.predictions.kept[0].key, found["key"], found["variant"]) == (kept, kept, "model.onnx")


@both_ways
def test_who_says_nothing_has_no_key(server, row):
    asked(server, row)
    assert [kept.key for kept in server.predictions.kept] == [None]


@both_ways
@pytest.mark.parametrize("key", ["x" * 129, "naïve"])
def test_a_key_that_is_too_long_or_not_ascii_is_refused(server, row, key):
    answer = asked(server, row, **{"X-Caller-Key": key.encode()})
    assert answer.status_code == 400
    assert "X-Caller-Key" in answer.json()["error"]["message"]
    assert server.predictions.kept == []


def test_a_request_with_a_key_goes_the_short_way(server, row, monkeypatch):
    """The long way would have been through here."""

    async def long_way(*_):
        raise AssertionError

    monkeypatch.setattr(type(server.app), "_predict", long_way)
    assert asked(server, row, **{"X-Caller-Key": "a"}).status_code == 200


@pytest.fixture
def serving():
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    champion.refresh()
    return champion.serving


def failing(serving, *, strict: bool) -> tuple[list[Work], Metrics]:
    """Two requests of two rows each, answered together over a disk that is full."""
    predictions, metrics = MemoryPredictions(), Metrics()
    predictions.failing = StoreError("Cannot write: No space left on device.")
    predict = Predict(predictions, Limits(), metrics, lambda: "p", lambda: 7.0, LogHealth(predictions, strict=strict))
    works = [Work(ROWS, "application/json", done=lambda work: None, arrived=0.0) for _ in range(2)]
    predict.answer(serving, works)
    return works, metrics


def total(metrics: Metrics, name: str) -> float:
    return sum(
        number
        for family in (metrics.lost, metrics.unrecorded)
        if family.name == name
        for (number,) in family.samples().values()
    )


def test_strict_never_answers_without_a_record(serving):
    works, metrics = failing(serving, strict=True)
    assert [work.status for work in works] == [503, 503]
    assert total(metrics, "omloop_unrecorded_total") == 2
    assert total(metrics, "omloop_lost_predictions_total") == 0


def test_lenient_answers_counts_what_is_lost_and_says_so(serving, caplog):
    works, metrics = failing(serving, strict=False)
    assert [work.status for work in works] == [200, 200]
    assert total(metrics, "omloop_unrecorded_total") == 0
    assert total(metrics, "omloop_lost_predictions_total") == 4
    assert "predictions could not be recorded, and are answered, and lost to the log" in caplog.text


@pytest.mark.parametrize(("keep", "whole"), [(None, True), (True, True), (False, False)])
def test_whoever_serves_says_what_is_kept_of_inputs(keep, whole):
    """Whatever the bundle says; only what is observed cannot be learned from again."""
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1, keep=keep)
    champion.refresh()
    predictions = MemoryPredictions()
    predict = Predict(predictions, Limits(), Metrics(), lambda: "p", lambda: 7.0, LogHealth(predictions, strict=True))
    predict.answer(champion.serving, [Work(ROWS, "application/json", done=lambda work: None, arrived=0.0)])
    inputs, kind = predictions.kept[0].inputs, champion.serving.kind
    assert (inputs == {"hours": 1, "age": 20, "sex": "m"}) == whole
    assert (kind.replay(inputs) is not None) == whole
    assert kind.recall([inputs])["age"].tolist() == [20.0]
