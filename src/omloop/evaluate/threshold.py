"""What a metric would be at other decision thresholds of two classes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Metric, NumberArray

POINTS = 99
"""Thresholds that are tried, at even steps of 0.01."""


@dataclass(frozen=True)
class Thresholds:
    """A metric at some thresholds of the class `about`, shape (n,); also the threshold in force `now`, and the `best`.

    The scores come from the rows of the `part`.
    """

    metric: str
    about: str
    values: NDArray[np.float64]
    scores: NDArray[np.float64]
    now: float
    score_now: float
    best: float
    score: float
    part: str = "validation"


def scores_by_threshold(
    score: Callable[[float], Metric], truth: NumberArray, outputs: NumberArray, *, about: str, now: float
) -> Thresholds | None:
    """The metric that `score` gives for each threshold of the class `about`; None where it has no value at any of them.

    Among equal scores, the middle of the longest run is best: a threshold at its edge is there by luck. Do not choose
    on the rows that judge the model; omloop chooses on the validation part (Provost, AAAI Workshop on Imbalanced Data,
    2000).
    """
    values = np.arange(1, POINTS + 1) / (POINTS + 1)
    metrics = [score(float(value)) for value in values]
    scores = np.array([one(truth, outputs) for one in metrics])
    gains = scores if metrics[0].higher_is_better else -scores
    if not np.isfinite(gains).any():
        return None
    best = values[_middle_of_longest(gains >= np.nanmax(gains))]
    return Thresholds(
        metric=metrics[0].name,
        about=about,
        values=values,
        scores=scores,
        now=now,
        score_now=score(now)(truth, outputs),
        best=float(best),
        score=float(scores[values == best][0]),
    )


def _middle_of_longest(chosen: NDArray[np.bool_]) -> int:
    """The place in the middle of the longest run of true ones.

    >>> _middle_of_longest(np.array([True, False, True, True, True, False]))
    3
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    longest = int((ends - starts).argmax())
    return int(starts[longest] + ends[longest] - 1) // 2
