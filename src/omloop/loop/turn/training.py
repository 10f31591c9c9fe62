"""The turn's first half: from a source to trained models."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from omloop.core import (
    Dataset,
    Estimate,
    Fitted,
    Job,
    Metric,
    MissingExtraError,
    NumberArray,
    Project,
    Run,
    TrainError,
    as_kept,
    missing_extra,
)
from omloop.data import require_learnable
from omloop.evaluate import evaluate
from omloop.loop.project.plan import Plan
from omloop.loop.turn.preflight import require_compat, require_metrics, require_packageable
from omloop.loop.turn.time_left import time_left
from omloop.track import loss_curve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Log = Callable[[int, Mapping[str, float]], bool | None]


@dataclass(frozen=True)
class TrainedModel:
    """One model of a turn: its scores on held-out examples, or why the turn left it out.

    `fitted` learned from the training part. If cross-validation compares the models, `outputs` are its answers, one to
    each example of the training and the validation part. `cpu_seconds` are those of the first training.
    """

    name: str
    scores: Mapping[str, Estimate]
    seconds: float
    fitted: Fitted | None
    left_out: str = ""
    outputs: NumberArray | None = None
    cpu_seconds: float = 0.0


def train_models(plan: Plan, dataset: Dataset, run: Run, scratch: Path) -> list[TrainedModel]:
    """Train the baseline and every chosen model, and score each on the validation part.

    Among several, it leaves out a model whose extra is not installed; a single such model is an error. Raises DataError
    for a dataset that no model can learn from.
    """
    project, kind, config, metrics = plan.project, plan.kind, plan.config, plan.metrics
    require_learnable(project, kind, dataset)
    require_metrics(metrics, project, dataset, seed=config.seed)
    trained: list[TrainedModel] = []
    for name, model_config in config.models.items():
        plan.tell(f"train: {name}")
        curves: dict[str, list[float]] = defaultdict(list)
        log = _logger(run, name, curves, _teller(plan, model_config))
        job = job_of(plan, dataset, model_config, scratch / name, log, run)
        try:
            if trained:
                require_packageable(project, name, job)
            trained.append(_train(project, name, job, metrics))
            if len(trained) == 1 and trained[0].fitted is not None:
                require_compat(project, kind, dataset, trained[0].fitted)
        except MissingExtraError as error:
            if len(config.models) <= 2:
                raise
            trained.append(TrainedModel(name, {}, 0.0, None, f"left out: needs {error.package}[{error.extra}]"))
            plan.tell(f"{name} {trained[-1].left_out}")
        losses = {label: values for label, values in curves.items() if label.endswith("loss") and len(values) > 1}
        if losses:
            run.keep(f"plots/{name}_loss.png", loss_curve(losses))
    return trained


def train_again(plan: Plan, dataset: Dataset, run: Run, scratch: Path, model: str) -> Fitted:
    """A model, trained again on another split of the same records; it logs its steps as `NAME_again`."""
    name = f"{model}_again"
    config, curves = plan.config.models[model], defaultdict[str, list[float]](list)
    log = _logger(run, name, curves, _teller(plan, config))
    return plan.project.models[model].fit(job_of(plan, dataset, config, scratch / name, log, run))


def train_trial(plan: Plan, dataset: Dataset, run: Run, scratch: Path, watch: Log) -> TrainedModel:
    """The best of the configured models; the baseline only if the configuration names it.

    `watch` gets each step after the run, and says whether to continue.
    """
    names = [name for name in plan.config.models if name != plan.project.baseline] or [plan.project.baseline]
    trained = []
    for name in names:
        config = plan.config.models[name]
        log = _logger(run, name, defaultdict(list), _teller(plan, config), watch)
        job = job_of(plan, dataset, config, scratch / name, log, run)
        trained.append(_train(plan.project, name, job, plan.metrics))
    return best_of([trained[0], *trained], plan.metrics[0])[0]


def best_of(models: Sequence[TrainedModel], metric: Metric) -> tuple[TrainedModel, Fitted]:
    """The model with the best validation score by the metric; the baseline, the first, counts only when alone."""
    ready = [(model, model.fitted) for model in models if model.fitted is not None]
    sign = 1.0 if metric.higher_is_better else -1.0
    return max(ready[1:] or ready, key=lambda pair: sign * pair[0].scores[metric.name].value)


def job_of(plan: Plan, dataset: Dataset, model_config: object, folder: Path, log: Log, run: Run) -> Job:
    """The job of a model on a dataset."""
    return Job(
        config=model_config,
        inputs=plan.kind,
        outputs=plan.project.outputs,
        train=dataset.train,
        validation=dataset.validation,
        seed=plan.config.seed,
        log=log,
        folder=folder,
        cache=plan.workspace.cache,
        shared_cache=plan.workspace.shared_cache(),
        keep=_keeper(run, folder.name),
        tell=plan.tell,
    )


def _train(project: Project, name: str, job: Job, metrics: Sequence[Metric]) -> TrainedModel:
    begun, cpu = monotonic(), _cpu_seconds()
    model = project.models[name]
    try:
        fitted = model.fit(job)
    except ModuleNotFoundError as error:
        who = f"The model '{name}'"
        told = f"{who} needs '{error.name}', which is not installed, and no extra of omloop brings it. Install it."
        raise missing_extra(error, who) or TrainError(told) from error
    outputs = fitted.predict(job.validation.examples)
    report = evaluate(job.validation.targets, outputs, metrics, part="validation", seed=job.seed)
    worked = _cpu_seconds() - cpu
    return TrainedModel(name, report.metrics, monotonic() - begun, fitted, cpu_seconds=worked)


def _cpu_seconds() -> float:
    """CPU time so far, with that of ended child processes; it does not depend on how busy the machine is."""
    return sum(os.times()[:4])


def _keeper(run: Run, model: str) -> Callable[[str, bytes | str], None]:
    """What a job keeps files with: each model's lie in a folder of its own."""
    return lambda name, content: run.keep(f"kept/{model}/{name}", as_kept(name, content))


def _teller(plan: Plan, model_config: object) -> Callable[[int, str], None]:
    """What tells a step and how long the rest may take, a line a second at most; a terminal shows the bar instead."""
    told, ends = monotonic(), list[float]()
    epochs = getattr(model_config, "epochs", 0)

    def tell(step: int, words: str) -> None:
        nonlocal told
        ends.append(monotonic())
        if ends[-1] - told >= 1.0 and not sys.stderr.isatty():
            told = ends[-1]
            # Not from the begin: before the first epoch libraries are loaded and threads are tried.
            left = time_left(ends[-1] - ends[0], len(ends) - 1, epochs - step - 1)
            plan.tell(f"train: {words}{f'; {left}' if left else ''}")

    return tell


def _logger(
    run: Run, name: str, curves: dict[str, list[float]], tell: Callable[[int, str], None], watch: Log | None = None
) -> Log:
    """What a job logs its steps with. The answer is that of `watch`, if somebody does."""

    def log(step: int, metrics: Mapping[str, float]) -> bool | None:
        run.log(step, {f"{name}/{key}": value for key, value in metrics.items()})
        for key, value in metrics.items():
            curves[key].append(float(value))
        tell(step, f"{name}, step {step}: {', '.join(f'{key} {value:.4g}' for key, value in metrics.items())}")
        return watch(step, metrics) if watch is not None else None

    return log
