"""Estimates the error of answers without labels, if there is no concept drift: a hint means the same error as before.

The method is confidence-based performance estimation (Guillory et al. 2021, "Predicting with confidence on unseen
distributions"; Garg et al. 2022, "Leveraging unlabeled data to predict out-of-distribution performance"). Each live
answer counts with the mean error of answers with such a hint on the validation part. The estimate sees drift to inputs
where the model is less sure. It does not see a change in the truth of an input.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from omloop.bundle import Baseline, Calibration
from omloop.bundle.reference.baseline import bound_errors, scale_of
from omloop.core import DataError, Estimate, NumberArray, number_text
from omloop.drift.dependence import thinned_dispersion
from omloop.drift.error_rise import SIGMAS, highest_mean
from omloop.drift.strata import strata_of

CELLS = 10
"""Cells of hints: more would follow the error closer, and each would know it from fewer rows."""
LEAST_ROWS = 100
"""Rows of the validation part, so that each cell has ten."""
LEVEL = 0.01
"""The chance of accepting hints that say nothing of the error."""
REFUTED = 1.5
"""Half intervals beyond which the test part refutes a guess: about three standard deviations."""


def baseline_of(
    error: str,
    *,
    tested: tuple[NumberArray, NumberArray],
    validated: tuple[NumberArray, NumberArray],
    answers: tuple[NumberArray, NumberArray] | None = None,
    names: Sequence[str] = (),
    places: NDArray[np.int64] | None = None,
) -> Baseline:
    """The baseline from (hints, errors) of the test part and of the validation part; `error` is the name for errors.

    `answers` are the answered classes of both parts, as indices into `names`; None for numbers. `places` are the
    positions of both parts' examples in the order of time; None if unknown.

    The validation part calibrates, and the test part checks the calibration. If it fails, `problem` says why. Raises
    DataError for an empty test part.
    """
    hints, errors = tested
    if not len(errors):
        raise DataError("The test part is empty, so there is no error to compare with. Give it some records.")
    scale = scale_of(errors)
    calibration, problem = _checked(*validated, hints, errors)
    every = [np.concatenate(both) for both in zip(tested, validated, strict=True)]
    bounds = bound_errors(every[1], scale)
    classes = np.concatenate(answers) if answers else np.zeros(len(every[0]), np.int64)
    return Baseline(
        error=error,
        rows=len(errors),
        tested=mean_with_interval(errors),
        scale=scale,
        highest=highest_mean(bound_errors(errors, scale)),
        calibration=calibration,
        problem=problem,
        strata=strata_of(classes, every[0], bounds, names),
        dispersion=None if places is None else thinned_dispersion(bounds, places),
    )


def mean_with_interval(errors: NumberArray) -> Estimate:
    """The mean of one error or more with its 95 % interval: exact for 0 and 1, by the normal limit for others.

    >>> print(mean_with_interval(np.repeat([0, 1], [90, 10])))
    0.100 [0.049, 0.176]
    """
    if np.isin(errors, (0, 1)).all():
        low, high = 1 - highest_mean(1 - np.asarray(errors), 0.975), highest_mean(errors, 0.975)
        return Estimate(float(np.mean(errors)), low, high)
    return _estimate(float(np.mean(errors)), float(np.var(errors)) / len(errors))


def calibrate(hints: NumberArray, errors: NumberArray) -> Calibration:
    """The error by hint, in cells of equal mass; both of shape (n,), one example at least.

    >>> calibrate(np.array([0.6, 0.9]), np.array([1.0, 0.0])).means
    (1.0, 0.0)
    """
    places = np.arange(1, CELLS) / CELLS
    edges = np.unique(np.quantile(hints, places, method="inverted_cdf"))
    edges = edges[edges < np.max(hints)]
    cells = np.searchsorted(edges, hints, side="left")
    of = [np.asarray(errors, np.float64)[cells == cell] for cell in range(len(edges) + 1)]
    return Calibration(
        hints=tuple(float(hints[cells == cell].mean()) for cell in range(len(of))),
        counts=tuple(len(found) for found in of),
        means=tuple(float(found.mean()) for found in of),
        variances=tuple(float(found.var()) for found in of),
    )


def estimate_error(calibration: Calibration, hints: NumberArray) -> Estimate:
    """The mean error of answers with these hints, if only the frequency of each hint changed.

    The 95 % interval is for the error that labels of these answers would show. It includes the uncertainty of the
    calibration and the answers' own chance. Raises DataError for no answers.
    """
    if not len(hints):
        raise DataError("There are no answers whose error could be estimated. Give one at least.")
    counts, means, variances = map(np.asarray, (calibration.counts, calibration.means, calibration.variances))
    shares = _shares(np.asarray(calibration.hints), np.asarray(hints, np.float64))
    doubt = float((shares**2 * variances / counts).sum() + max(0.0, (shares * variances).sum()) / len(hints))
    return _estimate(max(0.0, float(shares @ means)), doubt)


def _checked(
    hints: NumberArray, errors: NumberArray, test_hints: NumberArray, test_errors: NumberArray
) -> tuple[Calibration | None, str]:
    """The calibration, or why there is none: few rows, hints that say nothing, a guess that the test part refutes."""
    if len(errors) < LEAST_ROWS:
        return None, f"the validation part has {len(errors)} rows, and it takes {LEAST_ROWS}"
    calibration = calibrate(hints, errors)
    if _p_value(calibration) >= LEVEL:
        return None, "the model's answers say nothing of their own error"
    guess, found = estimate_error(calibration, test_hints), float(np.mean(test_errors))
    if abs(found - guess.value) > REFUTED * (guess.high - guess.value):
        return None, f"on the test part it would have said {guess}, and {number_text(found, guess.size)} was true"
    return calibration, ""


def _shares(cells: NDArray[np.float64], hints: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much each cell counts for these hints: a hint between two cells belongs to both, the nearer one more.

    Beyond the outermost cells the line goes on, for as far as the two outermost are apart.
    """
    if len(cells) == 1:
        return np.ones(1)
    left = np.clip(np.searchsorted(cells, hints) - 1, 0, len(cells) - 2)
    place = np.clip((hints - cells[left]) / (cells[left + 1] - cells[left]), -1, 2)
    shares = np.bincount(left, 1 - place, len(cells)) + np.bincount(left + 1, place, len(cells))
    return np.asarray(shares / len(hints))


def _p_value(calibration: Calibration) -> float:
    """Of the hypothesis that the mean error is the same in every cell: a chi-squared test of the cells' means."""
    counts, means, variances = map(np.asarray, (calibration.counts, calibration.means, calibration.variances))
    whole = float(counts @ means) / counts.sum()
    within = float(counts @ (variances + (means - whole) ** 2)) / counts.sum()
    if len(counts) < 2 or within == 0:
        return 1.0
    return float(chdtrc(len(counts) - 1, float(counts @ (means - whole) ** 2) / within))


def _estimate(mean: float, variance: float) -> Estimate:
    half = SIGMAS * variance**0.5
    return Estimate(mean, max(0.0, mean - half), mean + half)
