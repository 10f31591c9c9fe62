"""The turn's first half: from a source to trained models."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    Columns,
    DataError,
    Dataset,
    Estimate,
    Fitted,
    Job,
    Kind,
    Metric,
    MissingExtraError,
    Origin,
    Project,
    Run,
    as_kept,
)
from omloop.data import Identity, checked, fraction_of, inspected, of_classes, prepare, require_learnable
from omloop.evaluate import evaluate
from omloop.loop.turn.episodes import broken_spans
from omloop.loop.turn.live_records import learned_from, some_of, with_live
from omloop.loop.turn.ordering import with_times
from omloop.loop.turn.preflight import require_compat, require_metrics, require_packageable
from omloop.loop.turn.scoring import metrics_of
from omloop.track import loss_curve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omloop.loop.project.configure import Configured
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class Records:
    """Checked records of a source, the `live` ones last, and what was left out; `cache` keeps them encoded.

    `identity` says who each of them is, `origin` where the source's came from.
    """

    columns: Columns
    live: int
    notes: tuple[str, ...]
    identity: Identity
    origin: Origin
    cache: Path | None = None

    @property
    def first_live(self) -> int:
        """The position of the first live record; the number of records when there is none."""
        return len(next(iter(self.columns.values()), ())) - self.live

    def take(self, rows: Sequence[int]) -> Columns:
        """The records at some positions."""
        return {name: [values[row] for row in rows] for name, values in self.columns.items()}


@dataclass(frozen=True)
class Trained:
    """One model of a turn: its scores on the validation part, or why it was left out."""

    name: str
    scores: Mapping[str, Estimate]
    seconds: float
    fitted: Fitted | None
    left_out: str = ""


def gather(project: Project, kind: Kind, config: Configured, workspace: Workspace) -> Records:
    """Ask the source, check what it gave, and add the labelled live predictions if the configuration asks for them."""
    fetched = config.data.records(project, workspace.downloads, workspace.settings)
    chosen, left_out = of_classes(project.target, fetched, config.data.classes)
    columns, notes = checked(project, kind, chosen, drop=config.data.on_problem == "drop")
    columns, fewer = fraction_of(project, columns, config.data.fraction, seed=config.split.seed)
    identity, live = Identity.of(project, columns, by=config.split.by), 0
    if config.data.live:
        columns, identity, live = with_live(
            project,
            kind,
            columns,
            identity,
            workspace.predictions(project.name),
            days=config.data.live_days,
            since=config.data.live_since,
            broken=broken_spans(workspace.registry(project.name).history(), workspace.clock()),
        )
    notes, cache = (*left_out, *notes, *fewer), workspace.cache / "prepared"
    return Records(columns, live, notes, identity, config.data.origin, cache)


def split(project: Project, kind: Kind, config: Configured, records: Records) -> Dataset:
    """Encode the records, split them by the split's own seed or by time, and look for what is odd in them."""
    live = f" and {records.live} labelled live rows" if records.live else ""
    dataset = prepare(
        project,
        records.columns,
        kind,
        seed=config.split.seed,
        validation=config.split.validation,
        test=config.split.test,
        cache=records.cache,
        identity=records.identity,
    )
    dataset = replace(dataset, source=f"{config.data}{live}", notes=records.notes)
    dataset = learned_from(dataset, records.first_live, config.data.past)
    dataset = _without_copies(project, dataset, records)
    dataset = inspected(project, kind, records.columns, dataset, policy=config.data.quality, identity=records.identity)
    return with_times(dataset, records.columns, kind, config.data)


