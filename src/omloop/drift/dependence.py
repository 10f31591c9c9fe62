"""How much successive errors resemble each other: how many labels it takes to count as one independent label.

The dispersion is the variance of sums over neighbours, as a multiple of that of independent errors: 1 or more. Rows
that all come five times have 5. If the test part has an order of time, it is known before the first label. omloop also
learns it from labels in their order, again and again. Each time it uses only the labels before, so the same labels give
the same answer, whoever asks.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, chdtri, ndtr

FIRST = 384
"""Labels before the first estimate of the dispersion; until then it assumes `UNLEARNED`."""

UNLEARNED = 4.0
"""As if every row came four times. A long stretch of hard rows at the very beginning can look like a worse model."""

UNSEEN = 2.0
"""The same, at least, where the test part told how much errors depend on each other."""

SURE = 1000
"""From this many labels on, it believes a dispersion of 1. With fewer, n, the dispersion is at least SURE / n."""

GROWTH = 1.25
"""It learns again whenever the number of labels has grown by this factor."""

WINDOWS = (8, 32, 128, 512, 2048)
"""Numbers of neighbours to sum. Anything that lasts longer than the largest is a change, not dependence."""

SETTLED = 2048
"""From this many labels on, it compares them with their own mean; before, with that of the test part."""

SIGN, SIGN_BEFORE = 0.05, 0.02
"""The chance of taking independent errors for dependent ones, for each window: of labels, of the test part."""

CAUTION = 0.9
"""If there is a sign of dependence: the confidence that the dispersion is not too low."""


def learned_dispersions(
    residuals: NDArray[np.float64], doubt: float, known: float | None = None
) -> tuple[list[int], list[float]]:
    """Which dispersion to assume from which label on; residuals, of shape (n,), are errors minus the tested ones.

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
    """The dispersion of all these, cautiously; 1 without a sign of any.

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
    """The dispersion of all examples in the order of time, cautiously, from the known errors of some.

    `places` are where in that order the known ones stand; both have shape (n,). In blocks of w neighbours the errors of
    two differ from independence by their mean correlation r; the sum of all w then has the dispersion 1 + (w - 1) r
    (Kish 1965, "Survey Sampling", the design effect of clusters). Without a sign of any it is 1, or None if fewer than
    `SURE` examples could have shown it.

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
