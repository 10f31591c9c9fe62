import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.serve import Champion, Limits, Metrics, Refusal
from omloop.serve.predict import Predict
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
    return Predict(predictions or MemoryPredictions(), Limits(), Metrics(), new_id=lambda: "p", clock=lambda: 7.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["hours", "age", "sex", "x"]), VALUES) | VALUES, max_size=3))
def test_any_json_is_either_answered_or_refused(serving, rows):
    """Nothing else is ever raised, whatever is sent."""
    try:
        answer = json.loads(predict().answer(serving, json.dumps({"rows": rows}).encode(), "application/json"))
        assert len(answer["predictions"]) == len(rows)
    except Refusal as refusal:
        assert refusal.status in (400, 422)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/csv"]))
def test_any_bytes_are_refused(serving, content, media_type):
    with pytest.raises(Refusal) as refused:
        predict().answer(serving, content, media_type)
    assert refused.value.status in (400, 422)


def test_the_record_carries_the_time_of_the_clock(serving, row):
    predictions = MemoryPredictions()
    predict(predictions).answer(serving, json.dumps({"rows": [row]}).encode(), "application/json")
    assert [(kept.id, kept.time) for kept in predictions.kept] == [("p", 7.0)]


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
def test_a_model_that_answers_no_finite_number_has_not_answered(serving, row, nothing):
    """Told by row, and not recorded as if it were a prediction."""

    class Broken:
        def predict(self, examples):
            return np.array([1.0, nothing])

    predictions = MemoryPredictions()
    content = json.dumps({"rows": [row, row]}).encode()
    with pytest.raises(Refusal) as refused:
        predict(predictions).answer(replace(serving, session=Broken()), content, "application/json")
    assert (refused.value.status, refused.value.field) == (500, "rows[1]")
    assert predictions.kept == []
