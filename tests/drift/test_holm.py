"""Holm's correction keeps the order and errs on the safe side."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.drift import holm

P_VALUES = st.lists(st.floats(0, 1), max_size=10)


def test_it_gives_the_published_example() -> None:
    """The numbers of R's documentation of `p.adjust(p, "holm")` for these four."""
    assert holm([0.01, 0.02, 0.03, 0.04]) == pytest.approx([0.04, 0.06, 0.06, 0.06])


@settings(max_examples=50)
@given(P_VALUES)
def test_it_is_between_no_correction_and_bonferronis(p_values: list[float]) -> None:
    for given_, adjusted in zip(p_values, holm(p_values), strict=True):
        assert given_ <= adjusted <= min(1.0, given_ * len(p_values)) + 1e-12


@settings(max_examples=50)
@given(P_VALUES)
def test_it_keeps_the_order(p_values: list[float]) -> None:
    pairs = sorted(zip(p_values, holm(p_values), strict=True))
    assert [adjusted for _, adjusted in pairs] == sorted(adjusted for _, adjusted in pairs)
