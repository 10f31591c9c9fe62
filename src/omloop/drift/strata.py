"""Whether labels come for answers at random, and the tested error of each kind of answer.

Labels that come for some answers rather than others say nothing of the mean error. The remedy is to compare each with
the error of answers like it (post-stratification). This assumes that labels within a stratum come at random. If they
depend on the truth, as when frauds come sooner than the rest, only waiting for all of them helps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from omloop.bundle import Stratum
from omloop.core import NumberArray
from omloop.drift.error_rise import highest_mean

CELLS = 4
"""Strata of a class by the hint, at most: more tell hints apart better, and each knows its error from fewer rows."""
LEAST = 50
"""Rows of a stratum; classes with fewer are one together."""

LEVEL = 0.01
"""The chance of taking labels that come at random for uneven ones."""

EVEN = 0.8
"""A stratum counts as labelled as well as another if its share of labels is this much of the other's."""

FEW = 0.2
"""It distrusts a stratum with less than this of the largest share: whoever chose so few knew more than the answer."""

AGES = (0, 250, 500, 1000, 2000, 4000, 8000)
"""How many predictions to wait for labels to come evenly."""

RECENT = 500
"""The newest predictions that count must have labels as evenly as all."""

PATIENCE = 5000
"""Before this many predictions it does not know whether the other labels will still join uneven ones."""

MOST = 0.99
"""The share of labels that have come once an answer is old enough."""


@dataclass(frozen=True)
class CountedLabels:
    """The positions of the predictions whose labels count, in their order of counting.

    They are older than the `age` newest predictions; None while it is unknown how long to wait. `by_stratum` says to
    compare each with the error of its stratum.
    """

    rows: NDArray[np.int64]
    age: int | None
    by_stratum: bool = False


def strata_of(
    answers: NumberArray, hints: NumberArray, errors: NumberArray, names: Sequence[str] = ()
) -> tuple[Stratum, ...]:
    """The strata of answers of one class, by their hints in cells of equal mass; all arrays of shape (n,).

    `answers` are classes as places in `names`, or all 0 for numbers; errors lie from 0 to 1.

    >>> answers, hints = np.repeat([0, 1], 100), np.linspace(0.5, 1, 200)
    >>> found = strata_of(answers, hints, 1 - hints, ("a", "b"))
    >>> [(stratum.answer, stratum.rows, round(stratum.tested, 2)) for stratum in found]
    [('a', 50, 0.44), ('a', 50, 0.31), ('b', 50, 0.19), ('b', 50, 0.06)]
    """
    answers = np.asarray(answers, np.int64)
    counts = np.bincount(answers, minlength=max(1, len(names)))
    own = np.flatnonzero(counts >= LEAST).tolist()
    groups = [(names[one] if names else "", answers == one) for one in own]
    rare = ~np.isin(answers, own)
    return tuple(
        stratum
        for name, rows in [*groups, ("", rare)]
        if rows.any()
        for stratum in _by_hint(name, np.asarray(hints, np.float64)[rows], np.asarray(errors, np.float64)[rows])
    )


def stratum_of(
    strata: Sequence[Stratum], answers: NumberArray, hints: NumberArray, names: Sequence[str] = ()
) -> NDArray[np.int64]:
    """The place of each answer's stratum."""
    known = {stratum.answer for stratum in strata}
    other = "" if "" in known else strata[-1].answer  # of a class that was not in the test part
    words = [name if name in known else other for name in names] or [other]
    found, begun = np.zeros(len(hints), np.int64), set[str]()
    for place, stratum in enumerate(strata):
        rows = np.array([word == stratum.answer for word in words])[np.asarray(answers, np.int64)]
        found[rows & (np.asarray(hints) >= stratum.low) if stratum.answer in begun else rows] = place
        begun.add(stratum.answer)
    return found


