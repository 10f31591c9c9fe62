"""The live predictions of a project: how many, how fast, their answers, and their quality by the labels so far."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import orjson

from omloop.core import OmloopError
from omloop.loop.project.scoring import live_scores, metrics_in
from omloop.loop.steer.bins import Bins
from omloop.loop.steer.facts import estimates_json
from omloop.loop.steer.version_parts import VersionParts, champion_parts, parts_of
from omloop.loop.version.copies import labelled_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from omloop.core import Estimate, Prediction, Predictions, Window
    from omloop.loop.steer.request import SteerRequest

KEPT_S, MOST_KEPT = 1.0, 16
"""How long an answer stays valid, so that many viewers cost as one; and how many answers to keep."""
MINUTES, MOST_MINUTES = 60, 60 * 24 * 92
MOST, MOST_LABELLED = 20_000, 2_000
"""How many of the newest predictions to read at most, of all and of those with labels."""
MOST_BYTES = 64_000_000
"""It reads fewer if the log keeps pictures: their inputs take at most about this much."""
SAMPLED = 50
"""How many predictions' inputs to measure for that."""
SPREAD = (10, 50, 90)
"""The percentiles of answered numbers."""


def live(request: SteerRequest) -> dict[str, object]:
    """What came in the last `minutes`, in bins, and the scores of the newest labelled predictions of the champion."""
    minutes, parts = request.number("minutes", MINUTES, most=MOST_MINUTES), champion_parts(request)
    key = (request.project, parts.version, minutes)
    found: dict[str, object] = request.caches.lately(
        "live", key, lambda: _live(request, parts, minutes), seconds=KEPT_S, most=MOST_KEPT
    )
    return found


def _live(request: SteerRequest, parts: VersionParts, minutes: int) -> dict[str, object]:
    now = request.workspace.clock()
    bins = Bins.of(minutes, now)
    with contextlib.closing(request.workspace.predictions(request.project)) as log:
        window, complete = read_newest(log, MOST, since=float(bins.begins[0]))
        labelled, _ = read_newest(log, MOST_LABELLED, version=parts.version)
    if not complete and window.predictions:
        bins = Bins(bins.begins, bins.width, bins.now, window.predictions[0].time)
    times = np.array([prediction.time for prediction in window.predictions])
    places = bins.place(times)
    return {
        "now": now,
        "version": parts.version,
        "minutes": minutes,
        "rows": len(times),
        "complete": complete,
        "bins": bins.begins.tolist(),
        "rate": bins.rates(places),
        **_latencies(bins, places, window.predictions),
        **_answers(request, parts, bins, places, window.predictions),
        "by_version": _by_version(bins, places, window.predictions),
        **_scores(request, parts, labelled),
    }


def read_newest(
    log: Predictions, most: int, *, since: float | None = None, version: str | None = None
) -> tuple[Window, bool]:
    """The newest predictions, oldest first, and whether these are all.

    All are those `since` a time, or those of a `version` with a label. It reads at most that many, and fewer if their
    inputs are large.
    """
    after, labelled = (None if since is None else (since, "")), version is not None
    few = log.window(version=version, labelled=labelled, after=after, newest=SAMPLED)
    if len(few.predictions) < SAMPLED:
        return few, True
    each = sum(len(orjson.dumps(prediction.inputs)) for prediction in few.predictions) / SAMPLED
    most = max(SAMPLED, min(most, int(MOST_BYTES / max(1.0, each))))
    found = log.window(version=version, labelled=labelled, after=after, newest=most)
    return found, len(found.predictions) < most


def _latencies(bins: Bins, places: NDArray[np.int64], predictions: tuple[Prediction, ...]) -> dict[str, object]:
    values = np.array([prediction.latency_ms for prediction in predictions])
    p50, p95, p99 = bins.percentiles(places, values, (50, 95, 99))
    return {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def _answers(
    request: SteerRequest,
    parts: VersionParts,
    bins: Bins,
    places: NDArray[np.int64],
    predictions: tuple[Prediction, ...],
) -> dict[str, object]:
    """How often versions answered each class, or where their numbers lay, if they answer like the champion."""
    classes = parts.output.classes
    alike = {version for version in {p.version for p in predictions} if _classes_of(request, version) == classes}
    rows = np.flatnonzero([prediction.version in alike for prediction in predictions])
    answered = parts.output.decisions([predictions[row].output for row in rows.tolist()])
    if classes:
        return {"classes": {name: bins.counts(places[rows[answered == at]]) for at, name in enumerate(classes)}}
    low, median, high = bins.percentiles(places[rows], np.asarray(answered, np.float64), SPREAD)
    return {"answers": {"median": median, "low": low, "high": high}}


def _classes_of(request: SteerRequest, version: str) -> tuple[str, ...] | None:
    """The classes of a version; None if it is no longer readable."""
    try:
        return tuple(parts_of(request, version).output.classes)
    except OmloopError:
        return None


def _by_version(bins: Bins, places: NDArray[np.int64], predictions: tuple[Prediction, ...]) -> dict[str, object]:
    versions = np.array([prediction.version for prediction in predictions])
    latencies = np.array([prediction.latency_ms for prediction in predictions])
    found: dict[str, object] = {}
    for version, rows in Counter(versions.tolist()).most_common():
        own = places[versions == version]
        p50, p99 = bins.percentiles(own, latencies[versions == version], (50, 99))
        found[version] = {"rows": rows, "rate": bins.rates(own), "p50_ms": p50, "p99_ms": p99}
    return found


def _scores(request: SteerRequest, parts: VersionParts, window: Window) -> dict[str, object]:
    """The metrics on labelled predictions beside those of the test; scored once for each state of the labels."""
    newest = max(window.label_times.values(), default=0.0)
    key = (request.project, parts.version, len(window.predictions), newest)
    scored: tuple[int, Mapping[str, Estimate]] = request.caches.once(
        "live scores", key, lambda: _scored(request, parts, window), most=8
    )
    labelled, scores = scored
    return {
        "labelled": labelled,
        "labelled_since": window.predictions[0].time if window.predictions else None,
        "scores": estimates_json(scores),
        "tested": estimates_json(parts.bundle.manifest.tested),
    }


def _scored(request: SteerRequest, parts: VersionParts, window: Window) -> tuple[int, Mapping[str, Estimate]]:
    once, output = labelled_once(parts.bundle, window).predictions, parts.output
    truth = output.encode([window.labels[prediction.id] for prediction in once])
    outputs = output.gather([prediction.output for prediction in once])
    return len(once), live_scores(metrics_in(parts.bundle, request.workspace.settings), truth, outputs)
