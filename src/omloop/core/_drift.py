"""What drift detection found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Movement:
    """How one observed column moved: the smallest p-value of its tests times their number, and its size.

    `distance` is the population stability index over the reference's cells. It is an effect size and never the verdict.
    `effects` are other effect sizes by name, such as `shift`, in standard deviations.
    """

    column: str
    p_value: float
    distance: float
    moved: bool
    effects: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Alarm:
    """Drift, told after the bucket numbered `bucket`, counted from 0: which columns moved, the surest first.

    Behind the columns come those that moved together. It rang in a window of the last `buckets` buckets. The drift
    began about with the bucket `since`. `level` is what a column's p-value had to be below.
    """

    bucket: int
    buckets: int
    since: int
    columns: tuple[Movement, ...]
    level: float


@dataclass(frozen=True)
class Drift:
    """Whether live rows differ from the reference, and in which columns, the most moved first."""

    rows: int
    columns: tuple[Movement, ...]
    level: float

    @property
    def moved(self) -> bool:
        """Whether any column moved."""
        return any(column.moved for column in self.columns)
