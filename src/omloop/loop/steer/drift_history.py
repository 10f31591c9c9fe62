"""How far each observed column was from the reference, window by window, as far back as counts go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from omloop.core import OmloopError, explain_missing
from omloop.loop.steer.version_parts import VersionParts, parts_of
from omloop.loop.steer.watch_counts import stamp, without_seasons

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from omloop.bundle import Cells
    from omloop.core import Event
    from omloop.loop.steer.request import SteerRequest

WINDOWS = 400
"""It joins windows beyond this number, and takes their largest distance."""
COLUMNS, MOST_COLUMNS = 20, 1_000
MARKS = 500
MARKED = ("alarm", "quiet", "retrain", "retrained", "dropped", "promote", "rollback", "settled", "try", "stop")


@dataclass(frozen=True)
class _Distances:
    """The distances of one version's columns in its windows, shape (windows, columns); when, and of how many rows.

    `ordinary` is what the distance of each column is about without any drift, since windows are small.
    """

    version: str
    rows: NDArray[np.int64]
    times: NDArray[np.float64]
    names: tuple[str, ...]
    distances: NDArray[np.float32]
    ordinary: NDArray[np.float64]

    def joined(self, many: int) -> _Distances:
        """The same with that many windows joined to one, which has the largest distance of each column."""
        import numpy as np

        starts = np.arange(0, len(self.times), many)
        times = np.stack(
            [np.minimum.reduceat(self.times[:, 0], starts), np.maximum.reduceat(self.times[:, 1], starts)], axis=1
        )
        largest = np.maximum.reduceat(self.distances, starts, axis=0)
        return replace(self, rows=np.add.reduceat(self.rows, starts), times=times, distances=largest)


def drift_history(request: SteerRequest) -> dict[str, object]:
    """The population stability index of the most moved columns by window, and what happened meanwhile."""
    with explain_missing("Drift"):
        import omloop.drift  # noqa: F401  before any work is done
    most = request.number("columns", COLUMNS, most=MOST_COLUMNS)
    found = sorted(_versions(request), key=lambda one: float(one.times[0, 0]))
    joined = _thinned(found)
    names = _most_moved(joined, most)
    history = request.workspace.registry(request.project).history()
    return {
        "windows": [window for one in joined for window in _windows(one)],
        "columns": [
            {"name": name, "distance": _along(joined, name), "ordinary": _ordinary(joined, name)} for name in names
        ],
        "observed": len({name for one in joined for name in one.names}),
        "marks": _marks(history),
    }


def _versions(request: SteerRequest) -> Iterator[_Distances]:
    """All versions with counts of whole windows, without unreadable ones."""
    known = {event.version for event in request.workspace.registry(request.project).history() if event.kind == "add"}
    for path in sorted(request.workspace.watch(request.project).glob("*.npz")):
        if path.stem not in known:
            continue
        try:
            parts = parts_of(request, path.stem)
        except OmloopError:
            continue
        key = (request.project, path.stem, stamp(path))
        found: _Distances = request.caches.once("distances", key, partial(_distances, parts, path), most=32)
        if len(found.times):
            yield found


def _distances(parts: VersionParts, path: Path) -> _Distances:
    import numpy as np

    from omloop.drift import psi
    from omloop.loop.watch.counts import counted_in, with_refusals

    counted, reference = counted_in(path, parts.bundle), parts.reference
    live = reference.split(without_seasons(reference, with_refusals(reference, counted)))
    columns = reference.columns
    distances = np.empty((counted.whole, len(columns)), np.float32)
    for place, (name, cells) in enumerate(columns.items()):
        distances[:, place] = psi(np.asarray(cells.counts), live[name])
    rows = np.full(counted.whole, counted.bucket)
    ordinary = np.array([_chance(cells, counted.bucket) for cells in columns.values()])
    return _Distances(parts.version, rows, counted.times[: counted.whole], tuple(columns), distances, ordinary)


def _chance(cells: Cells, rows: int) -> float:
    """The mean index of that many rows if nothing moved: its cells but one, over the rows of either."""
    used, reference = sum(count > 0 for count in cells.counts), max(1, sum(cells.counts))
    return max(0, used - 1) * (1 / rows + 1 / reference)


def _thinned(found: Sequence[_Distances]) -> list[_Distances]:
    """The same with windows joined until at most `WINDOWS` remain; the newest versions, if each has one."""
    found = found[-WINDOWS:]
    many = 1
    while sum(-(-len(one.times) // many) for one in found) > WINDOWS:
        many += 1
    return [one.joined(many) for one in found]


def _most_moved(found: Sequence[_Distances], most: int) -> list[str]:
    """The columns farthest above their normal distance, in any window."""
    above: dict[str, float] = {}
    for one in found:
        largest = one.distances.max(axis=0) - one.ordinary
        for name, value in zip(one.names, largest.tolist(), strict=True):
            above[name] = max(value, above.get(name, value))
    return sorted(above, key=lambda name: (-above[name], name))[:most]


def _windows(one: _Distances) -> Iterator[dict[str, object]]:
    for (begin, end), rows in zip(one.times.tolist(), one.rows.tolist(), strict=True):
        yield {"begin": begin, "end": end, "rows": rows, "version": one.version}


def _along(found: Sequence[_Distances], name: str) -> list[float | None]:
    """The distance in every window; None where the version did not know the column."""
    values: list[float | None] = []
    for one in found:
        known = one.distances[:, one.names.index(name)].tolist() if name in one.names else [None] * len(one.times)
        values += known
    return values


def _ordinary(found: Sequence[_Distances], name: str) -> float:
    return next(float(one.ordinary[one.names.index(name)]) for one in reversed(found) if name in one.names)


def _marks(history: Sequence[Event]) -> list[dict[str, object]]:
    """The newest events that a person would look for beside a curve, oldest first."""
    marked = [event for event in history if event.kind in MARKED][-MARKS:]
    return [{"time": e.time, "kind": e.kind, "version": e.version, "text": e.reason} for e in marked]
