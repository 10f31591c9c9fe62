"""Refuses useless data before training: one target for all, an empty column."""

from __future__ import annotations

import numpy as np

from omloop.core import DataError, Dataset, Kind, Project


def require_learnable(project: Project, kind: Kind, dataset: Dataset) -> None:
    """Let a dataset pass whose training targets differ and whose columns hold values; raises DataError for another."""
    _require_targets_that_differ(project, dataset)
    _require_values(kind, dataset)


def _require_targets_that_differ(project: Project, dataset: Dataset) -> None:
    targets = dataset.train.targets
    if (targets != targets[0]).any():
        return
    others = [part for part in (dataset.validation, dataset.test) if (part.targets != targets[0]).any()]
    who, rows = ("training records", len(targets)) if others else ("records", len(dataset))
    classes = project.outputs.observed.get("prediction", ())
    if classes:
        said = f"All {rows} {who} are of class '{classes[int(targets[0])]}'"
        step = "Check the source, and data.classes and data.fraction: two classes at least are needed to tell apart."
    else:
        said = f"The '{project.target}' of all {rows} {who} is {targets[0]:.15g}"
        step = "Check the source: a target that never changes needs no model."
    raise DataError(f"{said}, so there is nothing to learn. {step}")


def _require_values(kind: Kind, dataset: Dataset) -> None:
    """Only the columns that a model reads by name: measurements of pictures and texts may be absent."""
    named = [name for name in kind.fields if name in kind.observed]
    observed = kind.observe(dataset.train.examples) if named else {}
    empty = [name for name in named if np.isnan(np.asarray(observed[name], np.float64)).all()]
    if empty:
        told = ", ".join(f"'{name}'" for name in empty)
        raise DataError(
            f"No training record has a value in {told}, so nothing can be learned from it. "
            "Mend the source, or name the columns to learn from in data.features."
        )