def errors_of(strata: Sequence[Stratum], places: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The highest and the tested mean error of each answer's stratum, for judging answers together; shape (n,).

    By chance some strata tested too low and some too high. So it lowers the upper limits until the mean of all has the
    confidence that each had. Variances of independent means add up; their roots do not.

    >>> two = [Stratum("", 0.0, 0.5, 100, 0.1, 0.2), Stratum("", 0.5, 1.0, 100, 0.1, 0.2)]
    >>> errors_of(two, np.array([0, 1, 1, 0]))[0].round(3).tolist(), errors_of(two, np.array([1]))[0].tolist()
    ([0.171, 0.171, 0.171, 0.171], [0.2])
    """
    highest, tested = np.array([[stratum.highest, stratum.tested] for stratum in strata]).T
    doubts = np.bincount(places, minlength=len(strata)) * (highest - tested)
    together = float(np.sqrt((doubts**2).sum()) / doubts.sum()) if doubts.any() else 1.0
    return (tested + together * (highest - tested))[places], tested[places]


def label_shares(labelled: NDArray[np.bool_], strata: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """The share of the answers of each stratum that have a label; NaN for a stratum without answers."""
    answers = np.bincount(strata, minlength=count)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(strata[labelled], minlength=count) / answers)


def come_evenly(labelled: NDArray[np.bool_], strata: NDArray[np.int64]) -> bool:
    """Whether the share of labels does not depend on the stratum, by a chi-squared test, or by little.

    >>> come_evenly(np.tile([True, False], 50), np.repeat([0, 1], 50))
    True
    >>> come_evenly(np.repeat([True, False], 50), np.repeat([0, 1], 50))
    False
    """
    answers = np.bincount(strata)
    there, answers = np.bincount(strata[labelled], minlength=len(answers))[answers > 0], answers[answers > 0]
    share = there.sum() / max(1, answers.sum())
    if len(answers) < 2 or share in (0, 1) or (there / answers).min() >= EVEN * (there / answers).max():
        return True
    distance = float(((there - share * answers) ** 2 / answers).sum()) / (share * (1 - share))
    return bool(chdtrc(len(answers) - 1, distance) >= LEVEL)


def choose_labels(strata: NDArray[np.int64], came: NDArray[np.float64]) -> CountedLabels:
    """Which of the newest predictions' labels count, and whether against the error of their strata.

    For n predictions, the oldest first, `strata` are the indices of their strata. `came` says how many predictions the
    log had when the label came, NaN without a label. If labels come evenly, all count as they come. Else answers wait
    until answers of their age have labels evenly. If they never do, each counts against its stratum.
    """
    labelled = ~np.isnan(came)
    for age in AGES:
        rows = len(came) - age
        spans = (slice(rows), slice(max(0, rows - RECENT), rows))
        if rows > 0 and all(come_evenly(labelled[span], strata[span]) for span in spans):
            return CountedLabels(np.flatnonzero(labelled[:rows]), age)
    if len(came) < PATIENCE:
        return CountedLabels(np.zeros(0, np.int64), None)
    old = np.flatnonzero(labelled[: len(came) - PATIENCE // 2])
    age = int(np.quantile(came[old] - old, MOST)) if len(old) else 0
    rows = max(0, len(came) - age)
    shares = label_shares(labelled[:rows], strata[:rows], int(strata.max()) + 1)
    believed = shares >= FEW * np.nanmax(shares)
    return CountedLabels(np.flatnonzero(labelled[:rows] & believed[strata[:rows]]), age, by_stratum=True)


def _by_hint(answer: str, hints: NDArray[np.float64], errors: NDArray[np.float64]) -> list[Stratum]:
    cells = max(1, min(CELLS, len(hints) // LEAST))
    edges = np.unique(np.quantile(hints, np.arange(1, cells) / cells, method="inverted_cdf"))
    cell = np.searchsorted(edges[edges < hints.max()], hints, side="left")
    found = [(hints[cell == one], errors[cell == one]) for one in np.unique(cell).tolist()]
    return [
        Stratum(answer, float(hint.min()), float(hint.max()), len(error), float(error.mean()), highest_mean(error))
        for hint, error in found
    ]
