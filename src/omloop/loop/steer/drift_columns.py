"""Every observed column of the newest predictions beside the reference.

All is from the watch's own files. This module counts nothing and writes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from omloop.core import OmloopError, command_line, explain_missing
from omloop.loop.steer.glimpses import shown_glimpse
from omloop.loop.steer.version_parts import VersionParts, champion_parts
from omloop.loop.steer.watch_counts import stamp, without_seasons

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from omloop.bundle import Cells
    from omloop.core import Drift, Movement
    from omloop.loop.records.episodes import Episode
    from omloop.loop.steer.request import SteerRequest
    from omloop.loop.watch.counts import BucketCounts
    from omloop.report import Pair

ROWS = 1000
"""How many of the newest predictions columns describe, unless an alarm says how many: as many as a look judges."""
UNUSUAL = 1000
"""How many of the newest predictions to search for the most unusual ones."""
UNUSUAL_S = 60.0
"""How often to search for them at most, and after each look of the watch."""


def drift_columns(request: SteerRequest) -> dict[str, object]:
    """Every observed column of the champion's newest predictions beside its reference, the most different first."""
    with explain_missing("Drift"):
        from omloop.loop.watch.counts import counted_path
    parts = champion_parts(request)
    path = counted_path(request.workspace.watch(request.project), parts.version)
    events = len(request.workspace.registry(request.project).history())
    key = (request.project, parts.version, stamp(path), events)
    found: dict[str, object] = request.caches.once("columns", key, lambda: _columns(request, parts, path), most=4)
    minute = int(request.workspace.clock() // UNUSUAL_S)
    pairs = request.caches.once("unusual", (*key, minute), lambda: _unusual(request, parts), most=4)
    return {**found, "unusual": pairs}


@dataclass(frozen=True)
class _Live:
    """The newest counts, of the buckets from `first` on; the last may be incomplete. `seen` are the compared ones."""

    counted: BucketCounts
    first: int
    counts: NDArray[np.int64]
    seen: Drift


def _columns(request: SteerRequest, parts: VersionParts, path: Path) -> dict[str, object]:
    from omloop.drift import LEARNED, LEAST_ROWS
    from omloop.loop.records.episodes import input_state
    from omloop.loop.watch.counts import counted_in

    counted = counted_in(path, parts.bundle)
    history = request.workspace.registry(request.project).history()
    episode = input_state(history, parts.version).with_told(counted.told).episode
    live = _live(parts, counted, episode)
    moved = {} if episode is None else {movement.column: movement for movement in episode.alarm.columns}
    began = None if episode is None else _began(counted, episode)
    known = [replace(m, moved=m.column in moved, p_value=_p_value(m, moved)) for m in live.seen.columns]
    enough = live.seen.rows >= LEAST_ROWS
    unknown = any(cells.dispersion is None for cells in parts.reference.columns.values())
    learning = unknown and counted.whole < LEARNED
    return {
        "version": parts.version,
        "rows": live.seen.rows,
        "bucket": counted.bucket,
        "state": "collecting" if not counted.whole else "calibrating" if learning else "listening",
        **_span(counted.times[live.first : counted.whole or None]),
        "looked": stamp(path)[0] / 1e9 or None,
        "since": began,
        "broken": [] if episode is None else [fault.told for fault in episode.broken],
        "columns": list(_told(parts, live, known, began, enough=enough)),
        "together": [_together(movement, enough=enough) for movement in known if movement.column not in _cells(parts)],
        "watch": command_line("omloop", "watch", request.project),
    }


def _live(parts: VersionParts, counted: BucketCounts, episode: Episode | None) -> _Live:
    """The newest buckets, or what there is of the first one."""
    from omloop.drift import compare
    from omloop.loop.watch.counts import with_refusals

    reference, wide = parts.reference, -(-ROWS // counted.bucket)
    if episode is not None:  # what was before the drift would water it down
        wide = max(episode.alarm.buckets, min(wide, counted.whole - episode.alarm.since))
    first = max(0, counted.whole - wide)
    buckets = with_refusals(reference, counted)[first:] if counted.whole else counted.counts
    counts = buckets.sum(axis=0)
    seen = compare(reference, without_seasons(reference, counts), least_rows=1)
    if not seen.columns:  # nothing was logged yet
        seen = replace(seen, columns=tuple(_unmoved(name) for name in reference.parts))
    return _Live(counted, first, counts, seen)


def _told(
    parts: VersionParts, live: _Live, known: Sequence[Movement], began: float | None, *, enough: bool
) -> Iterator[dict[str, object]]:
    from omloop.loop.watch.verdict import cell_shares, how_moved

    cells, counts = _cells(parts), parts.reference.split(live.counts)
    found = sorted((m for m in known if m.column in cells), key=lambda m: (-m.distance, m.column))
    total = sum(movement.distance for movement in found)
    for m in found:
        yield {
            "name": m.column,
            "moved": m.moved,
            "p_value": m.p_value if enough else None,
            "distance": m.distance,
            "share": m.distance / total if total else 0.0,
            "effects": dict(m.effects),
            "how": how_moved(m.effects),
            "since": began if m.moved else None,
            "cells": [
                {"label": label, "reference": before, "live": now}
                for label, before, now in cell_shares(cells[m.column], counts[m.column])
            ],
        }


def _together(movement: Movement, *, enough: bool) -> dict[str, object]:
    from omloop.loop.watch.verdict import how_together

    return {
        "name": movement.column,
        "moved": movement.moved,
        "p_value": movement.p_value if enough else None,
        "distance": movement.distance,
        "how": how_together(movement.effects),
    }


def _unusual(request: SteerRequest, parts: VersionParts) -> list[dict[str, object]]:
    """The most unusual of the newest predictions beside the nearest of the reference; none without the log."""
    from omloop.loop.watch.live import distinct
    from omloop.loop.watch.verdict import unusual_pairs

    with contextlib.suppress(OmloopError):
        with contextlib.closing(request.workspace.predictions(request.project)) as log:
            window = log.window(version=parts.version, newest=UNUSUAL)
        return [_pair(pair) for pair in unusual_pairs(distinct(parts.bundle, window))[1]]
    return []


def _pair(pair: Pair) -> dict[str, object]:
    return {**asdict(pair), "live": shown_glimpse(pair.live), "reference": shown_glimpse(pair.reference)}


def _cells(parts: VersionParts) -> dict[str, Cells]:
    return parts.reference.columns


def _began(counted: BucketCounts, episode: Episode) -> float:
    """When the drift began: with the alarm's bucket, if it is still counted."""
    since = episode.alarm.since
    return float(counted.starts[since]) if since < counted.whole else episode.began


def _p_value(movement: Movement, moved: Mapping[str, Movement]) -> float:
    """That of the alarm, if there is one: it rang."""
    return moved[movement.column].p_value if movement.column in moved else movement.p_value


def _unmoved(name: str) -> Movement:
    from omloop.core import Movement

    return Movement(name, 1.0, 0.0, False)


def _span(times: NDArray[np.float64]) -> dict[str, float | None]:
    """When the earliest and the latest of the buckets' predictions came; shape (buckets, 2)."""
    begin, end = (float(times[:, 0].min()), float(times[:, 1].max())) if len(times) else (None, None)
    return {"begin": begin, "end": end}
