"""A version on trial as a shadow: real servers, both ways."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from omloop.core import StoreError
from omloop.serve import Limits, Metrics
from omloop.serve.answer import shadows as module
from omloop.serve.answer.shadows import Shadows
from omloop.serve.answer.work import Work
from omloop.serve.version.trials import Candidate
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions

CHAMPION, SHADOW = tiny_bundle(1.0), tiny_bundle(2.0)


@pytest.fixture(params=["short", "long"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def until(happened: Callable[[], Any]) -> None:
    ends = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


def begin(server, bundle=SHADOW, share=1.0):
    server.versions.begin_trial(bundle, "shadow", share)
    server.champion.refresh()


def broken(server) -> None:
    """Make the version on trial fail at every answer."""

    class Raises:
        def run(self, examples):
            raise RuntimeError("the model is broken")

    trials = server.champion.trials
    trials.candidate = Candidate(trials.candidate.trial, replace(trials.candidate.serving, session=Raises()))


def test_a_shadow_answers_beside_the_champion_and_is_kept_apart(server) -> None:
    before = server.predict().json()
    begin(server)
    answer = server.predict().json()
    assert {**answer["predictions"][0], "id": ""} == {**before["predictions"][0], "id": ""}
    assert answer["version"] == CHAMPION.version
    until(lambda: server.predictions.shadows)
    (shadow,) = server.predictions.shadows
    assert (shadow.id, shadow.version) == (answer["predictions"][0]["id"], SHADOW.version)
    assert shadow.output == {"value": 88.0} and shadow.latency_ms > 0
    assert {kept.version for kept in server.predictions.kept} == {CHAMPION.version}


def test_every_row_of_a_request_is_answered(server, row) -> None:
    begin(server)
    answer = server.predict(row, {**row, "age": 14}).json()
    until(lambda: len(server.predictions.shadows) == 2)
    assert [shadow.id for shadow in server.predictions.shadows] == [one["id"] for one in answer["predictions"]]
    assert [shadow.output for shadow in server.predictions.shadows] == [{"value": 88.0}, {"value": 64.0}]


def test_what_the_shadow_did_is_counted(server) -> None:
    begin(server, tiny_bundle(1.004))
    server.predict()
    until(lambda: server.predictions.shadows)
    begin(server)
    server.predict()
    until(lambda: len(server.predictions.shadows) == 2)
    broken(server)
    server.predict()
    until(lambda: len(server.predictions.shadows) == 3)
    assert server.predictions.shadows[-1].output is None
    text = server.client.get("/metrics").text
    assert f'omloop_shadow_total{{version="{tiny_bundle(1.004).version}",result="agreed"}} 1\n' in text
    for result in ("disagreed", "failed"):
        assert f'omloop_shadow_total{{version="{SHADOW.version}",result="{result}"}} 1\n' in text
    assert f'omloop_shadow_seconds_count{{version="{SHADOW.version}"}} 2\n' in text
    assert f'omloop_trial_info{{version="{SHADOW.version}",mode="shadow"}} 1\n' in text
    assert f'omloop_predictions_total{{version="{CHAMPION.version}"}} 3\n' in text
    assert f'omloop_predictions_total{{version="{SHADOW.version}"}}' not in text


def test_a_shadow_that_fails_is_told_once_and_fails_no_request(server, caplog) -> None:
    begin(server)
    broken(server)
    assert [server.predict().status_code for _ in range(5)] == [200] * 5
    until(lambda: len(server.predictions.shadows) == 5)
    assert caplog.text.count("cannot answer: the model is broken") == 1


def test_answers_do_not_wait_for_a_shadow_and_what_is_too_much_is_dropped(server, monkeypatch) -> None:
    """The shadow stands still; all are answered, a few wait for it, the others are dropped and counted."""
    monkeypatch.setattr(module, "WAITING", 3)
    begin(server)
    go_on, began = threading.Event(), threading.Event()
    trials = server.champion.trials
    real = trials.candidate.serving.session

    class Waits:
        def run(self, examples):
            began.set()
            assert go_on.wait(20)
            return real.run(examples)

    trials.candidate = Candidate(trials.candidate.trial, replace(trials.candidate.serving, session=Waits()))
    server.predict()
    assert began.wait(20)
    assert [server.predict().status_code for _ in range(10)] == [200] * 10
    dropped = f'omloop_shadow_dropped_total{{version="{SHADOW.version}"}} 7\n'
    until(lambda: dropped in server.client.get("/metrics").text)
    go_on.set()
    until(lambda: len(server.predictions.shadows) == 4)
    assert len(server.predictions.kept) == 11


def test_a_share_of_the_callers_is_shadowed_each_time(server) -> None:
    """By the caller's key, so that one caller is in or out."""
    begin(server, share=0.5)
    candidate = server.champion.trials.candidate
    keys = [f"caller-{number}" for number in range(20)]
    for key in keys * 2:
        server.client.post(
            "/v1/predict", json={"rows": [server.champion.serving.example]}, headers={"X-Caller-Key": key}
        )
    expected = 2 * sum(map(candidate.takes, keys))
    assert 0 < expected < 40
    until(lambda: len(server.predictions.shadows) == expected)
    by_id = {kept.id: kept.key for kept in server.predictions.kept}
    assert all(candidate.takes(by_id[shadow.id]) for shadow in server.predictions.shadows)


