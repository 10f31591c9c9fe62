import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.bundle import Answers
from omloop.serve import Champion, Limits, Metrics
from omloop.serve.answer.predict import Predict
from omloop.serve.answer.recording import LogHealth
from omloop.serve.answer.work import Work
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["f", "m"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["hours", "age", "sex", "x"]), inner),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def serving():
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    champion.refresh()
    return champion.serving


def predict(predictions=None):
    predictions = predictions or MemoryPredictions()
    return Predict(
        predictions,
        Limits(),
        Metrics(),
        new_id=lambda: "p",
        clock=lambda: 7.0,
        recording=LogHealth(predictions, strict=True),
    )


def answered(serving, *contents, media_type="application/json", predictions=None):
    """What becomes of bodies that are answered together."""
    works = [Work(content, media_type, done=lambda work: None, arrived=0.0) for content in contents]
    predict(predictions).answer(serving, works)
    return [(work.status, json.loads(work.answer)) for work in works]


def body(*rows):
    return json.dumps({"rows": rows}).encode()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["hours", "age", "sex", "x"]), VALUES) | VALUES, max_size=3))
def test_any_json_is_either_answered_or_refused(serving, rows):
    """Nothing is ever raised, whatever is sent."""
    ((status, answer),) = answered(serving, body(*rows))
    assert status in (400, 422) if "error" in answer else len(answer["predictions"]) == len(rows)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/csv"]))
def test_any_bytes_are_refused(serving, content, media_type):
    ((status, _),) = answered(serving, content, media_type=media_type)
    assert status in (400, 422)


def test_the_record_carries_the_time_of_the_clock(serving, row):
    predictions = MemoryPredictions()
    answered(serving, body(row), predictions=predictions)
    assert [(kept.id, kept.time, kept.inputs) for kept in predictions.kept] == [("p", 7.0, row)]


def test_each_of_several_requests_gets_its_own_answer(serving, row):
    """Whoever shares a run with a bad request does not notice."""
    older = {**row, "age": 21}
    first, bad, both = answered(serving, body(row), b"{", body(older, row))
    assert [one["value"] for one in first[1]["predictions"]] == [44.0]
    assert bad[0] == 400
    assert [one["value"] for one in both[1]["predictions"]] == [46.0, 44.0]


@pytest.mark.parametrize("same", [True, False], ids=["the same version", "another version"])
def test_what_was_found_of_a_body_when_it_came_is_used_by_the_version_that_looked_alone(serving, row, same):
    """Another version may read bodies otherwise: the champion can change while a request waits."""
    seen = []
    reader = replace(serving, read=lambda *given: (seen.append(given[2:]), serving.read(*given[:2]))[1])
    work = Work(body(row), "application/json", done=lambda work: None, arrived=0.0)
    work.opened, work.weighed_by = "found", reader if same else serving
    predict().answer(reader, [work])
    assert (work.status, seen) == (200, [("found",)] if same else [()])


def broken(serving, *outputs):
    """The serving version with a model that answers `outputs` whatever it is asked; one row alone gets the first."""

    class Broken:
        def run(self, examples):
            return Answers(np.array(outputs[: len(examples)]), None)

    return replace(serving, session=Broken())


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_a_model_that_answers_no_finite_number_has_not_answered(serving, row, nothing):
    """Told by row, and not recorded as if it were a prediction."""
    predictions = MemoryPredictions()
    ((status, answer),) = answered(broken(serving, 1.0, nothing), body(row, row), predictions=predictions)
    assert (status, answer["error"]["field"]) == (500, "rows[1]")
    assert predictions.kept == []


def test_a_request_that_breaks_a_run_breaks_it_for_itself_alone(serving, row):
    """Each of those that shared the run is answered again by itself."""
    predictions = MemoryPredictions()
    found = answered(broken(serving, 1.0, np.nan), body(row, row), body(row), predictions=predictions)
    assert [status for status, _ in found] == [500, 200]
    assert len(predictions.kept) == 1


def test_a_bug_is_told_by_its_name_alone(serving, row, caplog):
    class Buggy:
        def run(self, examples):
            raise ZeroDivisionError("a secret")

    ((status, answer),) = answered(replace(serving, session=Buggy()), body(row))
    assert (status, answer["error"]["id"]) == (500, "p")
    assert "secret" not in json.dumps(answer)
    assert "fault p" in caplog.text
