"""Cheap mistakes found before dear training: what a project answers, and what becomes of its models on fifty rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from omloop.core import Dataset, ExportError, Job, Kind, OmloopError, Project
from omloop.loop.live import some_of
from omloop.loop.packaging import compat_of
from omloop.optimise import EXPORTERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omloop.core import Fitted

ROWS = 50
WORTH_IT = 2000
"""Training rows from which on a rehearsal is worth its time: with fewer the real export comes as soon."""
NETWORKS = "torch"
"""The extra whose models are not rehearsed: fifty rows train a network for as many epochs as all."""


def require_compat(project: Project, kind: Kind, dataset: Dataset, baseline: Fitted) -> None:
    """Let a project pass whose `compat.json` can be filled with what it answers; raises BundleError for another."""
    one = dataset.train.examples[:1]
    (row,), (answer,), (remarks,) = kind.render(one), project.outputs.answer(baseline.predict(one)), kind.remarks(one)
    compat_of(project, kind, row, {**answer, **remarks})


def require_packageable(project: Project, name: str, job: Job) -> None:
    """Train the model on fifty rows and export it; raises ExportError where ONNX has no word for what it is made of.

    A model that cannot learn from so few rows passes: that says nothing. So does one of few rows, and a network.
    """
    model = project.models[name]
    if len(job.train) < WORTH_IT or model.extra == NETWORKS:
        return
    rows = some_of_each(job.train.targets, whole=not project.outputs.observed.get("prediction", ()))
    small = replace(
        job, train=some_of(job.train, rows), log=lambda step, metrics: None, folder=job.folder / "rehearsal"
    )
    try:
        fitted = model.fit(small)
    except (OmloopError, ModuleNotFoundError, ValueError):
        return
    kind = fitted.inputs or job.inputs
    try:
        EXPORTERS.load(fitted.family)(fitted, kind, project.outputs, small.train.examples)
    except ExportError as error:
        raise ExportError(
            f"{error} This was found on {len(rows)} rows, before the model '{name}' was trained."
        ) from error


def some_of_each(targets: NDArray[Any], *, whole: bool) -> NDArray[np.int64]:
    """Fifty rows, spread evenly; of classes as many of each as there can be, the rarest included.

    >>> some_of_each(np.array([0] * 900 + [1] * 3), whole=False)[-3:].tolist()
    [900, 901, 902]
    """
    if whole:
        return np.unique(np.linspace(0, len(targets) - 1, ROWS).astype(np.int64))
    classes = np.unique(targets)
    share = max(2, ROWS // len(classes))
    found = []
    for one in classes:
        rows = np.flatnonzero(targets == one)
        found.append(rows[np.unique(np.linspace(0, len(rows) - 1, share).astype(np.int64))])
    return np.sort(np.concatenate(found))
