"""How many predictions a project gives: counted in the log's index, so that a million cost as little as none."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omloop.core import Predictions
    from omloop.loop.steer.request import SteerRequest

HOUR_S, DAY_S = 3_600.0, 86_400.0
COUNTED_S = 60.0
"""How long a full count holds, with later predictions added: counting a million takes 30 ms."""
MOST, MOST_OPEN = 1_000, 50


@dataclass(frozen=True)
class _Counted:
    """How many there were at a moment, in all and of the day before."""

    moment: float
    total: int
    day: int


def traffic_of(request: SteerRequest, project: str) -> dict[str, object]:
    """Predictions of the last hour and day and of all time, and the time of the newest; raises StoreError."""
    now, log = request.workspace.clock(), _log(request, project)
    before: _Counted = request.caches.once(
        "traffic", (project, _turn(project, now)), lambda: _count(log, now), most=MOST
    )
    since = log.count(since=before.moment)
    newest = log.window(newest=1).predictions
    return {
        "hour": log.count(since=now - HOUR_S),
        "day": before.day + since,
        "total": before.total + since,
        "newest": newest[0].time if newest else None,
    }


def _log(request: SteerRequest, project: str) -> Predictions:
    """The project's log, which stays open: opening one takes as long as all the queries here."""
    found: Predictions = request.caches.once(
        "logs", project, lambda: request.workspace.predictions(project), most=MOST_OPEN
    )
    return found


NONE = {"hour": 0, "day": 0, "total": 0, "newest": None}
"""The traffic of a project that nothing serves."""


def _count(log: Predictions, now: float) -> _Counted:
    later = log.count(since=now)
    return _Counted(now, log.count() - later, log.count(since=now - DAY_S) - later)


def _turn(project: str, now: float) -> int:
    """A number that changes every `COUNTED_S`, at another moment for each project, so that not all count at once."""
    offset = zlib.crc32(project.encode()) / 2**32
    return int(now / COUNTED_S + offset)
