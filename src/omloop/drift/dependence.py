"""How much errors that follow each other resemble each other: as how many labels of its own kind one label counts.

The dispersion is the variance of sums over neighbours, as a multiple of that of independent errors: 1 or more. Rows
that all come five times have 5. It is known before the first label where the test part has an order of time. It is
learned from labels in their order, again and again, each time only from those that were there before: the same labels
give the same answer whoever asks.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, chdtri, ndtr

FIRST = 384
"""Labels before the dispersion is learned for the first time; `UNLEARNED` is assumed until then."""

UNLEARNED = 4.0
"""As if every row came four times. A long stretch of hard rows at the very beginning can look like a worse model."""

UNSEEN = 2.0
"""The same, at least, where the test part told how much errors depend on each other."""

SURE = 1000
"""Labels from which on a dispersion of 1 is believed; with n of them, fewer, it is SURE / n at least."""

GROWTH = 1.25
"""It is learned anew whenever there are so many times the labels."""

WINDOWS = (8, 32, 128, 512, 2048)
"""Neighbours whose sums are looked at. What holds on for longer than the last is a change, and no dependence."""

SETTLED = 2048
"""Labels from which on they are compared with their own mean, and with that of the test part before."""

SIGN, SIGN_BEFORE = 0.05, 0.02
"""The chance that independent errors are taken for dependent ones, for each window: of labels, of the test part."""

CAUTION = 0.9
"""How sure it is, where there is a sign of dependence, that the dispersion is not underestimated."""


def learned_dispersions(
    residuals: NDArray[np.float64], doubt: float, known: float | None = None
) -> tuple[list[int], list[float]]:
    """From which label on which dispersion is to be assumed; residuals, of shape (n,), are errors less those tested.

    `doubt` is the variance of the tested mean itself, `known` the dispersion that the test part had.
    """
    checks, found = [0], [UNLEARNED if known is None else max(known, UNSEEN)]
    check = FIRST
    while check < len(residuals):
        checks.append(check)
        found.append(max(dispersion_of(residuals[:check], doubt), SURE / check if known is None else known))
        check = int(GROWTH * check)
    return checks, found


def dispersion_of(residuals: NDArray[np.float64], doubt: float) -> float:
    """The dispersion of all these, cautiously; 1 where there is no sign of any.

    The sums of overlapping windows are those of Bartlett's estimate of a long-run variance. Their mean square has about
    1.5 n / w degrees of freedom, less for errors of heavy tails.

    >>> chance = np.random.default_rng(0)
    >>> dispersion_of(chance.normal(size=4000), 0.0), dispersion_of(np.repeat(chance.normal(size=800), 5), 0.0) > 4
    (1.0, True)
    """
    rows, settled = len(residuals), len(residuals) >= SETTLED
    if settled:
        residuals, doubt = residuals - residuals.mean(), 0.0
    variance = float(residuals @ residuals) / rows
    if variance == 0:
        return 1.0
    tails = max(0.0, float((residuals**4).mean()) / variance**2 - 3)
    sums, highest, sign = np.concatenate([[0.0], np.cumsum(residuals)]), 1.0, False
    for window in WINDOWS:
        if window > rows // 4:  # a variance of fewer than four sums tells nothing
            break
        squares = float(np.mean((sums[window:] - sums[:-window]) ** 2)) / window
        ratio = squares / variance / (1 - window / rows if settled else 1)
        freedom = 1.5 * rows / window / (1 + tails / window / 2) - settled
        sign |= bool(chdtrc(freedom, freedom * ratio / (1 + window * doubt / variance)) < SIGN)
        highest = max(highest, ratio * freedom / float(chdtri(freedom, CAUTION)))
    return highest if sign else 1.0


def thinned_dispersion(errors: NDArray[np.float64], places: NDArray[np.int64]) -> float | None:
    """The dispersion of all examples in the order of time, cautiously, from the errors of some that are known.

    `places` are where in that order the known ones stand; both have shape (n,). In blocks of w neighbours the errors of
    two differ from independence by their mean correlation r; the sum of all w then has the dispersion 1 + (w - 1) r
    (Kish 1965, "Survey Sampling", the design effect of clusters). Without a sign of any it is 1, or None where fewer
    than `SURE` examples could have shown it.

    >>> chance = np.random.default_rng(0)
    >>> places = np.sort(chance.permutation(10_000)[:2000])
    >>> thinned_dispersion(chance.normal(size=2000), places)
    1.0
    >>> thinned_dispersion(np.repeat(chance.normal(size=200), 50)[places], places) > 50
    True
    """
    rows = len(errors)
    residuals = errors - errors.mean() if rows else errors
    total, span = float(residuals @ residuals), int(np.ptp(places)) + 1 if rows else 0
    highest, sign = 1.0, False
    for window in (window for window in WINDOWS if total and window <= span // 4):
        products = pairs = 0.0
        for start in (0, window // 2):
            blocks = (places - places.min() + start) // window
            counts, sums = np.bincount(blocks), np.bincount(blocks, residuals)
            products, pairs = products + float(sums @ sums) - total, pairs + float(counts @ (counts - 1))
        if pairs:
            # Each pair is there twice, and in blocks that begin at two places: pairs / 4 products are left of it.
            alike = products / pairs / (total / rows) + 1 / rows
            sign |= bool(ndtr(-alike * (pairs / 4) ** 0.5) < SIGN_BEFORE)
            freedom = 1.5 * span / window
            highest = max(highest, 1 + (window - 1) * alike * freedom / float(chdtri(freedom, CAUTION)))
    return highest if sign else 1.0 if rows >= SURE else None
