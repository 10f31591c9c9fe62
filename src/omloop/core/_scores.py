"""How good a model is, and what was decided by that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from omloop.core._data import PartUse

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Parity:
    """How far the packaged model's answers are from the original's, over batches of several sizes.

    `largest` and `mean` are absolute differences of outputs; `relative` is the largest difference divided by the
    largest absolute output of the original (1 for probabilities); `agreement` is the share of answers that agree.
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
    """A measured number with its 95 % confidence interval; NaN where it is not defined."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}]" if self.defined else "not defined"

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
