"""The alarm on labels rings when the error rises, seldom before, and says since when."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omloop.core import DataError
from omloop.drift import find_rise, highest_mean


def stream(*parts: tuple[float, int], seed: int = 0) -> NDArray[np.float64]:
    """Errors of 0 and 1: (rate, labels) after each other."""
    rates = np.concatenate([np.full(labels, rate) for rate, labels in parts])
    return np.asarray(np.random.default_rng(seed).random(len(rates)) < rates, np.float64)


@pytest.mark.parametrize(("rate", "labels"), [(0.2, 350), (0.3, 100)])
def test_a_doubled_error_is_found_within_few_labels(rate: float, labels: int) -> None:
    """The median over 60 streams; each has a test part of 2,000 rows of its own."""
    found = []
    for seed in range(60):
        highest = highest_mean(stream((0.1, 2000), seed=1000 + seed))
        rise = find_rise(stream((0.1, 400), (rate, 2000), seed=seed), highest)
        found.append(np.inf if rise.rang is None else rise.rang - 400)
    assert np.median(found) <= labels


def test_it_rings_as_seldom_as_it_promises() -> None:
    """400,000 labels at the highest error that is none: the mean run of 5,000 would ring 80 times."""
    rings, errors = 0, stream((0.12, 400_000), seed=3)
    while len(errors):
        rise = find_rise(errors[:20_000], 0.12, mean_run=5000)
        rings += rise.rings
        errors = errors[20_000 if rise.rang is None else rise.rang + 1 :]
    assert rings <= 80


def test_since_when_is_near_the_truth() -> None:
    rises = [find_rise(stream((0.1, 600), (0.4, 400), seed=seed), 0.12) for seed in range(20)]
    assert abs(float(np.median([rise.since for rise in rises if rise.since is not None])) - 600) <= 20


def test_the_past_is_not_judged_anew_when_labels_come() -> None:
    errors = stream((0.1, 300), (0.4, 700))
    whole = find_rise(errors, 0.12)
    assert whole.rang is not None
    assert find_rise(errors[: whole.rang], 0.12).rings is False
    assert find_rise(errors[: whole.rang + 1], 0.12).rang == whole.rang


def test_a_number_that_is_further_off_is_found() -> None:
    chance = np.random.default_rng(4)
    tested, before, after = (np.abs(chance.normal(0, sd, 800)) / 3 for sd in (1, 1, 1.5))
    highest = highest_mean(np.minimum(tested, 1))
    rise = find_rise(np.minimum(np.concatenate([before, after]), 1), highest)
    assert rise.rang is not None and 800 < rise.rang < 1100


@pytest.mark.parametrize("highest", [0.12, 1.0])
def test_no_labels_and_a_model_that_is_always_wrong_do_not_ring(highest: float) -> None:
    assert not find_rise(np.zeros(0), highest).rings
    assert not find_rise(np.ones(500), 1.0).rings


def test_errors_beyond_0_and_1_are_refused() -> None:
    with pytest.raises(DataError, match="these reach from 0 to 7"):
        find_rise(np.array([0.0, 7.0]), 0.1)
    with pytest.raises(DataError, match="from 0 to 1"):
        find_rise(np.array([0.0, np.nan]), 0.1)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.01, 0.99))
def test_it_is_the_sum_over_all_beginnings(errors: list[float], highest: float) -> None:
    """The recursion of Shiryaev and Roberts, written as it stands in the paper."""
    from omloop.drift import labels

    sums = np.zeros(len(labels.ODDS))
    for error in errors:
        sums = (1 + labels._bets(highest) * (error - highest)) * (sums + 1)
    wanted = sums.mean() / (labels.MEAN_RUN / labels.CONFIDENCE)
    assert find_rise(np.array(errors), highest).evidence == pytest.approx(min(wanted, 1.0))


@pytest.mark.parametrize("kind", ["wrong", "distance"])
def test_the_highest_mean_is_above_the_true_one_as_often_as_it_says(kind: str) -> None:
    draw = np.random.default_rng(9)
    samples = draw.random((400, 200)) < 0.1 if kind == "wrong" else draw.beta(1, 9, (400, 200))
    below = np.mean([highest_mean(sample) < 0.1 for sample in samples])
    assert below <= 0.07
