"""Labelled live predictions as records: how what went out comes round again."""

from omloop.core import Columns, Kind, Predictions, Project, Window


def with_live(project: Project, kind: Kind, records: Columns, predictions: Predictions) -> tuple[Columns, int]:
    """The records with every labelled live prediction behind them, and how many those were.

    Only the columns of `kind` and the target remain: a prediction carries no others. Predictions of a model with other
    features are left out.
    """
    try:
        live = live_records(project, kind, predictions.window(labelled=True))
    finally:
        predictions.close()
    rows = len(live[project.target])
    return ({name: [*records[name], *live[name]] for name in live} if rows else records), rows


def live_records(project: Project, kind: Kind, window: Window) -> dict[str, list[object]]:
    """The labelled predictions of a window as records, by column."""
    fields = set(kind.fields)
    labelled = [p for p in window.predictions if p.id in window.labels and fields <= p.inputs.keys()]
    records: dict[str, list[object]] = {name: [p.inputs[name] for p in labelled] for name in kind.fields}
    return records | {project.target: [window.labels[p.id] for p in labelled]}