def test_without_a_key_the_prediction_says_whether_it_is_shadowed(server) -> None:
    begin(server, share=0.5)
    for _ in range(20):
        server.predict()
    taken = [kept.id for kept in server.predictions.kept if server.champion.trials.candidate.takes(kept.id)]
    assert 0 < len(taken) < 20
    until(lambda: [shadow.id for shadow in server.predictions.shadows] == taken)


def test_refused_requests_are_not_shadowed(server, row) -> None:
    begin(server)
    assert server.predict({**row, "age": "x"}).status_code == 422
    server.predict()
    until(lambda: server.predictions.shadows)
    assert len(server.predictions.shadows) == 1


def test_when_the_trial_is_over_nothing_more_is_shadowed(server) -> None:
    begin(server)
    server.predict()
    until(lambda: server.predictions.shadows)
    server.versions.tried = None
    server.champion.refresh()
    server.predict()
    text = server.client.get("/metrics").text
    assert len(server.predictions.shadows) == 1 and "omloop_trial_info{" not in text


def test_the_model_page_tells_the_trial(server) -> None:
    assert server.client.get("/v1/model").json()["trial"] is None
    begin(server, share=0.5)
    told = server.client.get("/v1/model").json()
    assert told["version"] == CHAMPION.version
    assert (told["trial"]["version"], told["trial"]["mode"], told["trial"]["share"]) == (SHADOW.version, "shadow", 0.5)


def test_a_log_that_fails_loses_shadows_and_nothing_else(caplog) -> None:
    """The thread goes on."""
    predictions, metrics = MemoryPredictions(), Metrics()
    shadows = Shadows(predictions, Limits(workers=2), metrics, time.time)
    found = serving_candidate()
    predictions.failing = StoreError("The disk is full.")
    shadows.offer(found, [answered("a")])
    until(lambda: "could not be recorded" in caplog.text)
    predictions.failing = None
    shadows.offer(found, [answered("b")])
    until(lambda: [shadow.id for shadow in predictions.shadows] == ["b"])
    shadows.close()


def test_while_as_many_requests_are_in_hand_as_may_run_a_shadow_waits() -> None:
    predictions, metrics = MemoryPredictions(), Metrics()
    shadows = Shadows(predictions, Limits(workers=2), metrics, time.time)
    metrics.in_flight.add(by=2)
    shadows.offer(serving_candidate(), [answered("a")])
    time.sleep(0.05)
    assert not predictions.shadows
    metrics.in_flight.add(by=-1)
    until(lambda: predictions.shadows)
    shadows.close()


def test_long_bodies_wait_only_up_to_a_bound(monkeypatch) -> None:
    monkeypatch.setattr(module, "WAITING_BYTES", 10)
    metrics = Metrics()
    shadows = Shadows(MemoryPredictions(), Limits(workers=2), metrics, time.time)
    shadows.offer(serving_candidate(), [answered("a")])
    assert metrics.shadow_dropped.value(SHADOW.version) == 1


def serving_candidate() -> Candidate:
    from omloop.serve import Champion
    from omloop.testing.memories import MemoryVersions

    versions = MemoryVersions(CHAMPION)
    trial = versions.begin_trial(SHADOW, "shadow")
    champion = Champion(versions, threads=1)
    champion.refresh()
    assert champion.trials.candidate is not None and champion.trials.candidate.trial == trial
    return champion.trials.candidate


def answered(name: str) -> Work:
    body = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
    answer = b'{"version":"v","predictions":[{"id":"%b","value":44.0}]}' % name.encode()
    return Work(body, "application/json", lambda work: None, 0.0, status=200, answer=answer)
