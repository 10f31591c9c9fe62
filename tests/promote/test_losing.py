"""Whether one model keeps losing to another, looked at as often as one likes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omloop.promote import chance_of_losses
from omloop.promote.losing import SHARES

counts = st.integers(0, 5000)


@given(counts, counts)
def test_it_is_a_chance_and_more_losses_make_it_smaller(lost: int, won: int) -> None:
    chance = chance_of_losses(lost, won)
    assert 0 <= chance <= 1
    assert chance_of_losses(lost + 1, won + 1) >= 0
    if lost <= won:
        assert chance == 1


def test_whoever_loses_no_more_than_half_cannot_gain_on_average() -> None:
    """Exactly: the wealth after one more comparison, weighed by an even chance, is that before."""

    def wealth(lost: int, won: int) -> float:
        return math.fsum((2 * p) ** lost * (2 * (1 - p)) ** won for p in SHARES) / len(SHARES)

    for lost, won in ((0, 0), (3, 1), (10, 12), (40, 35)):
        assert math.isclose((wealth(lost + 1, won) + wealth(lost, won + 1)) / 2, wealth(lost, won), rel_tol=1e-12)


def test_an_equal_model_is_stopped_in_less_than_one_of_a_hundred_trials_whatever_the_looks() -> None:
    """A look after each of 2,000 comparisons, 2,000 times: at most 1 % ever show a chance of 1 %."""
    chance = np.random.default_rng(4)
    lost = np.cumsum(chance.random((2000, 2000)) < 0.5, axis=1)
    lost_at = np.arange(1, 2001)
    bets = [lost * math.log(2 * p) + (lost_at - lost) * math.log(2 * (1 - p)) for p in SHARES]
    wealth = np.logaddexp.reduce(bets, axis=0) - math.log(len(SHARES))
    stopped = (wealth.max(axis=1) >= math.log(100)).mean()
    assert 0 < stopped <= 0.01
    assert math.isclose(chance_of_losses(int(lost[0, -1]), 2000 - int(lost[0, -1])), min(1, math.exp(-wealth[0, -1])))


def test_a_model_that_loses_two_of_three_is_found_out_within_some_hundred() -> None:
    chance = np.random.default_rng(5)
    for _ in range(100):
        lost = int((chance.random(300) < 2 / 3).sum())
        assert chance_of_losses(lost, 300 - lost) < 0.01
