"""Labelled live predictions as records: how what went out comes round again."""

from omloop.core import Columns, InputError, Kind, Predictions, Project, Window


def with_live(project: Project, kind: Kind, records: Columns, predictions: Predictions) -> tuple[Columns, int]:
    """The records with every labelled live prediction behind them, and how many those were.

    Only the columns of `kind`, the target and what the split goes by remain: a prediction carries no others, is a group
    of its own, and lies in no part that a publisher dealt. Predictions whose inputs were not kept or were of other
    features, and those whose label is of another class, are left out.
    """
    try:
        live = live_records(project, kind, predictions.window(labelled=True))
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


def _accepted(project: Project, label: object) -> bool:
    try:
        project.outputs.parse(label)
    except InputError:
        return False
    return True
