"""Episodes of drift: a watch reports each once and ends it once, and its broken columns stay broken until then.

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
    """A lasting drift: its first alarm, with all columns that moved since, and its broken columns.

    Its rows began about at `began`, in seconds since 1970; those just before count as its own.
    """

    alarm: Alarm
    began: float
    broken: tuple[ColumnFault, ...] = ()


@dataclass(frozen=True)
class InputState:
    """How far a watch has tested the input of a version.

    `episode` is the lasting one, None when all is quiet; windows begin with the bucket `begin`, behind ended ones.
    `broken` holds the beginnings and ends of ended faults, in seconds since 1970.
    """

    begin: int = 0
    episode: Episode | None = None
    broken: tuple[tuple[float, float], ...] = ()

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """Start and end of each time of broken data; the end of a lasting fault is infinite."""
        if self.episode is None or not self.episode.broken:
            return self.broken
        return (*self.broken, (self.episode.began, math.inf))

    def within(self, buckets: int) -> InputState:
        """The same, or from the first bucket on if the log holds fewer buckets than the watch has tested."""
        alarm = None if self.episode is None else self.episode.alarm
        if buckets >= max(self.begin, 0 if alarm is None else alarm.bucket + 1):
            return self
        if self.episode is None or alarm is None:
            return replace(self, begin=0)
        return replace(self, begin=0, episode=replace(self.episode, alarm=replace(alarm, bucket=0, buckets=1, since=0)))

    def with_told(self, told: Episode | None) -> InputState:
        """The same with an earlier look's report of the lasting episode, if it was that one."""
        if told is None or self.episode is None or told.alarm.bucket != self.episode.alarm.bucket:
            return self
        return replace(self, episode=told)

    @property
    def evidence(self) -> Mapping[str, object]:
        """The same for an event's evidence."""
        return {EVIDENCE: asdict(self)}


@dataclass(frozen=True)
class BrokenSpans:
    """Times of broken data, by version: no model learns from those predictions.

    If a prediction is later than `now`, nobody knows its true time. It counts as one of them if its version ever had
    broken data.
    """

    spans: Mapping[str, tuple[tuple[float, float], ...]]
    now: float = math.inf

    def without(self, window: Window) -> Window:
        """The window without predictions from times of broken data."""
        kept = tuple(p for p in window.predictions if not self.holds(p.version, p.time))
        return window if len(kept) == len(window.predictions) else replace(window, predictions=kept)

    def holds(self, version: str, time: float) -> bool:
        """Whether a version had broken data at a time."""
        return any(start <= time <= end or time > self.now for start, end in self.spans.get(version, ()))


def input_state(events: Sequence[Event], version: str) -> InputState:
    """How far a watch has tested the input of a version, from the newest event that says so."""
    known = (event for event in reversed(events) if event.version == version and event.kind in ("alarm", "quiet"))
    told = next((event.evidence.get(EVIDENCE) for event in known), None)
    return InputState() if told is None else msgspec.convert(told, InputState)


def broken_spans(events: Sequence[Event], now: float) -> BrokenSpans:
    """Each version's times of broken data, from the history; `now` is in seconds since 1970."""
    versions = {event.version for event in events if event.kind in ("alarm", "quiet")}
    return BrokenSpans({version: input_state(events, version).spans for version in versions}, now)
