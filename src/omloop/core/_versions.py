"""What becomes of versions: trials and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TrialMode = Literal["shadow", "canary"]


@dataclass(frozen=True)
class Trial:
    """A version that is tried beside the champion, since `since` (seconds since 1970, UTC).

    As a `shadow` it answers a `share` of the requests, above 0 and at most 1, after the champion did, for the log
    alone; as a `canary` it answers that share of the callers itself.
    """

    version: str
    mode: TrialMode
    share: float
    since: float


@dataclass(frozen=True)
class Lineup:
    """The version in charge, None before the first promotion, and the one that is tried beside it, if one is."""

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

    A watch says what it saw (`alarm`, and `quiet` again), that it retrains and what came of it (`retrain`,
    `retrained`), that it let a candidate go (`dropped`), and that a promoted one has proved itself (`settled`).

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
