"""Whether the labels that came say that the model got worse: a sequential alarm with a guaranteed mean run length.

After Shin, Ramdas and Rinaldo (2022), "E-detectors: a nonparametric framework for sequential change detection". Errors
x lie between 0 and 1: 0 or 1 for classes, a share of a fixed bound for numbers. As long as each has a mean of at most
m, whatever came before it, the wealth of a bet 1 + b (x - m) does not grow on average. The sum over all beginnings of
the wealth of who began to bet there (Shiryaev and Roberts) then grows by 1 a label on average at most, and so does a
mean of such sums over several b. It takes `mean_run` labels on average, or more, to reach `mean_run`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from omloop.core import DataError

MEAN_RUN = 100_000
"""Labels between two false alarms, on average, at least."""

CONFIDENCE = 0.95
"""How sure it is that the error before any change is not above what `highest_mean` gives."""

ODDS = (1.5, 2.0, 3.0, 6.0)
"""By how much the odds of an error may have grown: each is one bet, the best one for that growth."""


@dataclass(frozen=True)
class Rise:
    """Whether the error rose within some labels: at which one that was sure, and from which one on; None for neither.

    Labels count from 0. `evidence` is that of the last label, as a share of what rings.
    """

    labels: int
    rang: int | None
    since: int | None
    evidence: float

    @property
    def rings(self) -> bool:
        """Whether the error rose beyond doubt."""
        return self.rang is not None


def find_rise(errors: NDArray[Any], highest: float, *, mean_run: float = MEAN_RUN) -> Rise:
    """Look for the label from which on the mean error is above `highest`; errors from 0 to 1, the oldest first.

    All labels since the version began to serve must be given, each time: nothing is remembered. Without a change it
    takes `mean_run` labels on average, or more, to ring, if `highest` is `highest_mean` of the errors in the test;
    labels may depend on each other as long as none has a higher mean, whatever came before. Raises DataError for errors
    beyond 0 and 1.

    >>> chance = np.random.default_rng(0)
    >>> find_rise(chance.random(2000) < 0.1, highest=0.12).rings
    False
    >>> found = find_rise(chance.random(1000) < np.repeat([0.1, 0.3], 500), highest=0.12)
    >>> found.since, found.rang
    (499, 535)
    """
    errors = np.asarray(errors, np.float64)
    if len(errors) and not 0 <= errors.min() <= errors.max() <= 1:  # false for NaN too
        raise DataError(f"Errors must lie from 0 to 1, but these reach from {errors.min():g} to {errors.max():g}.")
    if not len(errors) or highest >= 1:
        return Rise(len(errors), None, None, 0.0)
    wealth = np.cumsum(np.log1p(_bets(highest)[:, None] * (errors - highest)), axis=1)
    begun = -np.pad(wealth[:, :-1], ((0, 0), (1, 0)))
    sums = wealth + np.logaddexp.accumulate(begun, axis=1)
    evidence = np.logaddexp.reduce(sums, axis=0) - np.log(len(sums)) - np.log(mean_run / CONFIDENCE)
    rang = int(np.argmax(evidence >= 0))
    last = float(np.exp(min(evidence[-1], 0.0)))
    if evidence[rang] < 0:
        return Rise(len(errors), None, None, last)
    best = int(sums[:, rang].argmax())
    return Rise(len(errors), rang, int(begun[best, : rang + 1].argmax()), last)


def highest_mean(errors: NDArray[Any], confidence: float = CONFIDENCE) -> float:
    """The highest mean that goes with independent errors from 0 to 1: an upper confidence limit.

    Errors that are all 0 or 1 have Clopper and Pearson's (1934). Others have that of a bet: of the means m at which
    capital, put on errors below m, has not grown to 1 / (1 - confidence) (Waudby-Smith and Ramdas 2024, "Estimating
    means of bounded random variables by betting"). Both hold for any number of errors.

    >>> round(highest_mean(np.repeat([0, 1], [90, 10])), 3), highest_mean(np.array([]))
    (0.164, 1.0)
    """
    errors = np.asarray(errors, np.float64)
    wrong, rows = int(errors.sum()), len(errors)
    if wrong == rows:
        return 1.0
    if np.isin(errors, (0, 1)).all():
        return float(betaincinv(wrong + 1, rows - wrong, confidence))
    low, high = float(errors.mean()), 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _capital(errors, middle) < -np.log(1 - confidence) else (low, middle)
    return high


def _bets(highest: float) -> NDArray[np.float64]:
    """The bet that is best for each growth of the odds (Kelly): then 1 + b (x - m) is the ratio of the likelihoods."""
    odds = np.array(ODDS) * highest / (1 - highest)
    return np.asarray((odds / (1 + odds) - highest) / (highest * (1 - highest)))


def _capital(errors: NDArray[np.float64], mean: float) -> float:
    """The logarithm of what became of 1, put in equal parts on bets of several sizes that errors lie below `mean`."""
    bets = 0.5 ** np.arange(10)
    return float(np.logaddexp.reduce(np.log1p(bets[:, None] * (mean - errors)).sum(axis=1)) - np.log(len(bets)))
