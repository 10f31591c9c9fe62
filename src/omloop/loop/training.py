"""The turn's first half: from a source to trained models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from omloop.core import Columns, Dataset, Estimate, Fitted, Job, Kind, MissingExtraError, Project, Run
from omloop.data import checked, fraction_of, inspected, of_classes, prepare
from omloop.evaluate import evaluate, metric
from omloop.loop.episodes import broken_in
from omloop.loop.live import learned_from, with_live
from omloop.loop.ordering import with_times
from omloop.track import loss_curve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omloop.loop.configure import Configured
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class Records:
    """Checked records of a source, the `live` ones last, and what was left out; `cache` keeps them encoded."""

    columns: Columns
    live: int
    notes: tuple[str, ...]
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
    columns, fewer = fraction_of(project, columns, config.data.fraction, seed=config.seed)
    notes, cache = (*left_out, *notes, *fewer), workspace.cache / "prepared"
    if not config.data.live:
        return Records(columns, 0, notes, cache)
    columns, live = with_live(
        project,
        kind,
        columns,
        workspace.predictions(project.name),
        days=config.data.live_days,
        since=config.data.live_since,
        broken=broken_in(workspace.registry(project.name).history(), workspace.clock()),
        now=workspace.clock(),
    )
    return Records(columns, live, notes, cache)


def split(project: Project, kind: Kind, config: Configured, records: Records) -> Dataset:
    """Encode the records, split them by the configuration's seed, and look for what is odd in them."""
    live = f" and {records.live} labelled live rows" if records.live else ""
    dataset = prepare(
        project,
        records.columns,
        kind,
        seed=config.seed,
        validation=config.split.validation,
        test=config.split.test,
        source=f"{config.data}{live}",
        cache=records.cache,
    )
    dataset = learned_from(replace(dataset, notes=records.notes), records.first_live, config.data.past)
    dataset = inspected(project, kind, records.columns, dataset, policy=config.data.quality)
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

    A model whose extra is not installed is left out of several, and an error when it is the only one asked for.
    """
    trained = []
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
            log=_logger(run, name, curves),
            folder=scratch / name,
            cache=cache,
        )
        try:
            trained.append(_train(project, name, job))
        except MissingExtraError as error:
            if len(config.models) <= 2:
                raise
            trained.append(Trained(name, {}, 0.0, None, f"left out: needs omloop[{error.extra}]"))
            tell(f"{name} {trained[-1].left_out}")
        losses = {label: values for label, values in curves.items() if label.endswith("loss") and len(values) > 1}
        if losses:
            run.keep(f"plots/{name}_loss.png", loss_curve(losses))
    return trained


def best_of(models: Sequence[Trained], name: str) -> tuple[Trained, Fitted]:
    """The model with the best validation score; the baseline, which comes first, counts only when it is alone."""
    ready = [(model, model.fitted) for model in models if model.fitted is not None]
    sign = 1.0 if metric(name).higher_is_better else -1.0
    return max(ready[1:] or ready, key=lambda pair: sign * pair[0].scores[name].value)


def _train(project: Project, name: str, job: Job) -> Trained:
    begun = monotonic()
    model = project.models[name]
    try:
        fitted = model.fit(job)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"The model '{name}'", error.name or name, model.extra) from error
    outputs = fitted.predict(job.validation.examples)
    report = evaluate(job.validation.targets, outputs, project.outputs.metrics, part="validation", seed=job.seed)
    return Trained(name, report.metrics, monotonic() - begun, fitted)


def _logger(run: Run, name: str, curves: dict[str, list[float]]) -> Callable[[int, Mapping[str, float]], None]:
    def log(step: int, metrics: Mapping[str, float]) -> None:
        run.log(step, {f"{name}/{key}": value for key, value in metrics.items()})
        for key, value in metrics.items():
            curves[key].append(float(value))

    return log
