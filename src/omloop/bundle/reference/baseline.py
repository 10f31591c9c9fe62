"""How often, or how far, a version was wrong before it served: what labels and guesses of its error are held against.

An error is what `Output.errors` gives of one answer: 0 or 1 for classes, the distance from the truth for numbers. A
hint is what `Output.hints` gives: what an answer itself says of its error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Estimate, NumberArray

TYPICAL = 0.99
"""The quantile of the errors that bounds one: one in a hundred counts for less than it was."""


@dataclass(frozen=True)
class Calibration:
    """The error by hint, on examples that were not learned from, in cells of equal mass.

    Each cell has the mean of its hints, which grows from cell to cell, the number of its examples, the mean of their
    errors and the variance of these.
    """

    hints: tuple[float, ...]
    counts: tuple[int, ...]
    means: tuple[float, ...]
    variances: tuple[float, ...]


@dataclass(frozen=True)
class Stratum:
    """Answers of one class, or all where `answer` is empty, with a hint from `low` to `high`, and their error so far.

    `tested` is the mean of the bounded errors of `rows` examples that were not learned from, `highest` its upper
    confidence limit.
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
    """The error on the test part: its mean with a 95 % interval, over `rows` examples, and what it is called.

    `scale` bounds an error, so that a single one counts for so much and no more; `highest` is the upper confidence
    limit of the mean of bounded errors. `calibration` guesses the error of answers without labels; where it is None,
    `problem` says why nothing can. `strata` tell the error of answers apart by class and hint, those of a class after
    each other by growing hints; empty where an older omloop packaged the version. `dispersion` says as how many labels
    one counts, where errors resemble those next to them in time; None where no order of time is known, or
    too few examples are.
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
    """What bounds errors: the one that 99 of 100 do not exceed, or else the largest; 1 where there are none.

    >>> scale_of(np.array([0, 0, 1])), scale_of(np.zeros(5)), scale_of(np.arange(101.0))
    (1.0, 1.0, 99.0)
    """
    found = np.quantile(errors, [TYPICAL, 1.0], method="inverted_cdf") if len(errors) else np.zeros(2)
    return float(next((value for value in found if value > 0), 1.0))
