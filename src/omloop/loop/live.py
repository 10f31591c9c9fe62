"""Labelled live predictions as records: how what went out comes round again."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Dataset, InputError, Kind, Part, Predictions, Project, Window
from omloop.loop.episodes import Broken

NEVER = Broken({})
"""No data was ever broken."""

PASTS = ("all", "balanced", "none")
"""How many of a source's own records are learned from beside live ones."""

LEAST_PAST = 500
"""Old examples that `balanced` keeps in a part even where fewer are live."""


def with_live(
    project: Project,
    kind: Kind,
    records: Columns,
    predictions: Predictions,
    *,
    days: float = 0.0,
    since: float = 0.0,
    broken: Broken = NEVER,
    now: float = math.inf,
) -> tuple[Columns, int]:
    """The records with every labelled live prediction behind them, and how many those were.

    With `days`, only predictions that are at most so much older than the newest one, or than `now` where that one is in
    the future, are taken, and only those from `since` (seconds since 1970) on. None is taken that was made while its
    version's data was `broken`.

    Only the columns of `kind`, the target and what the split goes by remain: a prediction carries no others, is a group
    of its own, and lies in no part that a publisher dealt. Predictions whose inputs were not kept or were of other
    features, and those whose label is of another class, are left out.
    """
    try:
        window = broken.without(predictions.window(labelled=True))
        if days:
            newest = max((p.time for p in window.predictions), default=0.0)
            since = max(since, min(newest, now) - days * 86_400.0)
        window = replace(window, predictions=tuple(p for p in window.predictions if p.time >= since))
        live = live_records(project, kind, window)
    finally:
        predictions.close()
    rows = len(live[project.target])
    return ({name: [*records[name], *live[name]] for name in live if name in records} if rows else records), rows


def live_records(project: Project, kind: Kind, window: Window) -> dict[str, list[object]]:
    """The labelled predictions of a window as records, by column."""
    known = {prediction for prediction, label in window.labels.items() if _accepted(project, label)}
    labelled = [(p.id, kind.replay(p.inputs)) for p in window.predictions if p.id in known]
    kept = [(prediction, raw) for prediction, raw in labelled if raw is not None]
    records: dict[str, list[object]] = {name: [raw[name] for _, raw in kept] for name in kind.fields}
    records[project.target] = [window.labels[prediction] for prediction, _ in kept]
    if project.group:
        records[project.group] = [f"live {prediction}" for prediction, _ in kept]
    if project.part:
        records[project.part] = [None] * len(kept)
    return records


def learned_from(dataset: Dataset, first_live: int, past: str) -> Dataset:
    """The dataset without what `past` leaves out of the source's own records; the test part keeps all of them.

    Records from `first_live` on were live. For `balanced` as many old examples stay in a part as it has live ones, but
    at least `LEAST_PAST`, chosen by their keys, so that the choice is the same whatever their order. Raises DataError
    when nothing is left.
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
        times=np.asarray(part.times)[chosen] if len(part.times) else (),
    )


def _accepted(project: Project, label: object) -> bool:
    try:
        project.outputs.parse(label)
    except InputError:
        return False
    return True
