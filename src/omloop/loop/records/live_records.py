"""Labelled live predictions as records: how what went out comes round again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Dataset, InputError, Kind, Part, Prediction, Predictions, Project, Window
from omloop.data import PREDICTION, Identity, Times, content_keys, record_keys, record_weights
from omloop.loop.records.episodes import BrokenSpans

LEAST_PAST = 500
"""Old examples that `balanced` keeps in a part even where fewer are live."""


@dataclass(frozen=True)
class LiveChoice:
    """Which labelled predictions a model learns from.

    `days` limits their age against the newest one, or against now if that lies in the future. `since` (seconds since
    1970) leaves out earlier ones. Predictions from times when their version's data was `broken` stay out.
    """

    days: float
    since: float
    broken: BrokenSpans

    def of(self, window: Window) -> Window:
        """The chosen predictions of `window`."""
        window, since = self.broken.without(window), self.since
        if self.days:
            newest = max((p.time for p in window.predictions), default=0.0)
            since = max(since, min(newest, self.broken.now) - self.days * 86_400.0)
        return replace(window, predictions=tuple(p for p in window.predictions if p.time >= since))


def with_live(
    project: Project, kind: Kind, records: Columns, identity: Identity, predictions: Predictions, chosen: LiveChoice
) -> tuple[Columns, Identity, int]:
    """The records with the `chosen` labelled live predictions behind them, the identity of all, and the live count.

    Only the columns of `kind`, of the target, of weights and of the split remain: a prediction has no others. Each
    prediction is a group of its own, lies in no part that a publisher dealt, and has the mean weight of the source's
    records. Predictions without whole inputs, with other features, or with a label of another class stay out.
    """
    try:
        window = chosen.of(predictions.window(labelled=True))
        live = live_records(project, kind, window)
        learnable = [(prediction, window.labels[prediction.id]) for prediction, _ in _labelled(project, kind, window)]
        identity += live_identity(project.inputs, identity.by, learnable)
    finally:
        predictions.close()
    rows = len(live[project.target])
    if project.weight:
        live[project.weight] = [float(record_weights(project, records).mean())] * rows
    columns = {name: [*records[name], *live[name]] for name in live if name in records} if rows else records
    return columns, identity, rows


def live_identity(kind: Kind, by: tuple[str, ...], labelled: Sequence[tuple[Prediction, Any]]) -> Identity:
    """The identity of live records, each a prediction with its label; `by` names what identifies the source's records.

    A record sent twice is one record, whichever version answered and whatever features are in use. Its inputs in the
    log identify it. Where those are all that `by` names, and `kind` reads them, it is the same record here and in the
    source.
    """
    moments = np.array([prediction.time for prediction, _ in labelled])
    times = Times(np.arange(len(moments), dtype=np.float64), moments, len(moments))  # the oldest come first
    if not labelled:
        return Identity(by, np.array([], np.str_), np.array([], np.uint64), np.array([], np.uint64), times)
    *fields, target = by
    whole, deal, keys = bool(fields) and set(fields) <= set(kind.fields), [], []
    for prediction, label in labelled:
        raw = kind.replay(prediction.inputs) if whole else None
        text = msgspec.json.encode([prediction.inputs, label], order="deterministic")
        told = {PREDICTION: [text]} if raw is None else {**{name: [raw[name]] for name in fields}, target: [label]}
        deal.append(record_keys(told, list(told)))
        keys.append(content_keys(told, list(told)))
    predictions = content_keys({PREDICTION: [prediction.id for prediction, _ in labelled]}, [PREDICTION])
    return Identity(by, np.concatenate(deal), np.concatenate(keys), predictions, times)


def live_records(project: Project, kind: Kind, window: Window) -> dict[str, list[object]]:
    """The labelled predictions of a window as records, by column: all inputs of the project where all hold them."""
    labelled = _labelled(project, kind, window)
    if kind.fields != project.inputs.fields:
        whole = _labelled(project, project.inputs, window)
        kind, labelled = (project.inputs, whole) if len(whole) == len(labelled) else (kind, labelled)
    kept = [(prediction.id, raw) for prediction, raw in labelled]
    records: dict[str, list[object]] = {name: [raw[name] for _, raw in kept] for name in kind.fields}
    records[project.target] = [window.labels[prediction] for prediction, _ in kept]
    if project.group:
        records[project.group] = [f"live {prediction}" for prediction, _ in kept]
    if project.part:
        records[project.part] = [None] * len(kept)
    return records


def learned_from(dataset: Dataset, first_live: int, past: str) -> Dataset:
    """The dataset without the source's own records that `past` leaves out; the test part keeps all of them.

    Records from `first_live` on are live. `balanced` keeps as many old examples in a part as it has live ones, but at
    least `LEAST_PAST`. It chooses them by their keys, so that the choice does not depend on their order. Raises
    DataError if train or validation would be empty.
    """
    if past == "all" or first_live >= len(dataset):
        return dataset
    train, validation = (_without_past(part, first_live, past) for part in (dataset.train, dataset.validation))
    if not len(train) or not len(validation):
        raise DataError(
            f"data.past={past} leaves nothing to learn from: too few labelled live rows. Take data.past=all."
        )
    return replace(dataset, train=train, validation=validation)


def is_live(part: Part, first_live: int) -> NDArray[np.bool_]:
    """Which examples of a part were live, where the records from `first_live` on were; shape (n,)."""
    return np.asarray(part.rows, np.int64) >= first_live


def _without_past(part: Part, first: int, past: str) -> Part:
    live = is_live(part, first)
    old = np.flatnonzero(~live)
    kept = old[np.argsort(part.keys[old])][: max(live.sum(), LEAST_PAST)] if past == "balanced" else old[:0]
    return some_of(part, np.sort(np.concatenate([kept, np.flatnonzero(live)])))


def some_of(part: Part, chosen: NDArray[np.int64]) -> Part:
    """The examples of a part at some positions."""
    return Part(
        examples=part.examples[chosen],
        targets=part.targets[chosen],
        keys=part.keys[chosen],
        slices={name: np.asarray(values)[chosen] for name, values in part.slices.items()},
        rows=[part.rows[row] for row in chosen.tolist()],
        times=np.asarray(part.times, np.float64)[chosen] if len(part.times) else (),
        weights=np.asarray(part.weights, np.float64)[chosen] if len(part.weights) else (),
    )


def _labelled(project: Project, kind: Kind, window: Window) -> list[tuple[Prediction, Mapping[str, object]]]:
    """The predictions to learn from, each with its raw inputs."""
    known = {prediction for prediction, label in window.labels.items() if _accepted(project, label)}
    replayed = [(p, kind.replay(p.inputs)) for p in window.predictions if p.id in known]
    return [(prediction, raw) for prediction, raw in replayed if raw is not None]


def _accepted(project: Project, label: object) -> bool:
    try:
        project.outputs.parse(label)
    except InputError:
        return False
    return True
