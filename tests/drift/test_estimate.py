"""The error without labels: right where only the inputs moved, refused where it would be a guess."""

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.core import DataError
from omloop.drift import baseline_of, calibrate, estimate_error, mean_with_interval

Told = tuple[NDArray[np.float64], NDArray[np.float64]]


def answers(rows: int, seed: int, *, sure: float = 5.0, right: float = 0.0) -> Told:
    """Confidences and errors of answers that are as often right as they say, or more often by `right`."""
    draw = np.random.default_rng(seed)
    confidence = 0.5 + draw.beta(sure, 1.5, rows) / 2
    return confidence, np.asarray(draw.random(rows) > confidence + right, np.float64)


def test_a_drift_to_unsure_answers_is_estimated_within_its_interval() -> None:
    baseline = baseline_of("error rate", tested=answers(2000, 1), validated=answers(2000, 2))
    assert baseline.calibration is not None and baseline.problem == ""
    covered = 0
    for seed in range(40):
        hints, errors = answers(500, 100 + seed, sure=1.0)
        guess = estimate_error(baseline.calibration, hints)
        covered += guess.low <= errors.mean() <= guess.high
        assert guess.value > baseline.tested.high
    assert covered >= 35


def test_answers_that_are_better_than_they_say_are_calibrated() -> None:
    calibration = calibrate(*answers(4000, 1, right=0.1))
    hints, errors = answers(4000, 2, right=0.1)
    assert estimate_error(calibration, hints).value == pytest.approx(errors.mean(), abs=0.02)


def test_hints_that_say_nothing_give_no_estimate() -> None:
    draw = np.random.default_rng(0)
    hints, errors = draw.random((2, 1000))
    found = baseline_of("mean absolute error", tested=(hints, errors), validated=(hints, errors))
    assert found.calibration is None and found.problem == "the model's answers say nothing of their own error"


def test_an_estimate_that_the_test_part_refutes_is_not_given() -> None:
    found = baseline_of("error rate", tested=answers(2000, 1, right=-0.2), validated=answers(2000, 2))
    assert found.calibration is None and "on the test part it would have said" in found.problem


def test_a_short_validation_part_is_told() -> None:
    found = baseline_of("error rate", tested=answers(500, 1), validated=answers(50, 2))
    assert found.problem == "the validation part has 50 rows, and it takes 100"


def test_a_larger_number_may_be_further_off() -> None:
    draw = np.random.default_rng(3)
    small, large = draw.uniform(0, 1, 2000), draw.uniform(0.7, 1, 500)
    calibration = calibrate(small, small * draw.random(2000))
    guess = estimate_error(calibration, large)
    assert guess.low <= 0.85 / 2 <= guess.high


def test_nothing_cannot_be_estimated() -> None:
    with pytest.raises(DataError, match="Give one at least"):
        estimate_error(calibrate(*answers(100, 1)), np.zeros(0))
    with pytest.raises(DataError, match="The test part is empty"):
        baseline_of("error rate", tested=(np.zeros(0), np.zeros(0)), validated=answers(100, 1))


def test_the_interval_of_right_and_wrong_is_exact() -> None:
    assert mean_with_interval(np.zeros(50)).high == pytest.approx(1 - 0.025 ** (1 / 50))
    assert mean_with_interval(np.ones(50)).low == pytest.approx(0.025 ** (1 / 50))
