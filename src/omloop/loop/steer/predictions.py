"""The newest logged predictions one by one, with what a person can see of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from omloop.core import OmloopError, Prediction
from omloop.loop.steer.glimpses import glimpse_of
from omloop.loop.steer.version_parts import parts_of
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest

NEWEST, MOST = 50, 200
MOST_INPUTS = 100_000
"""How many bytes of logged inputs one prediction shows; a picture shows as such."""


def list_predictions(request: SteerRequest) -> dict[str, object]:
    """The newest predictions of all versions, the newest first."""
    newest = request.number("newest", NEWEST, most=MOST)
    with contextlib.closing(request.workspace.predictions(request.project)) as log:
        window = log.window(newest=newest)
    times = window.label_times
    found = [_told(request, p, window.labels.get(p.id), times.get(p.id)) for p in reversed(window.predictions)]
    return {"predictions": found}


def one_prediction(request: SteerRequest) -> dict[str, object]:
    """One prediction by its id, with its logged inputs."""
    wanted = request.path["id"]
    with contextlib.closing(request.workspace.predictions(request.project)) as log:
        found: Any = log.find(wanted)
    if found is None:
        raise Refusal(404, f"no prediction of {request.project} is called '{wanted:.60}'; it may have been forgotten")
    label = found["label"]
    prediction = Prediction(**{name: value for name, value in found.items() if name != "label"})
    small = len(orjson.dumps(prediction.inputs)) <= MOST_INPUTS
    told = {"inputs": prediction.inputs if small else None, "variant": prediction.variant, "key": prediction.key}
    return {**_told(request, prediction, label, None), **told}


def _told(request: SteerRequest, prediction: Prediction, label: object, labelled: float | None) -> dict[str, object]:
    return {
        "id": prediction.id,
        "time": prediction.time,
        "version": prediction.version,
        "output": prediction.output,
        "latency_ms": prediction.latency_ms,
        "label": label,
        "label_time": labelled,
        **_answer(request, prediction, label),
    }


def _answer(request: SteerRequest, prediction: Prediction, label: object) -> dict[str, object]:
    """The answer, its confidence, whether it was right, and a glimpse; nothing if the version is unreadable."""
    unknown: dict[str, object] = {"answer": None, "probability": None, "right": None, "error": None, "glimpse": {}}
    try:
        parts = parts_of(request, prediction.version)
        output = parts.output
        outputs, decided = output.gather([prediction.output]), output.decisions([prediction.output])
        error = None if label is None else float(output.errors(output.encode([label]), outputs)[0])
    except (OmloopError, KeyError, TypeError, ValueError):  # of an output that the version no longer gives
        return unknown
    key = (request.project, prediction.id)
    classes, place = output.classes, int(decided[0]) if output.classes else 0
    sure = output.probabilities(outputs)
    return {
        "answer": (classes[place] if 0 <= place < len(classes) else None) if classes else float(decided[0]),
        "probability": float(np.asarray(sure)[0, place]) if classes and place >= 0 else None,
        "right": error == 0.0 if classes and error is not None else None,
        "error": error,
        "glimpse": request.caches.once("glimpses", key, lambda: glimpse_of(parts.kind, prediction.inputs), most=500),
    }
