"""How much more the counts of buckets differ than by chance alone: 1 for independent rows.

Rows that repeat, or resemble the one before, carry less information than their number says. A mean over them varies
`dispersion` times as much as one over independent rows. Buckets in the order of time show it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

Numbers = NDArray[np.float64]
Limit = Callable[[Numbers, Numbers], Numbers]

LEAST_BUCKETS = 4
"""Fewer buckets than this tell nothing of how much they differ."""
_RARE = 1.0  # a cell that is expected to hold fewer rows of a bucket tells too little
_SPECIAL = 2  # unseen and absent, at the end of each column's cells
_HERMITE: tuple[Callable[[Numbers], Numbers], ...] = (lambda x: x, lambda x: x**2 - 1, lambda x: x**3 - 3 * x)
ONE_SIDED = 1.645
"""Standard errors to a limit that lies on one side with a chance of 95 %."""
_BEYOND_THREE = 0.00135  # the chance that a normal number is more than three standard deviations too large
_SMALLEST = 1e-3  # of a variance ratio whose logarithm is taken: cells that never vary have none
_TAIL = 7.0
"""How many times its variance to add to the logarithm of an estimated variance.

The square of Student's quantile at f degrees of freedom is that of the normal one, z², times 1 + (z² + 1) / (2 f)
(Abramowitz and Stegun, 1964, 26.7.5). The logarithm of a variance of f degrees has the variance 2 / f, so that is (z² +
1) / 4 times it. At the chance of 1e-7 (z = 5.2) it is 7; one test of a watch of a hundred columns must fall below that
chance. For 40 buckets it makes exp(14 / 39), 1.4.
"""


def dispersions(buckets: Sequence[NumberArray], scores: Sequence[NumberArray | None]) -> Numbers:
    """The dispersion of each column, at least 1, from its counts of shape (buckets, cells) in the order of time.

    It is the largest of several variances between buckets, each divided by that of independent rows. The first are of
    the means of the first three Hermite polynomials of the score, for a column with a score for each of its cells.
    Location, spread and skewness may each vary by themselves, as when volatility clusters. The next is of the cells, on
    average. The last are of each of the last two cells (unseen and absent). These are the variance of batch means
    (Alexopoulos and Seila 1998, Handbook of Simulation, chapter 7) and Pearson's dispersion (McCullagh and Nelder 1989,
    section 4.5).

    All but the last shrink towards their mean over the columns, as far as chance explains that columns differ
    (empirical Bayes on logarithms; Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3, 3). A column's own estimate counts if
    it stands out. Because all are estimates, each is raised until a normal tail covers Student's. Slow changes show
    only between wide buckets, so it repeats this with four buckets together. There are few of those, so it takes the
    lower 95 % limit. With fewer than four buckets the dispersion is 1.

    >>> draws = np.random.default_rng(0).multinomial(50, [0.25] * 4, 400)
    >>> bool(dispersions([draws], [None])[0] < 1.2), bool(4.5 < dispersions([5 * draws], [None])[0] < 6)
    (True, True)
    """
    found = np.ones(len(buckets))
    for width, least, limit in _WIDTHS:
        wide = [_together(np.asarray(counts), width) for counts in buckets]
        if wide and len(wide[0]) >= least:
            found = np.maximum(found, _between(wide, scores, limit))
    return found


def dispersion_of_means(means: NumberArray) -> float:
    """The dispersion of buckets' means of several numbers together, at least 1; shape (buckets, numbers).

    They are uncorrelated and of variance 1 if rows are independent. It is the mean of their variances between buckets,
    or the largest if one stands out, with the limits of `dispersions`.

    >>> dispersion_of_means(2 * np.random.default_rng(0).normal(size=(400, 5))) > 3.5
    True
    """
    found = 1.0
    for width, least, limit in _WIDTHS:
        wide = _together(np.asarray(means, np.float64), width) / np.sqrt(width)
        if len(wide) >= least and wide.shape[1]:
            freedom, ratios = len(wide) - 1, wide.var(axis=0, ddof=1)
            many = freedom * len(ratios)
            average = limit(np.log(ratios.mean(keepdims=True)), np.array([max(2 / many, _unequal(ratios, freedom))]))
            alone = limit(np.log(ratios), np.full(len(ratios), 2 / freedom))
            found = max(
                found, float(average[0]), float(alone[stands_out(ratios, freedom, len(ratios))].max(initial=1.0))
            )
    return found


def _unequal(ratios: Numbers, freedom: int) -> float:
    """The variance of the logarithm of one variance ratio, as far as they differ by more than chance explains.

    Then the largest decide, and each is known only from its own `freedom` numbers, not from those of all.
    """
    chance = 2 / freedom
    differ = float(np.log(np.maximum(ratios, _SMALLEST)).var(ddof=1)) if len(ratios) > 1 else 0.0
    return chance * max(0.0, 1 - chance / max(chance, differ))


def _between(buckets: Sequence[NumberArray], scores: Sequence[NumberArray | None], limit: Limit) -> Numbers:
    freedom = len(buckets[0]) - 1
    cells = [_of_cells(counts) for counts in buckets]
    of_cells = np.array([ratios.mean() if len(ratios) else 1.0 for ratios, _ in cells])
    found = _shrunk(of_cells, freedom * np.array([max(1, len(ratios) - 1) for ratios, _ in cells]), limit)
    scored = [index for index, score in enumerate(scores) if score is not None]
    for polynomial in _HERMITE:
        of_score = np.array([_of_score(buckets[index], polynomial(np.asarray(scores[index]))) for index in scored])
        found[scored] = np.maximum(found[scored], _shrunk(of_score, np.full(len(scored), freedom), limit))
    special = np.array([ratios.max(initial=1.0) for _, ratios in cells])
    return np.asarray(np.maximum(found, np.where(stands_out(special, freedom), special, 1.0)))


def inflate_variance(logs: Numbers | float, variance: Numbers | float) -> Numbers:
    """A variance, from its estimated logarithm and that one's variance, raised until a normal tail covers Student's."""
    return np.exp(logs + _TAIL * variance)


def _lowered(logs: Numbers, variance: Numbers) -> Numbers:
    return np.exp(logs - ONE_SIDED * np.sqrt(variance))


_WIDTHS = ((1, LEAST_BUCKETS, inflate_variance), (4, 2 * LEAST_BUCKETS, _lowered))  # buckets, the fewest, the limit


def _together(counts: NumberArray, width: int) -> NumberArray:
    whole = len(counts) // width * width
    return np.asarray(counts[:whole].reshape(-1, width, counts.shape[1]).sum(axis=1))


def _of_cells(counts: NumberArray) -> tuple[Numbers, Numbers]:
    """Each cell's variance between buckets by the binomial one, of all cells that are not rare, and of special ones."""
    share, rows = counts.sum(axis=0) / max(1, counts.sum()), counts.sum(axis=1, keepdims=True)
    usual = share * (1 - share) * rows.mean()
    told = (share * rows.mean() >= _RARE) & (usual > 0)
    ratios = np.divide(((counts - share * rows) ** 2).sum(axis=0) / (len(counts) - 1), usual, where=told, out=usual)
    return ratios[told], ratios[-_SPECIAL:][told[-_SPECIAL:]]


