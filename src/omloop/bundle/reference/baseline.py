"""How often, or how far, a version was wrong before it served: the baseline for its live error.

An error is what `Output.errors` gives for one answer: 0 or 1 for classes, the distance from the truth for numbers. A
hint is what `Output.hints` gives: an answer's own indication of its error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Estimate, NumberArray

TYPICAL = 0.99
"""The quantile of the errors that bounds one: one in a hundred counts for less than it was."""


@dataclass(frozen=True)
class Calibration:
    """The error by hint, on examples that the model did not learn from, in cells of equal mass.

    Each cell has the mean of its hints, which grows from cell to cell, and the number of its examples. It also has the
    mean and the variance of their errors.
    """

    hints: tuple[float, ...]
    counts: tuple[int, ...]
    means: tuple[float, ...]
    variances: tuple[float, ...]


@dataclass(frozen=True)
class Stratum:
    """Answers of one class, or all if `answer` is empty, with a hint from `low` to `high`, and their error so far.

    `tested` is the mean of the bounded errors of `rows` examples that the model did not learn from. `highest` is its
    upper confidence limit.
    """

    answer: str
    low: float
    high: float
    rows: int
    tested: float
    highest: float

    @property
    def told(self) -> str:
        """The stratum in words."""
        between = f"{self.low:.3g}" if self.low == self.high else f"{self.low:.3g} to {self.high:.3g}"
        return f"'{self.answer}' (sure by {between})" if self.answer else f"answers with a hint of {between}"


@dataclass(frozen=True)
class Baseline:
    """The error on the test part: its mean with a 95 % interval, over `rows` examples, and its name.

    `scale` bounds an error, which limits how much a single one counts; `highest` is the upper confidence limit of the
    mean of bounded errors. `calibration` estimates the error of answers without labels; if it is None, `problem` says
    why. `strata` have the error of answers by class and hint, each class by growing hints; they are empty for versions
    of an older omloop. `dispersion` says how many labels count as one independent label, if errors resemble their
    neighbours in time. It is None without an order of time, or with too few examples.
    """

    error: str
    rows: int
    tested: Estimate
    scale: float
    highest: float
    calibration: Calibration | None = None
    problem: str = ""
    strata: tuple[Stratum, ...] = ()
    dispersion: float | None = None

    def bound_errors(self, errors: NumberArray) -> NDArray[np.float64]:
        """Errors as shares of `scale`, from 0 to 1."""
        return bound_errors(errors, self.scale)


def bound_errors(errors: NumberArray, scale: float) -> NDArray[np.float64]:
    """Errors as shares of `scale`; those beyond it count as 1."""
    return np.minimum(np.asarray(errors, np.float64) / scale, 1.0)


def scale_of(errors: NumberArray) -> float:
    """The bound on errors: the one that 99 of 100 do not exceed, or else the largest; 1 without errors.

    >>> scale_of(np.array([0, 0, 1])), scale_of(np.zeros(5)), scale_of(np.arange(101.0))
    (1.0, 1.0, 99.0)
    """
    found = np.quantile(errors, [TYPICAL, 1.0], method="inverted_cdf") if len(errors) else np.zeros(2)
    return float(next((value for value in found if value > 0), 1.0))
