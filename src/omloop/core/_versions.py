"""What becomes of versions: trials and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TrialMode = Literal["shadow", "canary"]


@dataclass(frozen=True)
class Trial:
    """A version on trial beside the champion, since `since` (seconds since 1970, UTC).

    A `shadow` answers a `share` of the requests after the champion, only for the log. A `canary` itself answers that
    share of the callers. `share` is above 0 and at most 1.
    """

    version: str
    mode: TrialMode
    share: float
    since: float


@dataclass(frozen=True)
class Lineup:
    """The version in charge, None before the first promotion, and the one on trial beside it, if any."""

    champion: str | None
    trial: Trial | None = None


EventKind = Literal[
    "add",
    "decide",
    "promote",
    "rollback",
    "try",
    "stop",
    "alarm",
    "quiet",
    "retrain",
    "retrained",
    "dropped",
    "settled",
]


@dataclass(frozen=True)
class Event:
    """One line of a registry's history. `champion` is the version in charge after the event, None before the first.

    A watch records what it saw (`alarm`, then `quiet` again), and a retraining with its result (`retrain`,
    `retrained`). It also records that it dropped a candidate (`dropped`), and that a promoted one has proved itself
    (`settled`).

    `number` counts from 1 without gaps; `time` is in seconds since 1970 (UTC) and never decreases. `trial` is the one
    that runs after the event.
    """

    number: int
    time: float
    kind: EventKind
    version: str
    champion: str | None
    by: str
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    trial: Trial | None = None
