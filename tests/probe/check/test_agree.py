from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.probe import agrees

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.dictionaries(st.text(), inner),
    max_leaves=8,
)
ANGRY = {"label": "angry", "probabilities": {"angry": 0.5001, "calm": 0.4999}}


@given(JSON)
def test_everything_agrees_with_itself(value: Any) -> None:
    assert agrees(value, value)


@given(st.floats(min_value=-1e6, max_value=1e6), st.floats(min_value=2e-3, max_value=10.0))
def test_a_number_may_not_be_far_off(value: float, by: float) -> None:
    assert not agrees(value + by * max(1.0, abs(value)), value)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (ANGRY | {"id": "18c4", "tokens": 7}, True),
        ({"label": "calm", "probabilities": {"angry": 0.4999, "calm": 0.5001}}, True),
        ({"label": "angry", "probabilities": {"angry": 0.9, "calm": 0.1}}, False),
        ({"label": "angry"}, False),
        ({}, False),
        (None, False),
        ("angry", False),
        ({"probabilities": {"angry": "0.5001", "calm": 0.4999}}, False),
        ({"probabilities": {"angry": True, "calm": 0.4999}}, False),
    ],
)
def test_classes_are_compared_by_their_probabilities(answer: Any, right: bool) -> None:
    assert agrees(answer, ANGRY) is right
