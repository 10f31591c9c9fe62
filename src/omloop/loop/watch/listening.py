"""Listening to the input of a version from where the history says that the watch is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from omloop.bundle.reference.reference import OUTCOME
from omloop.drift import AlarmBudget, drift_end, find_alarms, warn
from omloop.loop.records.episodes import Episode, InputState
from omloop.loop.records.faults import ColumnFault, faults
from omloop.loop.watch.counts import with_refusals
from omloop.loop.watch.door import door_of, fault_of, is_watched

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.core import Alarm
    from omloop.loop.watch.counts import BucketCounts


STUCK = "stuck"


def listen_on(
    bundle: Bundle,
    counted: BucketCounts,
    state: InputState,
    promise: AlarmBudget,
    stuck: Mapping[str, str] | None = None,
) -> InputState:
    """The state after all counts: a lasting episode may be over, and a new one may have begun.

    It reports a new one even if that is over by now; the next call ends it. `stuck` has the columns whose newest values
    are nearly all equal, with that value. Such a column is broken if it moved, even if that is only a warning.
    """
    state = _listened(bundle, counted, state, promise)
    warnings = () if state.episode else newest_warnings(bundle, counted, state, promise)
    for warning in warnings[-1:]:
        columns = tuple(movement for movement in warning.columns if movement.column in (stuck or {}))
        if columns:
            alarm = replace(warning, columns=columns)
            state = replace(state, episode=Episode(alarm, _began(counted, state, alarm)))
    if state.episode is None:
        return state
    broken = {(fault.column, fault.what): fault for fault in state.episode.broken}
    for name in (movement.column for movement in state.episode.alarm.columns):
        if value := (stuck or {}).get(name):
            broken.setdefault((name, STUCK), ColumnFault(name, STUCK, f"{name} is stuck at {value}"))
    return replace(state, episode=replace(state.episode, broken=tuple(broken.values())))


def newest_warnings(
    bundle: Bundle, counted: BucketCounts, state: InputState, promise: AlarmBudget
) -> tuple[Alarm, ...]:
    """The warning of the newest bucket, while the variation of this traffic is unknown."""
    newest = max(0, len(counted.buckets) - 1)
    buckets = with_refusals(bundle.reference, counted)
    return warn(bundle.reference, buckets, first=newest, begin=min(state.begin, newest), promise=promise)


def _listened(bundle: Bundle, counted: BucketCounts, state: InputState, promise: AlarmBudget) -> InputState:
    reference, state = bundle.reference, state.within(counted.whole)
    buckets = with_refusals(reference, counted)
    first = max(state.begin, counted.looked)
    if state.episode is not None:
        lasts = state.episode
        was_stuck = any(fault.what == STUCK for fault in lasts.broken)
        end = drift_end(reference, buckets, lasts.alarm, promise, warning=was_stuck)
        if end is None:
            newer = find_alarms(
                reference, buckets, first=min(first, len(buckets) - 1), begin=state.begin, promise=promise
            )
            return replace(state, episode=_gone_on(bundle, counted, state.episode, newer))
        spans = ((state.episode.began, float(counted.ends[state.begin : end + 1].max())),)
        state = InputState(end + 1, None, (*state.broken, *(spans if state.episode.broken else ())))
        first = end + 1
    alarms = find_alarms(reference, buckets, first=first, begin=state.begin, promise=promise)
    if not alarms:
        return state
    # It may be over already, where several buckets came at once: alarms behind its end are of another episode.
    end = drift_end(reference, buckets, alarms[0], promise)
    lasting = [alarm for alarm in alarms if end is None or alarm.bucket <= end]
    begun = Episode(replace(alarms[0], columns=()), _began(counted, state, alarms[0]))
    return replace(state, episode=_gone_on(bundle, counted, begun, lasting))


def _began(counted: BucketCounts, state: InputState, alarm: Alarm) -> float:
    """The time of the first row of an alarm's drift, a bucket early."""
    start = max(state.begin, min(alarm.since, alarm.bucket + 1 - alarm.buckets) - 1)
    return float(counted.starts[start : alarm.bucket + 1].min())


def _gone_on(bundle: Bundle, counted: BucketCounts, episode: Episode, alarms: Iterable[Alarm]) -> Episode:
    """The episode with the findings of newer alarms; reported findings stay."""
    columns = {movement.column: movement for movement in episode.alarm.columns}
    broken = {(fault.column, fault.what): fault for fault in episode.broken}
    for alarm in alarms:
        columns |= {movement.column: movement for movement in alarm.columns}
        for fault in faults(bundle.reference, counted.buckets, counted.far, alarm):
            broken.setdefault((fault.column, fault.what), fault)
        broken |= {(fault.column, fault.what): fault for fault in _refused(bundle, counted, alarm)}
    joints = bundle.reference.joints  # a column says more to a person than several together
    moved = tuple(sorted(columns.values(), key=lambda movement: (movement.column in joints, movement.p_value)))
    return Episode(replace(episode.alarm, columns=moved), episode.began, tuple(broken.values()))


def _refused(bundle: Bundle, counted: BucketCounts, alarm: Alarm) -> tuple[ColumnFault, ...]:
    """What the door refused, where that is what moved."""
    if not is_watched(bundle.reference) or all(movement.column != OUTCOME for movement in alarm.columns):
        return ()
    window = counted.refused[alarm.bucket + 1 - alarm.buckets : alarm.bucket + 1].sum(axis=0)
    return (fault_of(door_of(bundle.kind), window, alarm.buckets * counted.bucket),)
