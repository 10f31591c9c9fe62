import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.promote import Gain, MetricFunction, compare

SEEDS = st.integers(0, 2**32 - 1)
UNDEFINED = (-math.inf, math.inf)


def outputs(seed: int, rows: int, *noises: float) -> list[np.ndarray]:
    """The truth, and one array of outputs a noise."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=rows)
    return [truth, *(truth + random.normal(scale=noise, size=rows) for noise in noises)]


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@settings(max_examples=25)
@given(seed=SEEDS, rows=st.integers(2, 40))
def test_a_model_gains_nothing_over_itself(mean_error: MetricFunction, seed: int, rows: int) -> None:
    truth, same = outputs(seed, rows, 0.5)
    assert compare(mean_error, truth, same, same, seed=seed, resamples=100) == Gain(0.0, 0.0, 0.0)


@settings(max_examples=25)
@given(seed=SEEDS, rows=st.integers(0, 40), confidence=st.floats(0.5, 0.99))
def test_exchanging_the_models_turns_the_sign(r2: MetricFunction, seed: int, rows: int, confidence: float) -> None:
    truth, one, two = outputs(seed, rows, 0.5, 0.6)
    there = compare(r2, truth, one, two, seed=seed, resamples=100, confidence=confidence)
    back = compare(r2, truth, two, one, seed=seed, resamples=100, confidence=confidence)
    assert (there.low, there.high) == (-back.high, -back.low)
    assert there.value == -back.value or math.isnan(there.value)


def test_a_gain_is_positive_for_the_better_model_whichever_way_the_metric_points(
    r2: MetricFunction, mean_error: MetricFunction
) -> None:
    truth, good, bad = outputs(1, 400, 0.3, 0.6)
    for metric in (r2, mean_error):
        gain = compare(metric, truth, good, bad, seed=1, resamples=200)
        assert 0 < gain.low < gain.value < gain.high


def test_the_same_seed_gives_the_same_interval_and_another_seed_another(r2: MetricFunction) -> None:
    truth, one, two = outputs(1, 100, 0.5, 0.5)
    first, again, other = (compare(r2, truth, one, two, seed=seed, resamples=200) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_more_confidence_asks_for_a_wider_interval(r2: MetricFunction) -> None:
    truth, one, two = outputs(1, 100, 0.5, 0.5)
    narrow, wide = (compare(r2, truth, one, two, seed=1, resamples=500, confidence=share) for share in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_interval_is_that_of_the_mean_where_theory_knows_it(mean_error: MetricFunction) -> None:
    """The difference of mean errors is a mean: its interval is 1.96 standard errors to either side, to 10 %."""
    truth, one, two = outputs(3, 500, 0.5, 0.5)
    gains = np.abs(truth - two) - np.abs(truth - one)
    half = 1.96 * gains.std() / np.sqrt(500)
    gain = compare(mean_error, truth, one, two, seed=3)
    assert gain.value == pytest.approx(gains.mean())
    assert [gain.low, gain.high] == pytest.approx([gains.mean() - half, gains.mean() + half], abs=0.2 * half)


def test_batches_of_draws_are_only_a_matter_of_memory(r2: MetricFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    truth, one, two = outputs(1, 50, 0.5, 0.5)
    whole = compare(r2, truth, one, two, seed=1, resamples=300)
    monkeypatch.setattr("omloop.promote.bootstrap._DRAWS_AT_ONCE", 50 * 100)
    assert compare(r2, truth, one, two, seed=1, resamples=300) == whole


def test_classes_are_compared_by_their_probabilities(accuracy: MetricFunction) -> None:
    truth = np.arange(300) % 3
    right, wrong = np.eye(3)[truth], np.eye(3)[(truth + 1) % 3]
    assert compare(accuracy, truth, right, wrong, seed=1, resamples=100) == Gain(1.0, 1.0, 1.0)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_have_no_gain(r2: MetricFunction, rows: int) -> None:
    gain = compare(r2, *outputs(1, rows, 0.5, 0.5), seed=1)
    assert math.isnan(gain.value) and (gain.low, gain.high) == UNDEFINED


def test_a_metric_that_is_not_defined_has_no_gain(r2: MetricFunction) -> None:
    gain = compare(r2, np.ones(50), np.zeros(50), np.full(50, 2.0), seed=1)
    assert math.isnan(gain.value) and (gain.low, gain.high) == UNDEFINED


def test_draws_without_a_metric_widen_the_interval(r2: MetricFunction) -> None:
    """One row in 30 differs: every third draw leaves it out, and r2 is not defined there."""
    truth = np.zeros(30)
    truth[0] = 1.0
    gain = compare(r2, truth, truth + 0.1, truth + 0.2, seed=1, resamples=200)
    assert gain.value > 0 and (gain.low, gain.high) == UNDEFINED


def test_rows_that_repeat_count_once(mean_error: MetricFunction) -> None:
    """Each row four times: the interval is that of the distinct rows, and half as wide where nobody says so."""
    truth, one, two = outputs(2, 150, 0.5, 0.5)
    distinct = compare(mean_error, truth, one, two, seed=1)
    again, names = np.repeat(np.stack([truth, one, two]), 4, axis=1), np.repeat(np.arange(150), 4)
    named, nameless = (compare(mean_error, *again, seed=1, clusters=n) for n in (names, None))
    assert (named.low, named.high) == pytest.approx((distinct.low, distinct.high))
    assert nameless.high - nameless.low < 0.6 * (named.high - named.low)


def test_clusters_of_unlike_sizes_are_drawn_whole(mean_error: MetricFunction) -> None:
    """One cluster holds half of the rows: the gain hangs on whether it is drawn."""
    truth = np.zeros(40)
    one, two = np.r_[np.zeros(20), np.ones(20)], np.r_[np.ones(20), np.zeros(20)]
    gain = compare(mean_error, truth, one, two, seed=1, clusters=np.r_[np.zeros(20), np.arange(1, 21)])
    assert gain.value == 0 and gain.low < -0.5 and gain.high > 0.3


@pytest.mark.parametrize("freedom", [2.5, pytest.param(3.0, marks=pytest.mark.slow)])
def test_errors_with_heavy_tails_promote_no_more_noise(r2: MetricFunction, freedom: float) -> None:
    """Equal models under noise of few degrees of freedom: at most 5 % are found better at a confidence of 0.93."""
    better = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        signal = random.normal(size=400)
        truth = signal + random.standard_t(freedom, 400)
        one, two = (signal + 0.5 * random.standard_t(freedom, 400) for _ in range(2))
        better += compare(r2, truth, one, two, seed=seed, resamples=200, confidence=0.93).low > 0
    assert better <= 10
