"""Judges rules: a look and the old state give the new state, and the alerts to send."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

from omloop.alert.alert import Alert
from omloop.alert.rules import Rule, Signal, Signals, Silence
from omloop.alert.state import RuleState, State

HISTORY = 200
"""How many sent alerts to remember."""
PIECES = 100
"""How many pieces a window has: it adds up the looks within one piece."""


def evaluate_rules(
    rules: Sequence[Rule], signals: Signals, state: State, now: float, *, maintenance: Sequence[Silence] = ()
) -> tuple[State, tuple[Alert, ...]]:
    """Judge every rule at the moment `now` (seconds since 1970); gives the new state and the alerts to send. Pure.

    It sends only differences from the last message, so nothing goes out twice. While `maintenance` or the state's own
    silence covers a rule, it sends nothing about the rule. If an alert still rings when the silence ends, it sends it
    then. It never sends an alert that came and went within. A metric without a signal leaves an alert unchanged, and
    resets a rule that was only on its way to one. If the rule of an alert is gone, the alert resolves.
    """
    standings = {rule.name: _judged(rule, state.standings.get(rule.name, RuleState()), signals, now) for rule in rules}
    for name, before in state.standings.items():
        if name not in standings and before.told is not None:
            standings[name] = RuleState(told=before.told, detail="its rule was taken away")
    silences = [*maintenance, *([state.silence] if state.silence else [])]
    by_name = {rule.name: rule for rule in rules}
    events: list[Alert] = []
    for name, standing in standings.items():
        if any(silence.covers(name, now) for silence in silences):
            continue
        event = _news(state.project, by_name.get(name), standing, now)
        if event is not None:
            events.append(event)
            standings[name] = replace(standing, told=event if event.state == "raised" else None)
    kept = {name: standing for name, standing in standings.items() if name in by_name or standing.told}
    silence = state.silence if state.silence and now < state.silence.end else None
    history = (*state.history, *events)[-HISTORY:]
    return replace(state, standings=kept, silence=silence, history=history, looked=now), tuple(events)


def _judged(rule: Rule, before: RuleState, signals: Signals, now: float) -> RuleState:
    """How the rule stands after a look."""
    signal = signals.get(rule.metric)
    if signal is None or not math.isfinite(signal.value):
        return replace(before, met_since=None, seen=_recent(rule, before, now))
    seen = _seen(rule, before, signal, now)
    value = sum(total for _, total, _ in seen) / sum(looks for _, _, looks in seen)
    met = rule.rings(value) or (before.rings_since is not None and not rule.well(value))
    met_since = (now if before.met_since is None else before.met_since) if met else None
    rings_since = before.rings_since if met else None
    if rings_since is None and met_since is not None and now - met_since >= rule.for_s:
        rings_since = now
    return replace(before, met_since=met_since, rings_since=rings_since, value=value, detail=signal.detail, seen=seen)


def _seen(rule: Rule, before: RuleState, signal: Signal, now: float) -> tuple[tuple[float, float, int], ...]:
    """The window's looks with the newest; it is added to the last piece while that is young."""
    *older, last = [*_recent(rule, before, now)] or [(-math.inf, 0.0, 0)]
    if now - last[0] < rule.window_s / PIECES:
        return (*older, (last[0], last[1] + signal.value, last[2] + 1))
    return (*older, *([last] if last[2] else []), (now, signal.value, 1))


def _recent(rule: Rule, before: RuleState, now: float) -> tuple[tuple[float, float, int], ...]:
    return tuple(piece for piece in before.seen if now - rule.window_s < piece[0] <= now)


def _news(project: str, rule: Rule | None, standing: RuleState, now: float) -> Alert | None:
    """The alert to send, if the state of the rule differs from the last message."""
    told, since = standing.told, standing.rings_since
    if told is not None and since is None:
        return replace(told, state="resolved", time=now, value=standing.value, detail=standing.detail)
    if told is None and since is not None and rule is not None:
        return Alert(
            id=_id(project, rule.name, since),
            project=project,
            rule=rule.name,
            metric=rule.metric,
            condition=rule.condition,
            severity=rule.severity,
            state="raised",
            since=since,
            time=now,
            value=standing.value,
            detail=standing.detail,
        )
    return None


def _id(project: str, rule: str, since: float) -> str:
    return hashlib.sha256(f"{project}\n{rule}\n{since!r}".encode()).hexdigest()[:16]
