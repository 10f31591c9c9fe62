"""How good a model is, and the decisions about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from omloop.core._data import PartUse
from omloop.core._numbers import number_text


@dataclass(frozen=True)
class Parity:
    """How far the packaged model's answers are from the original's, over batches of several sizes.

    `largest` and `mean` are absolute differences of outputs. `relative` is the largest difference divided by the
    largest absolute output of the original (1 for probabilities). `agreement` is the share of answers that agree.
    """

    rows: int
    batches: tuple[int, ...]
    largest: float
    mean: float
    relative: float
    agreement: float
    tolerance: float

    @property
    def verified(self) -> bool:
        """Whether the packaged model may stand for the original."""
        return self.relative <= self.tolerance


@dataclass(frozen=True)
class Estimate:
    """A measured number with its 95 % confidence interval; NaN if it, or the interval, is unknown.

    >>> print(Estimate(0.8614, 0.84, 0.88), Estimate(13.98, 13.124, 14.778), Estimate(0.0003, -0.02, 0.021))
    0.861 [0.840, 0.880] 14.0 [13.1, 14.8] 0.000 [-0.020, 0.021]
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if not self.defined:
            return "not defined"
        value, low, high = (number_text(number, self.size) for number in (self.value, self.low, self.high))
        return value if math.isnan(self.low) else f"{value} [{low}, {high}]"

    @property
    def size(self) -> float:
        """The size of the number, or half its interval if that is larger; it decides the printed digits."""
        half = (self.high - self.low) / 2
        return max(abs(self.value), half) if math.isfinite(half) else abs(self.value)

    @property
    def defined(self) -> bool:
        """Whether there is a number at all."""
        return math.isfinite(self.value)


@dataclass(frozen=True)
class Report:
    """What a model scored on one part of the data; `slices` is grouping -> group -> metric."""

    part: str
    rows: int
    metrics: Mapping[str, Estimate]
    slices: Mapping[str, Mapping[str, Mapping[str, Estimate]]] = field(default_factory=dict)


Verdict = Literal["better", "worse", "not enough evidence"]


@dataclass(frozen=True)
class Decision:
    """The gate's answer, with its reason in words and its evidence in numbers, and the use of test rows it made."""

    verdict: Verdict
    reason: str
    evidence: Mapping[str, float] = field(default_factory=dict)
    use: PartUse | None = field(default=None, repr=False)

    @property
    def promote(self) -> bool:
        """Whether the candidate should become champion."""
        return self.verdict == "better"
