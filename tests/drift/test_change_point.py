import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.drift import moved_since


def test_the_first_moved_row_is_found() -> None:
    draw = np.random.default_rng(0)
    reference = Reference.of({"age": draw.normal(20, 2, 5000)}, {"age": ()})
    for start in (100, 400, 900):
        live = np.concatenate([draw.normal(20, 2, start), draw.normal(23, 2, 1000 - start)])
        assert abs(moved_since(reference.columns["age"], live) - start) <= 10


def test_what_moved_before_the_window_has_no_beginning_in_it() -> None:
    reference = Reference.of({"sex": np.array([0.0, 1.0] * 500)}, {"sex": ("f", "m")})
    assert moved_since(reference.columns["sex"], np.array([1.0] * 300)) == 0


def test_more_rounds_find_the_same_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(1)
    age = Reference.of({"age": draw.normal(size=5000)}, {"age": ()}).columns["age"]
    for shift in (0.5, 1.0, 2.0) * 10:
        live = np.concatenate([draw.normal(size=500), draw.normal(shift, 1, 500)])
        found = moved_since(age, live)
        with monkeypatch.context() as longer:
            longer.setattr("omloop.drift.change_point.STEPS", 20)
            assert moved_since(age, live) == found
