"""Where in the circle a watched project is: read from its history alone, so that whoever looks next goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from omloop.core import Event

BY = "watch"

Where = Literal["listening", "retraining", "proving", "probation"]


@dataclass(frozen=True)
class Stage:
    """Where the circle is, and the event that brought it there, None at its start.

    `listening`: nothing is under way. `retraining`: `event` claimed a retraining whose end is not recorded. `proving`:
    a candidate was better at the gate and is neither promoted nor dropped. `probation`: a candidate was promoted and
    has still to prove itself.
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
    """What the events of the retraining that event `number` claimed are signed with."""
    return f"{BY} {number}"
