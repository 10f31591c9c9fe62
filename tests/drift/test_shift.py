"""The location test is as good as exact, for few rows and far out in the tail."""

import sys

import numpy as np
import pytest
from scipy.stats import binom

from omloop.bundle import Reference
from omloop.drift import shift

LARGE = 10**9


@pytest.mark.parametrize("hits", [6, 9, 12])
def test_the_tail_of_a_skewed_column_lies_between_the_two_exact_ones(hits: int) -> None:
    """Fifty draws of a word of 5 %: a discrete tail has a step at each count, and the approximation lies within it."""
    reference = np.array([0.95, 0.05]) * LARGE
    p_value = shift(reference, np.array([50 - hits, hits]), np.array([0.0, 1.0]))[1] / 2
    assert binom.sf(hits, 50, 0.05) < p_value < binom.sf(hits - 1, 50, 0.05)


def test_p_values_of_fifty_rows_without_drift_are_uniform_far_into_the_tail() -> None:
    chance = np.random.default_rng(0)
    cells = Reference.of({"x": chance.normal(size=1600)}, {"x": ()}).columns["x"]
    scores, shares = cells.scores, np.array(cells.counts[1:-2]) / 1600
    assert scores is not None
    live = chance.multinomial(50, shares, 200_000)
    p_values = shift(shares * LARGE, live, scores[1:-1])[1]
    for level in (0.1, 0.01, 0.001):
        assert (p_values < level).mean() == pytest.approx(level, rel=0.2)


def test_the_shift_is_in_standard_deviations_of_a_normal_column() -> None:
    chance = np.random.default_rng(1)
    cells = Reference.of({"x": chance.normal(size=10_000)}, {"x": ()}).columns["x"]
    live = cells.count(chance.normal(0.5, size=10_000))
    moved, p_value = shift(np.array(cells.counts[:-1]), live[:-1], cells.scores)
    assert moved == pytest.approx(0.5, abs=0.05)
    assert p_value < 1e-100


def test_a_dispersion_takes_rows_away() -> None:
    reference, live, scores = np.array([500, 500]), np.array([30, 70]), np.array([-1.0, 1.0])
    assert shift(5 * reference, 5 * live, scores, 5.0)[1] == pytest.approx(shift(reference, live, scores)[1])


@pytest.mark.parametrize(("reference", "live"), [([0, 0], [3, 4]), ([3, 4], [0, 0]), ([7, 0], [3, 0])])
def test_nothing_to_tell_apart_has_a_p_value_of_one(reference: list[int], live: list[int]) -> None:
    assert shift(np.array(reference), np.array(live), np.array([-1.0, 1.0])) == (0.0, 1.0)


def test_more_steps_towards_the_tilt_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    cells = Reference.of({"a": draw.normal(size=5000)}, {"a": ()}).columns["a"]
    live = np.stack([cells.count(draw.normal(by, 1, 40)) for by in (0.0, 0.3, 1.0, 2.0, 3.0)])[:, :-1]
    found = shift(np.array(cells.counts[:-1]), live, cells.scores)[1]
    monkeypatch.setattr(sys.modules["omloop.drift.shift"], "_STEPS", 40)  # the room has a function of that name
    np.testing.assert_allclose(shift(np.array(cells.counts[:-1]), live, cells.scores)[1], found, rtol=1e-8)
