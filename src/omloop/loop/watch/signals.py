"""The signals for alerts: a look's findings, the prediction log, and a server's own counts."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from omloop.alert import MetricKind, Signal, Signals
from omloop.evaluate import FOR_CLASSES, FOR_NUMBERS
from omloop.loop.watch.scraped import server_signals
from omloop.monitor.log.sealed import PACKED, segment_files

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.core import Event
    from omloop.loop.watch.look import Observation
    from omloop.loop.workspace import Workspace

METRICS: Mapping[str, MetricKind] = {
    "drift": "state",
    "loss": "state",
    "broken": "state",
    **{f"live.{name}": "number" for name in (*FOR_NUMBERS, *FOR_CLASSES)},
    "latency.p50_ms": "number",
    "latency.p99_ms": "number",
    "retraining.failed": "state",
    "errors.rate": "number",
    "server.down": "state",
    "log.unrecorded": "number",
    "log.backlog_mb": "number",
    "traffic.silence_s": "number",
    "labels.silence_s": "number",
}
"""Every signal that there is of any project, and whether it is a number or on and off."""
NEWEST = 1000
RECENT_S = 900.0
"""The oldest prediction whose latency still says something about now."""


def known_signals(name: str, workspace: Workspace) -> Mapping[str, MetricKind]:
    """Every signal of one project, with the metrics of its champion's test, such as the project's own."""
    registry = workspace.registry(name)
    champion = registry.champion()
    if champion is None:
        return METRICS
    tested = registry.manifest(champion).tested
    return {**METRICS, **{f"live.{metric}": "number" for metric in tested}}


def signals_of(
    seen: Observation, workspace: Workspace, now: float, *, server: str = "", events: Sequence[Event] | None = None
) -> Signals:
    """All signals of the project at the moment `now` (seconds since 1970).

    `events` is its history, if the look has read it. With the address of its `server`, errors and latency are the
    server's counts since the last look. Otherwise there are no errors, and latency is that of the newest predictions in
    the log.
    """
    logged = log_signals(seen.project, workspace, now, events=events)
    counted = server_signals(server, workspace.alerts(seen.project)) if server else {}
    return {**seen_signals(seen), **logged, **counted}


def seen_signals(seen: Observation) -> Signals:
    """The findings of a look, without those that it could not determine. Pure."""
    found = {}
    if not seen.collecting:
        found["drift"] = Signal(float(bool(seen.moved)), seen.what_moved)
    if not seen.collecting or seen.broken:
        found["broken"] = Signal(float(bool(seen.broken)), ", ".join(seen.broken))
    if seen.rise is not None:
        found["loss"] = Signal(float(seen.hurt), seen.loss)
    return found | {
        f"live.{name}": Signal(score.value, f"with its 95 % interval {score}") for name, score in seen.live.items()
    }


def log_signals(name: str, workspace: Workspace, now: float, *, events: Sequence[Event] | None = None) -> Signals:
    """The signals from the memories: latency, silence, the backlog of compression, whether the last retraining failed.

    Silence counts from the newest prediction, or the newest with a label; without any, from the first promotion.
    """
    with contextlib.closing(workspace.predictions(name)) as log:
        newest = log.window(newest=NEWEST).predictions
        labelled = log.window(newest=1, labelled=True).predictions
    events = workspace.registry(name).history() if events is None else events
    began = min((event.time for event in events if event.champion), default=now)
    plain = [
        path for path in segment_files(workspace.root / "predictions" / name / "segments") if path.suffix != PACKED
    ]
    found = {
        "traffic.silence_s": Signal(max(0.0, now - (newest[-1].time if newest else began))),
        "labels.silence_s": Signal(max(0.0, now - (labelled[-1].time if labelled else began))),
        "log.backlog_mb": Signal(sum(map(_bytes, plain)) / 1e6),
    }
    ended = next((event for event in reversed(events) if event.kind == "retrained"), None)
    if ended is not None:
        found["retraining.failed"] = Signal(float(ended.evidence["verdict"] == "failed"), ended.reason)
    recent = [prediction.latency_ms for prediction in newest if now - prediction.time <= RECENT_S]
    if recent:
        median, high = np.quantile(recent, [0.5, 0.99])
        detail = f"of {len(recent)} logged predictions"
        found["latency.p50_ms"], found["latency.p99_ms"] = Signal(float(median), detail), Signal(float(high), detail)
    return found


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it has just been compressed
        return 0
