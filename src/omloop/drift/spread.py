"""How much the windows of a stream vary by themselves: as the reference states it, or as live buckets teach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Reference
from omloop.bundle.reference.dispersion import LEAST_BUCKETS, dispersions
from omloop.bundle.reference.memory import grown, memories
from omloop.core import NumberArray

LEARNED = 40
"""How many of the first live buckets teach the dispersion if the reference cannot: the calibration.

40 numbers give a variance to 22 %. Twice as many would give it to 16 %, and calibrate twice as long.
"""

LESSONS = (4, 6, 8, 12, 16, 24, 32)
"""During calibration it learns again after this many: in between it changes little, and learning takes time."""

UNKNOWN = 10.0
"""The dispersion before it is known: it assumes traffic as bad as if every row came ten times."""


@dataclass(frozen=True)
class Spread:
    """The dispersion of every part in every window of a stream.

    `known` and `memory`, of shape (parts,), hold from the bucket `calibrated` on. `early`, of shape (buckets, parts),
    is what the buckets before each one teach, and holds until then. A `strict` spread does not rely on `early`.
    """

    known: NDArray[np.float64]
    memory: NDArray[np.float64]
    early: NDArray[np.float64]
    calibrated: int = 0
    strict: bool = True

    def at(self, end: NumberArray | int, buckets: NumberArray | int) -> NDArray[np.float64]:
        """The dispersions of windows of `buckets` buckets that end with the bucket `end`; shape (windows, parts)."""
        ends, many = np.broadcast_arrays(np.atleast_1d(end), np.atleast_1d(buckets))
        found = self.known * grown(self.memory, many[:, None])
        calibrating = ends < self.calibrated
        if calibrating.any():
            found[calibrating] = self.early[(ends + 1 - many)[calibrating]]
        return np.asarray(found)

    def gross(self, ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which windows, by their last buckets, allow only tests for gross changes; shape (windows,)."""
        return (ends < self.calibrated) & self.strict


def spread_of(reference: Reference, buckets: NumberArray) -> Spread:
    """The dispersion in a stream of counts, shape (buckets, size), from the very first one."""
    parts = reference.parts.values()
    stated = np.array([np.nan if part.dispersion is None else part.dispersion for part in parts], np.float64)
    memory = np.array([part.memory for part in parts], np.float64)
    nothing = np.zeros((0, len(stated)))
    if not np.isnan(stated).any():
        return Spread(stated, memory, nothing)
    counts = reference.split(buckets)
    early = np.full((min(len(buckets), LEARNED), len(stated)), UNKNOWN)
    for begin in range(LEAST_BUCKETS, len(early)):
        early[begin] = _learned(reference, counts, begin)[0] if begin in LESSONS else early[begin - 1]
    early = np.where(np.isnan(stated), early, stated)
    if len(buckets) < LEARNED:
        return Spread(stated, memory, early, LEARNED - 1)
    learned, power = _learned(reference, counts, LEARNED)
    unknown = np.isnan(stated)
    return Spread(np.where(unknown, learned, stated), np.where(unknown, power, memory), early, LEARNED - 1)


def _learned(
    reference: Reference, counts: Mapping[str, NumberArray], buckets: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The dispersion and the memory of each part in the first buckets."""
    first = [counts[name][:buckets] for name in reference.columns]
    scores = [cells.scores for cells in reference.columns.values()]
    rows = first[0].sum(axis=1) if first else np.zeros(buckets)
    of_joints = [joint.ordered(counts[name][:buckets], rows) for name, joint in reference.joints.items()]
    return (
        np.array([*dispersions(first, scores), *(joint.dispersion for joint in of_joints)], np.float64),
        np.array([*memories(first, scores), *(joint.memory for joint in of_joints)], np.float64),
    )
