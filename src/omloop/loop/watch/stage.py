"""The stage of a watched project, read only from its history, so that the next watch continues there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from omloop.core import Event

BY = "watch"

Where = Literal["listening", "retraining", "proving", "probation"]


@dataclass(frozen=True)
class Stage:
    """The stage of the circle, and the event that led there, None at the start.

    `listening`: nothing runs. `retraining`: `event` claimed a retraining that has no recorded end. `proving`: a
    candidate was better at the gate, but is neither promoted nor dropped. `probation`: a promoted candidate must still
    prove itself.
    """

    where: Where
    event: Event | None = None

    @property
    def claim(self) -> int:
        """The number of the event that claimed the retraining which this is about."""
        if self.event is None:
            return 0
        return self.event.number if self.where == "retraining" else int(self.event.evidence.get("claim", 0))


def stage_of(events: Sequence[Event]) -> Stage:
    """The stage after `events`.

    >>> def event(number, kind, version, champion="one", **evidence):
    ...     return Event(number, 0.0, kind, version, champion, "watch", evidence=evidence)
    >>> claim = event(3, "retrain", "one")
    >>> stage_of([claim]).where
    'retraining'
    >>> better = event(5, "retrained", "two", claim=3, verdict="better")
    >>> stage_of([claim, better]).where
    'proving'
    >>> promoted = event(6, "promote", "two", champion="two", claim=3)
    >>> stage_of([claim, better, promoted]).where
    'probation'
    >>> stage_of([claim, better, promoted, event(7, "settled", "two", "two")]).where
    'listening'
    """
    champion = events[-1].champion if events else None
    for event in reversed(events):
        if event.kind == "retrain":
            return Stage("retraining", event)
        if event.kind == "retrained":
            proving = event.evidence.get("verdict") == "better" and event.champion == champion
            return Stage("proving" if proving else "listening", event if proving else None)
        if event.kind in ("dropped", "settled", "rollback"):
            return Stage("listening")
        if event.kind == "promote":
            watched = "claim" in event.evidence
            return Stage("probation", event) if watched else Stage("listening")
    return Stage("listening")


def claimed_by(number: int) -> str:
    """The signature of events of the retraining that event `number` claimed."""
    return f"{BY} {number}"
