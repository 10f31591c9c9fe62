"""What the alarm will see, how soon, and how often it rings for nothing: simulated on a project's own reference."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells, Reference
from omloop.drift.alarm import find_alarms, rings
from omloop.drift.false_alarms import AlarmBudget
from omloop.drift.spread import LEARNED, spread_of

Shares = dict[str, NDArray[np.float64]]

SHIFTS = (0.2, 0.3, 0.5)
"""In standard deviations. Cohen (1988) calls 0.2 a small and 0.5 a medium effect."""
ABSENT = 0.05
"""The share of rows where a column becomes absent."""
_LONGEST = LEARNED  # buckets that are waited for, after as many by which the traffic is known


@dataclass(frozen=True)
class Foresight:
    """How many of `streams` simulated streams of `predictions` without drift rang, and how soon it detects what.

    `delays` are medians in predictions, by what happens; infinite if more than half of the streams did not ring in
    time.
    """

    streams: int
    predictions: int
    rang: int
    delays: dict[str, float]

    @property
    def words(self) -> str:
        """The same in a few sentences."""
        told = [
            f"{what} is seen within {delay:,.0f} predictions" if np.isfinite(delay) else f"{what} is not seen for long"
            for what, delay in self.delays.items()
        ]
        quiet = (
            f"Without drift, {self.rang} of {self.streams} simulated streams of {self.predictions:,} predictions rang."
        )
        return f"{quiet} In half of the cases or more: {'; '.join(told)}."


def foresee(reference: Reference, promise: AlarmBudget | None = None, *, streams: int = 20, seed: int = 0) -> Foresight:
    """Simulate streams from the cells of the reference, with its dispersion, and listen to them.

    Each stream has its own reference, drawn from the same cells, so that the reference's own noise shows too. It draws
    columns independently of each other, in groups of as many equal rows as the dispersion says. A shift is an
    exponential tilt of a column by its normal scores, which moves a normal column by that many standard deviations. It
    happens to the middle one of the number columns. Joint tests of columns are left out.

    >>> draw = np.random.default_rng(0).normal
    >>> reference = Reference.of({"age": draw(20, 2, 5000)}, {"age": ()}, series={"age": draw(20, 2, 5000)})
    >>> foresee(reference, streams=5).delays["0.5 standard deviations in age"] <= 500
    True
    """
    promise, chance = promise or AlarmBudget(), np.random.default_rng(seed)
    plain = Reference(reference.rows, reference.columns, reference.bucket)
    quiet = promise.per // plain.bucket
    shares = {name: _shares(cells) for name, cells in plain.columns.items()}
    rang = sum(
        bool(find_alarms(_redrawn(plain, shares, chance), _draw(plain, shares, quiet, chance), promise=promise))
        for _ in range(streams)
    )
    delays = {}
    for what, changed in _changes(plain, shares).items():
        found = [_delay(plain, shares, changed, promise, chance) for _ in range(streams)]
        delays[what] = float(np.median(found))
    return Foresight(streams, quiet * plain.bucket, rang, delays)


def _delay(
    reference: Reference,
    shares: Shares,
    changed: Shares,
    promise: AlarmBudget,
    chance: np.random.Generator,
) -> float:
    """Predictions from the change to the end of the bucket that rings; as many usual buckets come before."""
    before = _draw(reference, shares, _LONGEST, chance)
    after = _draw(reference, {**shares, **changed}, _LONGEST, chance)
    buckets, reference = np.concatenate([before, after]), _redrawn(reference, shares, chance)
    rang = rings(reference, buckets, spread_of(reference, buckets), _LONGEST, promise)
    return (min(rang) + 1 - _LONGEST) * float(reference.bucket) if rang else np.inf


def _changes(reference: Reference, shares: Shares) -> dict[str, Shares]:
    """What happens to one column, in words, and the shares of its cells from then on."""
    numbers = {name: cells.scores for name, cells in reference.columns.items() if cells.scores is not None}
    if not numbers:
        return {}
    name, scores = [*numbers.items()][len(numbers) // 2]
    found = {}
    for by in SHIFTS:
        tilted = shares[name] * np.exp(by * np.append(scores, 0.0))
        found[f"{by} standard deviations in {name}"] = {name: tilted / tilted.sum()}
    absent = (1 - ABSENT) * shares[name] + ABSENT * (np.arange(len(shares[name])) == len(shares[name]) - 1)
    return {**found, f"{name} absent in {100 * ABSENT:g} % more": {name: absent}}


def _shares(cells: Cells) -> NDArray[np.float64]:
    counts = np.asarray(cells.counts, np.float64)
    return np.asarray(counts / max(1.0, counts.sum()))


def _redrawn(reference: Reference, shares: Shares, chance: np.random.Generator) -> Reference:
    """A reference as it might have been: other rows of the same cells."""
    columns = {
        name: replace(cells, counts=tuple(_drawn_once(cells, shares[name], chance).tolist()))
        for name, cells in reference.columns.items()
    }
    return replace(reference, columns=columns)


def _draw(reference: Reference, shares: Shares, buckets: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Counts of some buckets, shape (buckets, size)."""
    parts = [
        _grouped(cells.dispersion or 1.0, reference.bucket, shares[name], buckets, chance)
        for name, cells in reference.columns.items()
    ]
    return np.hstack([np.zeros((buckets, 0), np.int64), *parts])


def _drawn_once(cells: Cells, shares: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.int64]:
    group = max(cells.dispersion or 1.0, cells.repeats)
    return np.asarray(_grouped(group, sum(cells.counts), shares, 1, chance)[0])


def _grouped(
    group: float, rows: int, shares: NDArray[np.float64], times: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Counts of that many rows, drawn `times` times, in groups of about that many equal rows."""
    size = max(1, round(group))
    groups, rest = (chance.multinomial(many, shares, times) for many in (rows // size, rows % size))
    return np.asarray(groups * size + rest, np.int64)
