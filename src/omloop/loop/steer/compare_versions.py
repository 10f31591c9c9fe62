"""Two versions beside each other: what they scored, in what they differ, and what they answer to the same rows."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from omloop.bundle import Session
from omloop.core import DataError, command_line
from omloop.loop.project.scoring import CONFIG
from omloop.loop.steer.facts import VersionFacts, version_facts, version_text
from omloop.loop.steer.slices import slices_of
from omloop.register.versions import find
from omloop.report import score_json
from omloop.serve.refusal import Refusal
from omloop.track import flat_settings

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.core import Output
    from omloop.loop.steer.request import SteerRequest

NEWEST, LEAST = 100, 10
"""Logged predictions that both answer again; with fewer they answer the examples of the first version."""
MOST_CHANGED = 20
MOST = 32
"""How many comparisons to keep in memory."""


def compare(request: SteerRequest) -> dict[str, object]:
    """Compare the versions `a` and `b`."""
    registry = request.workspace.registry(request.project)
    events, given = registry.history(), [request.query.get(name, "") for name in ("a", "b")]
    if not all(given):
        raise Refusal(400, "say which versions: ?a=VERSION&b=VERSION", code="invalid_query")
    a, b = (find(events, one, request.project).version for one in given)
    both = [version_facts(request, request.project, version) for version in (a, b)]
    return {
        "a": a,
        "b": b,
        "lower_is_better": sorted({name for one in both for name, lower in one.lower_is_better.items() if lower}),
        "metrics": _metrics(both),
        "config": _config(request, (a, b)),
        "slices": _slices(request, both),
        "predictions": _predictions(request, (a, b)),
        "command": command_line("omloop", "replay", request.project, newest=str(NEWEST)),
    }


def _metrics(both: Sequence[VersionFacts]) -> list[dict[str, object]]:
    a, b = (one.tested for one in both)
    names = dict.fromkeys(name for one in both for name in [*one.lower_is_better, *one.tested])
    return [{"name": name, "a": score_json(a.get(name)), "b": score_json(b.get(name))} for name in names]


def _config(request: SteerRequest, both: Sequence[str]) -> list[dict[str, object]] | None:
    """The settings that differ; None if the library that reads configurations is not installed."""
    texts = [version_text(request, version, CONFIG) for version in both]
    with contextlib.suppress(ModuleNotFoundError):
        a, b = map(flat_settings, texts)
        keys = sorted({*a, *b})
        return [{"key": key, "a": a.get(key), "b": b.get(key)} for key in keys if a.get(key) != b.get(key)]
    return None


def _slices(request: SteerRequest, both: Sequence[VersionFacts]) -> list[dict[str, object]] | None:
    """The scores of every group that either has; None if one side is unknown."""
    a, b = (slices_of(request, one) for one in both)
    if a is None or b is None:
        return None
    places = dict.fromkeys(
        (grouping, group, metric)
        for one in (a, b)
        for grouping, groups in one.items()
        for group, scored in groups.items()
        for metric in scored
    )

    def score(of: Mapping[str, Any], grouping: str, group: str, metric: str) -> object:
        return of.get(grouping, {}).get(group, {}).get(metric)

    named = ("grouping", "group", "metric")
    return [{**dict(zip(named, place, strict=True)), "a": score(a, *place), "b": score(b, *place)} for place in places]


@dataclass(frozen=True)
class _Asked:
    """Rows that both versions answer, as a request has them, with the labels that came for some, by their place."""

    rows: Sequence[object]
    source: str
    labels: Mapping[int, object] = field(default_factory=dict)


def _predictions(request: SteerRequest, both: tuple[str, str]) -> dict[str, object]:
    """What both answer to the newest logged inputs, or to the examples of the first."""
    with contextlib.closing(request.workspace.predictions(request.project)) as log:
        window = log.window(newest=NEWEST)
    newest = window.predictions[-1].id if window.predictions else ""

    def answer() -> dict[str, object]:
        one, other = (request.workspace.registry(request.project).load(version) for version in both)
        raw = [(one.kind.replay(prediction.inputs), prediction.id) for prediction in window.predictions]
        kept = [(row, window.labels.get(name)) for row, name in raw if row is not None]
        asked = _Asked(one.examples.rows, "examples")
        with contextlib.suppress(DataError):  # what another version was asked may not be what this one reads
            if len(kept) >= LEAST:
                columns = {name: [row.get(name) for row, _ in kept] for name in one.kind.fields}
                labels = {place: label for place, (_, label) in enumerate(kept) if label is not None}
                asked = _Asked(one.kind.render(one.kind.encode(columns)), "log", labels)
        return _answered(one, other, asked)

    found: dict[str, object] = request.caches.once(
        "answers", (request.project, *both, newest, len(window.labels)), answer, most=MOST
    )
    return found


def _answered(one: Bundle, other: Bundle, asked: _Asked) -> dict[str, object]:
    told: dict[str, object] = {
        "rows": len(asked.rows),
        "source": asked.source,
        "changed": [],
        "agreement": None,
        "why": "",
    }
    if (
        one.manifest.outputs.get("kind") != other.manifest.outputs.get("kind")
        or one.output.classes != other.output.classes
    ):
        return told | {"why": "the two versions answer different things"}
    sessions = [Session.of(bundle) for bundle in (one, other)]
    try:
        outputs = [session.predict(session.inputs.parse(asked.rows)) for session in sessions]
    except DataError as error:
        return told | {"why": f"one of the two versions does not read these rows: {error}"}
    return told | _differences(one.output, asked, outputs)


def _differences(output: Output, asked: _Asked, outputs: Sequence[np.ndarray[Any, Any]]) -> dict[str, object]:
    """The share of rows that both answer alike, and the rows that they do not, those furthest apart first."""
    alike = output.agree(*map(output.decide, outputs))
    answers = [output.answer(one) for one in outputs]
    apart = np.abs(outputs[0] - outputs[1]).reshape(len(asked.rows), -1).max(axis=1)
    places = [place for place in np.argsort(-apart, kind="stable").tolist() if not alike[place]]
    changed = [
        {"place": place, "row": asked.rows[place], "a": answers[0][place], "b": answers[1][place]}
        | ({"truth": asked.labels[place]} if place in asked.labels else {})
        for place in places[:MOST_CHANGED]
    ]
    return {
        "changed": changed,
        "more": max(0, len(places) - MOST_CHANGED),
        "agreement": float(alike.mean()) if len(alike) else None,
    }
