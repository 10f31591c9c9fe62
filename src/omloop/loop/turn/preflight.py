"""Cheap mistakes found before dear training: what a project answers, and what becomes of its models on fifty rows."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from omloop.bundle.former_service import COMPAT, check_compat, read_compat
from omloop.core import (
    ConfigError,
    Dataset,
    ExportError,
    Job,
    Kind,
    Metric,
    NumberArray,
    OmloopError,
    Output,
    Part,
    Project,
)
from omloop.loop.records.live_records import some_of
from omloop.package import EXPORTERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omloop.core import Fitted

LOG = logging.getLogger("omloop.turn")

ROWS = 50
WORTH_IT = 2000
"""From this many training rows on, a rehearsal is worth its time: with fewer the real export comes as soon."""
MOST_ROWS, MOST_GROUPS = 1000, 50
"""How many rows of one class or group to try a project's metric on, and groups of a slice."""
SLOW_S = 0.05
"""From this many seconds a call on, it reports a metric as slow: its interval takes a minute."""
NETWORKS = "torch"
"""The extra whose models skip the rehearsal: fifty rows train a network for as many epochs as all rows."""


def require_compat(project: Project, kind: Kind, dataset: Dataset, baseline: Fitted) -> None:
    """Check that a project's answers can fill its `compat.json`; raises BundleError if not."""
    one = dataset.train.examples[:1]
    (row,), (answer,), (remarks,) = kind.render(one), project.outputs.answer(baseline.predict(one)), kind.remarks(one)
    compat_of(project, kind, row, {**answer, **remarks})


def require_packageable(project: Project, name: str, job: Job) -> None:
    """Train the model on fifty rows and export it; raises ExportError if ONNX cannot express a part of it.

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


def require_metrics(metrics: Sequence[Metric], project: Project, dataset: Dataset, *, seed: int) -> None:
    """Check before training that metrics give a number on the validation and test parts.

    It tries them with made-up answers, on all rows and on small selections: one class alone, one group, one row. There
    the project's own metrics may give NaN. Raises ConfigError, which names the metric.
    """
    own = [one for one in metrics if one.name in project.metrics]
    for name, part in (("validation", dataset.validation), ("test", dataset.test)):
        outputs = _made_up(project.outputs, part.targets, seed)
        for one in {metrics[0].name: metrics[0], **{one.name: one for one in own}}.values():
            begun = time.monotonic()
            found = one(part.targets, outputs)
            if (seconds := time.monotonic() - begun) > SLOW_S:
                LOG.warning("the metric '%s' takes %.2g s, and an interval 1,000 times that", one.name, seconds)
            if not np.isfinite(found):
                raise ConfigError(
                    f"The metric '{one.name}' is not defined on the {name} rows, {len(part)} in all. "
                    "Take more data, or another metric."
                )
        for one in own:
            for rows in _awkward(project.outputs, part):
                one(part.targets[rows], outputs[rows])


def some_of_each(targets: NumberArray, *, whole: bool) -> NDArray[np.int64]:
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


def _awkward(output: Output, part: Part) -> Iterator[NDArray[np.int64]]:
    """Rows such as a slice or a draw may consist of."""
    yield np.arange(min(1, len(part)))
    if output.classes:
        for place in np.unique(part.targets):
            yield _even(np.flatnonzero(part.targets == place))
    for groups in part.slices.values():
        for group in np.unique(groups)[:MOST_GROUPS]:
            yield _even(np.flatnonzero(groups == group))


def _even(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[np.linspace(0, len(rows) - 1, min(MOST_ROWS, len(rows))).astype(np.int64)]


def _made_up(output: Output, truth: NumberArray, seed: int) -> NumberArray:
    """Answers of nobody: any probabilities, or the true numbers of other rows."""
    random = np.random.default_rng(seed)
    if output.classes:
        return random.dirichlet(np.ones(len(output.classes)), len(truth))
    return random.permutation(truth)


def compat_of(project: Project, kind: Kind, row: object, answer: Mapping[str, object]) -> dict[str, bytes]:
    """The project's `compat.json`, if it has one; raises BundleError when it could not answer with it."""
    path = None if project.folder is None else project.folder / COMPAT
    if path is None or not path.is_file():
        return {}
    content = path.read_bytes()
    check_compat(read_compat(content), kind, row, answer)
    return {COMPAT: content}
