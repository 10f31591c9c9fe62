"""The case that a gate judges: the answers of two models to the same rows, and facts about these rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError, NumberArray, PartUse


class MetricFunction(Protocol):
    """A function that says how well outputs fit the truth, as one number; NaN where that has no value."""

    @property
    def name(self) -> str:
        """What people call it, such as `r2`."""

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger number is a better one."""

    def __call__(self, truth: NumberArray, outputs: NumberArray) -> float:
        """The metric of `outputs`, shape (n,) or (n, classes), against `truth`, shape (n,)."""


@dataclass(frozen=True)
class Case:
    """The case that a gate judges: the outputs of `candidate` and `champion` for the same rows, and their `truth`.

    `truth` has shape (n,), outputs (n,) or (n, classes). `slices` maps a grouping to one group name a row, shape (n,).
    Where no champion exists yet, `champion` holds the outputs of the baseline and `opponent` says so. `theirs` is the
    metric as the champion decides, where it decides otherwise, as with another threshold. `others` are metrics that
    floors name beside `metric`. A candidate that costs less may lose up to `allowed` of the metric, and need not gain.
    Raises DataError when the lengths differ.

    Dependent rows, such as equal ones or those of one person, share a name in `clusters`, shape (n,), and count as one.
    `keys`, shape (n,), name the rows themselves. `earlier`, if given, are the uses of test rows by decisions against
    the same champion, oldest first. `version` is the candidate's name.
    """

    metric: MetricFunction
    truth: NumberArray
    candidate: NumberArray
    champion: NumberArray
    seed: int
    opponent: Literal["champion", "baseline"] = "champion"
    slices: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    theirs: MetricFunction | None = None
    others: tuple[MetricFunction, ...] = ()
    allowed: float = 0.0
    clusters: NDArray[np.generic] | None = None
    keys: NDArray[np.str_] | None = None
    earlier: tuple[PartUse, ...] = ()
    version: str = ""

    def __post_init__(self) -> None:
        given = {"candidate": self.candidate, self.opponent: self.champion, **self.slices}
        for name, values in {**given, "clusters": self.clusters, "keys": self.keys}.items():
            if values is not None and len(values) != len(self.truth):
                counts = f"{len(self.truth)} truths but {len(values)} rows of '{name}'"
                raise DataError(f"The gate got {counts}. Give both the same rows.")

    def only(self, rows: NDArray[np.bool_]) -> Case:
        """The same case on some of its rows; booleans of shape (n,)."""
        slices = {name: np.asarray(values)[rows] for name, values in self.slices.items()}
        truth, candidate, champion = self.truth[rows], self.candidate[rows], self.champion[rows]
        clusters, keys = (None if names is None else np.asarray(names)[rows] for names in (self.clusters, self.keys))
        return replace(
            self, truth=truth, candidate=candidate, champion=champion, slices=slices, clusters=clusters, keys=keys
        )

    @property
    def units(self) -> int:
        """How many rows count: those of one cluster are one."""
        return len(self.truth) if self.clusters is None else len(np.unique(self.clusters))