def _of_score(counts: NumberArray, scores: Numbers) -> float:
    """The variance of the buckets' mean score, divided by that of independent rows; it skips cells without a score."""
    scored = counts[:, : len(scores)]
    rows, total = scored.sum(axis=1), scored.sum(axis=0)
    centred = scores - np.average(scores, weights=total) if total.any() else scores
    usual = float((total * centred**2).sum())  # the sum over buckets of what each would vary by
    return float(((scored @ centred) ** 2).sum() * len(rows) / (len(rows) - 1) / usual) if usual else 1.0


def _shrunk(ratios: Numbers, freedom: NDArray[np.int64], limit: Limit) -> Numbers:
    """Limits of variance ratios with these degrees of freedom, shrunk towards each other on logarithms."""
    if not len(ratios):
        return ratios
    chance, many = 2 / freedom, len(ratios)
    logs = np.log(np.maximum(ratios, _SMALLEST)) + 1 / freedom  # the mean of such a logarithm is -1 / freedom
    differ = 0.0
    if many > 1:
        differ = max(0.0, float(logs.var(ddof=1) - chance.mean() * (1 + ONE_SIDED * np.sqrt(2 / (many - 1)))))
    own = differ / (differ + chance)
    found = limit(own * logs + (1 - own) * logs.mean(), own * chance + (1 - own) * chance / many)
    return np.asarray(np.where(stands_out(ratios / found, freedom), limit(logs, chance), found))


def stands_out(ratios: Numbers, freedom: NDArray[np.int64] | int, among: int = 1) -> NDArray[np.bool_]:
    """Which variance ratios are beyond what chance makes of 1: by three standard errors, or more among many."""
    errors = NormalDist().inv_cdf(1 - _BEYOND_THREE / among)
    return np.asarray(ratios > np.exp(errors * np.sqrt(2 / freedom)))
