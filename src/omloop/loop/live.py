"""Labelled live predictions as records: how what went out comes round again."""

from omloop.core import Columns, Kind, Predictions, Project, Window


def with_live(project: Project, kind: Kind, records: Columns, predictions: Predictions) -> tuple[Columns, int]:
    """The records with every labelled live prediction behind them, and how many those were.

    Only the columns of `kind` and the target remain: a prediction carries no others. Predictions whose
    inputs were not kept, or were of other features, are left out.
    """
    try:
        live = live_records(project, kind, predictions.window(labelled=True))
    finally:
        predictions.close()
    rows = len(live[project.target])
    return ({name: [*records[name], *live[name]] for name in live} if rows else records), rows


def live_records(project: Project, kind: Kind, window: Window) -> dict[str, list[object]]:
    """The labelled predictions of a window as records, by column."""
    labelled = [(p.id, kind.replay(p.inputs)) for p in window.predictions if p.id in window.labels]
    kept = [(prediction, raw) for prediction, raw in labelled if raw is not None]
    records: dict[str, list[object]] = {name: [raw[name] for _, raw in kept] for name in kind.fields}
    return records | {project.target: [window.labels[prediction] for prediction, _ in kept]}