def train_models(
    project: Project,
    kind: Kind,
    config: Configured,
    dataset: Dataset,
    run: Run,
    scratch: Path,
    tell: Callable[[str], None],
    *,
    cache: Path | None = None,
) -> list[Trained]:
    """Train the baseline and every model asked for, and score each on the validation part.

    A model whose extra is not installed is left out of several, and an error when it is the only one asked for. Raises
    DataError for a dataset that nothing can be learned from.
    """
    require_learnable(project, kind, dataset)
    metrics = metrics_of(project, config)
    require_metrics(metrics, project, dataset, seed=config.seed)
    trained: list[Trained] = []
    for name, model_config in config.models.items():
        tell(f"train: {name}")
        curves: dict[str, list[float]] = defaultdict(list)
        job = Job(
            config=model_config,
            inputs=kind,
            outputs=project.outputs,
            train=dataset.train,
            validation=dataset.validation,
            seed=config.seed,
            log=_logger(run, name, curves, tell),
            folder=scratch / name,
            cache=cache,
            keep=_keeper(run, name),
        )
        try:
            if trained:
                require_packageable(project, name, job)
            trained.append(_train(project, name, job, metrics))
            if len(trained) == 1 and trained[0].fitted is not None:
                require_compat(project, kind, dataset, trained[0].fitted)
        except MissingExtraError as error:
            if len(config.models) <= 2:
                raise
            trained.append(Trained(name, {}, 0.0, None, f"left out: needs omloop[{error.extra}]"))
            tell(f"{name} {trained[-1].left_out}")
        losses = {label: values for label, values in curves.items() if label.endswith("loss") and len(values) > 1}
        if losses:
            run.keep(f"plots/{name}_loss.png", loss_curve(losses))
    return trained


def best_of(models: Sequence[Trained], metric: Metric) -> tuple[Trained, Fitted]:
    """The model with the best validation score by the metric; the baseline, the first, counts only when alone."""
    ready = [(model, model.fitted) for model in models if model.fitted is not None]
    sign = 1.0 if metric.higher_is_better else -1.0
    return max(ready[1:] or ready, key=lambda pair: sign * pair[0].scores[metric.name].value)


def _without_copies(project: Project, dataset: Dataset, records: Records) -> Dataset:
    """The dataset without test rows that are learned from in another guise, such as a live row that the source has too.

    Raises DataError when none is left.
    """
    rows = [*dataset.train.rows, *dataset.validation.rows]
    learned = records.identity.among(records.identity.training_keys(rows), records.columns)
    assert learned is not None  # noqa: S101  they are known by their own columns
    return without_learned(project, dataset, records, learned, by="copies of them are learned from")


def without_learned(
    project: Project, dataset: Dataset, records: Records, learned: NDArray[np.bool_], *, by: str
) -> Dataset:
    """The dataset without the test rows that are `learned`, shape (records,); a note says how many, and `by` what.

    What a publisher put into his test part stays there. Raises DataError when no test row is left.
    """
    if project.part is not None and project.part in records.columns:
        learned = learned & np.array([str(part) != "test" for part in records.columns[project.part]])
    known = learned[np.asarray(dataset.test.rows, np.int64)]
    if not known.any():
        return dataset
    told = f"{known.sum()} of {len(known)} test rows were left out: {by}"
    if known.all():
        raise DataError(f"{told}. None is left to judge on. Take other data, or the split.seed of the version.")
    return replace(dataset, test=some_of(dataset.test, np.flatnonzero(~known)), notes=(*dataset.notes, told))


def _train(project: Project, name: str, job: Job, metrics: Sequence[Metric]) -> Trained:
    begun = monotonic()
    model = project.models[name]
    try:
        fitted = model.fit(job)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"The model '{name}'", error.name or name, model.extra) from error
    outputs = fitted.predict(job.validation.examples)
    report = evaluate(job.validation.targets, outputs, metrics, part="validation", seed=job.seed)
    return Trained(name, report.metrics, monotonic() - begun, fitted)


def _keeper(run: Run, model: str) -> Callable[[str, bytes | str], None]:
    """What a job keeps files with: each model's lie in a folder of its own."""
    return lambda name, content: run.keep(f"kept/{model}/{name}", as_kept(name, content))


def _logger(
    run: Run, name: str, curves: dict[str, list[float]], tell: Callable[[str], None]
) -> Callable[[int, Mapping[str, float]], None]:
    """What a job logs its steps with; it tells one in a second at most, where no terminal shows the training's bar."""
    told = monotonic()

    def log(step: int, metrics: Mapping[str, float]) -> None:
        nonlocal told
        run.log(step, {f"{name}/{key}": value for key, value in metrics.items()})
        for key, value in metrics.items():
            curves[key].append(float(value))
        if monotonic() - told >= 1.0 and not sys.stderr.isatty():
            told = monotonic()
            tell(f"train: {name}, step {step}: {', '.join(f'{key} {value:.4g}' for key, value in metrics.items())}")

    return log
