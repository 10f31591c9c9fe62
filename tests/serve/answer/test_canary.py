"""A version on trial as a canary: real servers, both ways."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from omloop.core import PROBE_KEY
from omloop.serve import Limits
from omloop.serve.version.trials import ERRORS, Candidate
from omloop.testing.bundles import tiny_bundle

CHAMPION, CANARY = tiny_bundle(1.0), tiny_bundle(2.0)
KEYS = [f"caller-{number}" for number in range(60)]


@pytest.fixture(params=["short", "long"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def begin(server, share=1.0):
    server.versions.begin_trial(CANARY, "canary", share)
    server.champion.refresh()
    return server.champion.trials.candidate


def ask(server, key=None, row=None):
    headers = {"X-Caller-Key": key} if key else {}
    body = {"rows": [row or server.champion.serving.example]}
    return server.client.post("/v1/predict", json=body, headers=headers)


def failing(server, error=None):
    """Make the version on trial raise at every answer, or answer nothing finite."""

    class Fails:
        def run(self, examples):
            if error is not None:
                raise error
            answers = real.run(examples)
            return answers._replace(outputs=np.full_like(answers.outputs, np.nan))

    trials = server.champion.trials
    real = trials.candidate.serving.session
    trials.candidate = Candidate(trials.candidate.trial, replace(trials.candidate.serving, session=Fails()))


def test_its_callers_and_no_others_are_answered_by_the_canary_each_time(server) -> None:
    candidate = begin(server, 0.3)
    first, second = ({key: ask(server, key).json()["version"] for key in KEYS} for _ in range(2))
    assert first == second
    assert {key for key in KEYS if first[key] == CANARY.version} == {key for key in KEYS if candidate.takes(key)}
    assert {*first.values()} == {CHAMPION.version, CANARY.version}


def test_what_it_answers_is_recorded_under_its_version_as_any_prediction(server) -> None:
    before = ask(server).json()["predictions"][0]["value"]
    begin(server)
    answer = ask(server).json()
    assert answer["predictions"][0]["value"] == 2 * before
    kept = server.predictions.kept[-1]
    assert (kept.id, kept.version) == (answer["predictions"][0]["id"], CANARY.version)
    assert f'omloop_predictions_total{{version="{CANARY.version}"}} 1\n' in server.client.get("/metrics").text


@pytest.mark.parametrize("key", [None, PROBE_KEY])
def test_without_a_key_of_its_own_each_request_is_drawn_by_itself(server, key) -> None:
    """A load test has one key for all it sends, and is no caller."""
    begin(server, 0.5)
    assert {ask(server, key).json()["version"] for _ in range(40)} == {CHAMPION.version, CANARY.version}


@pytest.mark.parametrize("error", [RuntimeError("broken"), None], ids=["it raises", "it answers no number"])
def test_where_the_canary_fails_the_champion_answers(server, error) -> None:
    right = ask(server).json()["predictions"][0]["value"]
    begin(server)
    failing(server, error)
    answer = ask(server)
    assert (answer.status_code, answer.json()["version"]) == (200, CHAMPION.version)
    assert answer.json()["predictions"][0]["value"] == right
    (failure,) = server.predictions.shadows
    assert failure.id == server.predictions.kept[-1].id == answer.json()["predictions"][0]["id"]
    assert (failure.version, failure.output) == (CANARY.version, None)
    assert f'omloop_canary_errors_total{{version="{CANARY.version}"}} 1\n' in server.client.get("/metrics").text


def test_after_a_few_failures_the_canary_is_stopped_at_once_and_then_for_all(server, caplog) -> None:
    begin(server)
    failing(server, RuntimeError("broken"))
    with caplog.at_level(logging.ERROR, "omloop.serve"):
        assert [ask(server).status_code for _ in range(ERRORS + 4)] == [200] * (ERRORS + 4)
    text = server.client.get("/metrics").text
    assert f'omloop_canary_errors_total{{version="{CANARY.version}"}} {ERRORS}\n' in text
    assert f'omloop_refused_trial{{version="{CANARY.version}"}} 1\n' in text
    assert caplog.text.count("is stopped: it failed 3 times where the champion answered") == 1
    told = server.client.get("/v1/model").json()["trial"]
    assert told["runs"] is False and "failed 3 times" in told["problem"]["reason"]
    server.champion.refresh()
    assert server.versions.tried is None


def test_what_the_champion_refuses_too_is_not_the_fault_of_the_canary(server) -> None:
    begin(server)
    for _ in range(ERRORS + 1):
        answer = ask(server, row={"hours": 1, "age": "old", "sex": "m"})
        assert answer.status_code == 422
        assert answer.json()["error"]["field"] == "rows[0].age"
    assert server.champion.trials.candidate is not None
    assert "omloop_canary_errors_total{" not in server.client.get("/metrics").text


def test_a_log_that_fails_is_not_the_fault_of_the_canary(server) -> None:
    begin(server)
    server.predictions.failing = OSError("full")
    assert [ask(server).status_code for _ in range(ERRORS + 1)] == [503] * (ERRORS + 1)
    assert server.champion.trials.candidate is not None


@pytest.mark.parametrize("inline_s", [0.0, 1.0], ids=["in threads", "on the event loop"])
def test_what_queues_together_is_answered_by_the_version_of_each(serve_with, inline_s) -> None:
    """Many at once: each answer is right for the version that it names, and each caller meets its own."""
    with serve_with(limits=Limits(workers=2, inline_s=inline_s)) as server:
        right = {CHAMPION.version: ask(server).json()["predictions"][0]["value"]}
        candidate = begin(server, 0.5)
        right[CANARY.version] = 2 * right[CHAMPION.version]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda key: (key, ask(server, key).json()), KEYS * 5))
        for key, answer in answers:
            assert answer["version"] == (CANARY.version if candidate.takes(key) else CHAMPION.version)
            assert answer["predictions"][0]["value"] == right[answer["version"]]


def test_a_trial_that_ends_while_requests_wait_fails_none(serve_with) -> None:
    with serve_with(limits=Limits(workers=1, inline_s=0.0)) as server, ThreadPoolExecutor(8) as pool:
        begin(server, 0.5)
        answers = [pool.submit(ask, server, key) for key in KEYS]
        server.versions.tried = None
        server.champion.refresh()
        assert {answer.result().status_code for answer in answers} == {200}


def test_a_caller_of_another_servers_address_meets_the_same_version(serve_with) -> None:
    with serve_with(compat=("mlflow",)) as server:
        candidate = begin(server, 0.3)
        row = server.champion.serving.example
        for key in KEYS[:20]:
            server.client.post("/invocations", json={"dataframe_records": [row]}, headers={"X-Caller-Key": key})
        for kept in server.predictions.kept:
            assert kept.version == (CANARY.version if candidate.takes(kept.key or "") else CHAMPION.version)
        assert len({kept.version for kept in server.predictions.kept}) == 2
