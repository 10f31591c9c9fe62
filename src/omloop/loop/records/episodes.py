"""Episodes of drift: each is told once and ended once, and what was broken in it stays broken until it is over.

The evidence of the history's `alarm` and `quiet` events says how far a watch has tested a version's input. If a watch
is killed, the next one continues there, and two watches say the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import msgspec

from omloop.core import Alarm, Event, Window
from omloop.loop.records.faults import ColumnFault

EVIDENCE = "input"
"""What an event's evidence calls the state of the input."""


@dataclass(frozen=True)
class Episode:
    """A drift that lasts: the alarm that it began with, with all columns that moved since, and what is broken in it.

    Its rows were logged from `began` on, in seconds since 1970, about; those just before are taken to be of it.
    """

    alarm: Alarm
    began: float
    broken: tuple[ColumnFault, ...] = ()


@dataclass(frozen=True)
class InputState:
    """How far the input of a version was listened to.

    `episode` is what lasts, None when all is quiet; windows begin with the bucket `begin`, behind what is
    over. `broken` holds the beginnings and ends of what was broken and is over, in seconds since 1970.
    """

    begin: int = 0
    episode: Episode | None = None
    broken: tuple[tuple[float, float], ...] = ()

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """When the data was broken; the end of what lasts is infinite."""
        if self.episode is None or not self.episode.broken:
            return self.broken
        return (*self.broken, (self.episode.began, math.inf))

    def within(self, buckets: int) -> InputState:
        """The same, or from the first bucket on where the log holds fewer than were listened to, and forgot."""
        alarm = None if self.episode is None else self.episode.alarm
        if buckets >= max(self.begin, 0 if alarm is None else alarm.bucket + 1):
            return self
        if self.episode is None or alarm is None:
            return replace(self, begin=0)
        return replace(self, begin=0, episode=replace(self.episode, alarm=replace(alarm, bucket=0, buckets=1, since=0)))

    def with_told(self, told: Episode | None) -> InputState:
        """The same with what an earlier look told of the episode that lasts, if it was of that one."""
        if told is None or self.episode is None or told.alarm.bucket != self.episode.alarm.bucket:
            return self
        return replace(self, episode=told)

    @property
    def evidence(self) -> Mapping[str, object]:
        """The same for an event's evidence."""
        return {EVIDENCE: asdict(self)}


@dataclass(frozen=True)
class BrokenSpans:
    """Times in which a version's data was broken, by version: nothing is learned from those predictions.

    A prediction that is later than `now` was made nobody knows when; where any data was broken, its may have been.
    """

    spans: Mapping[str, tuple[tuple[float, float], ...]]
    now: float = math.inf

    def without(self, window: Window) -> Window:
        """The window without predictions that were made while their version's data was broken."""
        kept = tuple(p for p in window.predictions if not self.holds(p.version, p.time))
        return window if len(kept) == len(window.predictions) else replace(window, predictions=kept)

    def holds(self, version: str, time: float) -> bool:
        """Whether the data of a version was broken at a time."""
        return any(start <= time <= end or time > self.now for start, end in self.spans.get(version, ()))


def input_state(events: Sequence[Event], version: str) -> InputState:
    """How far the input of a version was listened to, by the newest event that says so."""
    known = (event for event in reversed(events) if event.version == version and event.kind in ("alarm", "quiet"))
    told = next((event.evidence.get(EVIDENCE) for event in known), None)
    return InputState() if told is None else msgspec.convert(told, InputState)


def broken_spans(events: Sequence[Event], now: float) -> BrokenSpans:
    """When which version's data was broken, by the history; `now` is in seconds since 1970."""
    versions = {event.version for event in events if event.kind in ("alarm", "quiet")}
    return BrokenSpans({version: input_state(events, version).spans for version in versions}, now)
