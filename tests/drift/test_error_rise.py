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
    """The median over 60 streams of independent errors, after a thousand; each has a test part of its own."""
    found = []
    for seed in range(60):
        tested = stream((0.1, 2000), seed=1000 + seed)
        live = stream((0.1, 1000), (rate, 2000), seed=seed)
        rise = find_rise(live, highest_mean(tested), tested=tested.mean())
        found.append(np.inf if rise.rang is None else rise.rang - 1000)
    assert np.median(found) <= labels


def test_it_rings_as_seldom_as_it_promises() -> None:
    """400,000 labels at the highest error that is none: the mean run of 5,000 would ring 80 times."""
    rings, errors = 0, stream((0.12, 400_000), seed=3)
    while len(errors):
        rise = find_rise(errors[:20_000], 0.12, tested=0.12, mean_run=5000)
        rings += rise.rings
        errors = errors[20_000 if rise.rang is None else rise.rang + 1 :]
    assert rings <= 80


@pytest.mark.parametrize("kind", ["repeated", "one user after the other", "easy and hard", "numbers"])
def test_errors_that_depend_on_each_other_do_not_ring(kind: str) -> None:
    chance, rings = np.random.default_rng(8), 0
    for _ in range(20):
        tested = chance.random(1000) < 0.1
        if kind == "repeated":
            live = np.repeat(chance.random(2000) < 0.1, 7)
        elif kind == "one user after the other":
            users = chance.beta(1, 9, 50)
            tested = chance.random(1000) < chance.choice(users, 1000)
            live = chance.random(12_000) < np.repeat(chance.choice(users, 500), 24)
        elif kind == "easy and hard":
            live = chance.random(12_000) < np.resize(np.repeat([0.04, 0.16], 120), 12_000)
        else:
            noise = chance.normal(size=13_000)
            live = np.minimum(np.abs(np.convolve(noise, 0.8 ** np.arange(40))[40:12_040] * 0.6) / 2.5, 1)
            tested = np.minimum(np.abs(chance.normal(size=1000)) / 2.5, 1)
        rings += find_rise(live, highest_mean(tested), tested=float(tested.mean())).rings
    assert rings == 0


def test_what_is_dependent_is_suspected_before_it_is_sure_and_found_in_the_end() -> None:
    tested = stream((0.1, 1000), seed=1)
    live = np.repeat(stream((0.1, 1000), (0.3, 400)), 5)
    highest, mean = highest_mean(tested), float(tested.mean())
    early = find_rise(live[:5150], highest, tested=mean)
    assert early.doubtful and not early.rings and early.dispersion > 4 and early.since is None
    late = find_rise(live, highest, tested=mean)
    assert late.rings and not late.doubtful and late.since is not None and abs(late.since - 5000) < 150


def test_a_rise_that_is_over_no_longer_rings() -> None:
    live = stream((0.1, 1200), (0.4, 200), (0.05, 3000))
    assert find_rise(live[:1400], 0.12, tested=0.1).rings
    over = find_rise(live, 0.12, tested=0.1)
    assert not over.rings and over.since is None and not over.doubtful


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.02, 0.5), st.integers(50, 3000))
def test_what_rings_is_above_the_test_beyond_its_interval(seed: int, rate: float, labels: int) -> None:
    rise = find_rise(stream((0.1, 500), (rate, labels), seed=seed), 0.12, tested=0.1)
    assert not rise.rings or (rise.live is not None and rise.live.low > 0.1 and rise.tested == pytest.approx(0.1))


def test_a_model_that_is_worse_from_its_first_label_on_is_found() -> None:
    rises = [find_rise(stream((0.3, 800), seed=seed), 0.12, tested=0.1) for seed in range(20)]
    assert sum(rise.rings for rise in rises) >= 18


def test_since_when_is_near_the_truth() -> None:
    rises = [find_rise(stream((0.1, 1100), (0.4, 400), seed=seed), 0.12, tested=0.1) for seed in range(20)]
    assert abs(float(np.median([rise.since for rise in rises if rise.since is not None])) - 1100) <= 20


def test_the_past_is_not_judged_anew_when_labels_come() -> None:
    errors = stream((0.1, 1200), (0.4, 700))
    whole = find_rise(errors, 0.12, tested=0.1)
    assert whole.rang is not None
    assert find_rise(errors[: whole.rang], 0.12, tested=0.1).rings is False
    assert find_rise(errors[: whole.rang + 1], 0.12, tested=0.1).rang == whole.rang


def test_a_number_that_is_further_off_is_found() -> None:
    chance, rang = np.random.default_rng(4), []
    for _ in range(9):
        tested, before, after = (np.minimum(np.abs(chance.normal(0, sd, 1200)) / 3, 1) for sd in (1, 1, 1.5))
        rise = find_rise(np.concatenate([before, after]), highest_mean(tested), tested=float(tested.mean()))
        rang.append(rise.rang or np.inf)
    assert min(rang) > 1200 and np.median(rang) < 1500


@pytest.mark.parametrize("highest", [0.12, 1.0])
def test_no_labels_and_a_model_that_is_always_wrong_do_not_ring(highest: float) -> None:
    assert not find_rise(np.zeros(0), highest, tested=0.1).rings
    assert not find_rise(np.ones(500), 1.0, tested=1.0).rings


def test_errors_beyond_0_and_1_are_refused() -> None:
    with pytest.raises(DataError, match="these reach from 0 to 7"):
        find_rise(np.array([0.0, 7.0]), 0.1, tested=0.1)
    with pytest.raises(DataError, match="from 0 to 1"):
        find_rise(np.array([0.0, np.nan]), 0.1, tested=0.1)


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=60, max_size=90), st.floats(0.01, 0.9))
def test_it_is_the_sum_over_all_beginnings(errors: list[float], highest: float) -> None:
    """The recursion of Shiryaev and Roberts, as it stands in the paper, over all who began long enough ago."""
    from omloop.drift import error_rise as labels

    bets = labels._bets(np.array([highest]))
    gains = 1 + bets * (np.array(errors) - highest)
    begun = range(len(errors) - labels.LASTING)
    wanted = sum(gains[:, first:].prod(axis=1).mean() for first in begun) / (labels.MEAN_RUN / labels.CONFIDENCE)
    summed = labels._Bets(np.cumsum(np.log(gains), axis=1), np.log(labels.MEAN_RUN / labels.CONFIDENCE))
    assert np.exp(summed.evidence([0], [1.0])[-1]) == pytest.approx(wanted)


@pytest.mark.parametrize("kind", ["wrong", "distance"])
def test_the_highest_mean_is_above_the_true_one_as_often_as_it_says(kind: str) -> None:
    draw = np.random.default_rng(9)
    samples = draw.random((400, 200)) < 0.1 if kind == "wrong" else draw.beta(1, 9, (400, 200))
    below = np.mean([highest_mean(sample) < 0.1 for sample in samples])
    assert below <= 0.07
