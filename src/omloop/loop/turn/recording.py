"""A run from its begin to its end, with all that it keeps whatever it does: code, packages, curves of the machine."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop.core import Annotation, Run, first_line, without_secrets
from omloop.loop.project.plan import Plan
from omloop.track import Sampler, all_packages, environment, system_plot, uncommitted_changes

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.core import Dataset, Estimate, Metric
    from omloop.loop.turn.training import TrainedModel
    from omloop.loop.workspace import Workspace

DRAWN = 5
"""The fewest samples of CPU and memory to plot: a run of a few seconds has nothing to show."""
LOG = logging.getLogger("omloop.track")


class RunRecording:
    """A run whose end also says which `kind` of run it was and on which data, and ends the looks at the machine."""

    def __init__(self, run: Run, sampler: Sampler, about: Mapping[str, object]) -> None:
        self._run, self._sampler, self._about = run, sampler, about
        self._not_kept: dict[str, int] = {}
        self._over = False

    @property
    def name(self) -> str:
        """The run's name."""
        return self._run.name

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Record numbers of one step; if that fails, as on a full disk, it warns and nothing stops."""
        try:
            self._run.log(step, metrics)
        except Exception as error:
            self._bear("numbers of a step", error)

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file with the run; if that fails, it warns and nothing stops."""
        try:
            self._run.keep(name, content)
        except Exception as error:
            self._bear(name, error)

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run with its results, and report what it could not keep; a second call does nothing."""
        if self._over:  # somebody stopped us while we waited for mirrors
            return
        self._over = True
        self._sampler.stop()
        self._draw()
        more = {"not_kept": self._not_kept} if self._not_kept else {}
        try:
            self._run.finish(status, {**self._about, **summary, **more})
        except Exception as error:
            self._bear("how it ended", error)
        if self._not_kept:
            lacks = [f"{name} ({count:,} times)" if count > 1 else name for name, count in self._not_kept.items()]
            LOG.warning("the run %s lacks: %s", self.name, ", ".join(lacks))

    def _bear(self, what: str, error: Exception) -> None:
        """Warn of the first thing that could not be kept, and count the others."""
        if not self._not_kept:
            LOG.warning("%s. The run goes on without.", without_secrets(first_line(error)))
        self._not_kept[what] = self._not_kept.get(what, 0) + 1

    def _draw(self) -> None:
        try:
            if len(self._sampler.points) >= DRAWN:
                self._run.keep("plots/system.png", system_plot(self._sampler.points))
        except Exception as error:
            LOG.debug("the curves of CPU and memory could not be drawn", exc_info=True)
            self._bear("plots/system.png", error)


@contextmanager
def recorded_run(
    plan: Plan,
    *,
    kind: str,
    dataset: Dataset,
    annotation: Annotation | None = None,
) -> Iterator[Run]:
    """A run that keeps its configuration, code, packages and curves; any error closes it as failed.

    `kind` is turn, train, trial, optimise or stress.
    """
    project, config = plan.project, plan.config
    about = {"kind": kind, "metric": config.metric, "data": describe_dataset(dataset)}
    del dataset  # a turn may deal the records anew, and then lets go of it
    subject = RunSubject(project.name, config.yaml, project.folder)
    with recording_of(subject, plan.workspace, about, annotation) as recording:
        plan.workspace.mirror_versions(project.name)  # what a mirror missed while it was away
        yield recording


@dataclass(frozen=True)
class RunSubject:
    """The subject of a run: its name, its configuration as YAML, and the folder of its code."""

    name: str
    config: str
    folder: Path | None


@contextmanager
def recording_of(
    subject: RunSubject, workspace: Workspace, about: Mapping[str, object], annotation: Annotation | None = None
) -> Iterator[RunRecording]:
    """A run of whatever, `about` which its end says more; closed as failed when anything goes wrong."""
    tracker = workspace.tracker()
    run = tracker.start(subject.name, subject.config, environment(subject.folder))
    with Sampler(lambda content: recording.keep("system.jsonl", content)) as sampler:
        recording = RunRecording(run, sampler, about)
        try:
            if annotation is not None and annotation != Annotation():
                tracker.annotate(subject.name, run.name, annotation)
            _keep_code(recording, subject.folder)
            yield recording
        except BaseException as error:
            status = "failed" if isinstance(error, Exception) else "killed"
            recording.finish(status, {"reason": without_secrets(str(error)) or type(error).__name__})
            raise


@contextmanager
def run_with_scratch(
    plan: Plan, dataset: Dataset, *, kind: str, annotation: Annotation | None = None, mark: str = ""
) -> Iterator[tuple[Run, Path]]:
    """A run with a scratch folder; any error on the way closes it as failed.

    The configuration and the data name the folder. If a turn is killed, its checkpoints stay there, and the same turn
    continues from them when you start it again. A `mark` separates folders that would be the same.
    """
    same = hashlib.sha256(f"{plan.config.yaml}{dataset.fingerprint}{mark}".encode()).hexdigest()
    scratch = plan.workspace.root / "scratch" / plan.project.name / same[:16]
    try:
        recorded = recorded_run(plan, kind=kind, dataset=dataset, annotation=annotation)
        del dataset  # a turn may deal the records anew, and then lets go of it
        with recorded as run:
            yield run, scratch
    except Exception:  # not for an interrupt: the same turn continues from what it left
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    shutil.rmtree(scratch, ignore_errors=True)


def _keep_code(run: Run, folder: Path | None) -> None:
    run.keep("packages.txt", all_packages().encode())
    changes = uncommitted_changes(folder) if folder else None
    if changes is not None:
        run.keep("diff.patch", changes)


def describe_dataset(dataset: Dataset) -> dict[str, object]:
    """The source, fingerprint and rows of each part of a dataset, as JSON values."""
    parts = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    rows = {name: len(part) for name, part in parts.items()}
    return {"source": without_secrets(dataset.source), "fingerprint": dataset.fingerprint, "rows": rows}


def scores(found: Mapping[str, Estimate], part: str, metrics: Sequence[Metric]) -> dict[str, object]:
    """The metrics of a run's summary: each with its interval and its part, and the metrics where less is better."""
    fewer = [one.name for one in metrics if one.name in found and not one.higher_is_better]
    return {"part": part, "metrics": as_json(found), "lower_is_better": fewer}


def models_of(models: Sequence[TrainedModel]) -> dict[str, object]:
    """What a run's summary says of each model: its scores on the validation part."""
    return {"models": {model.name: as_json(model.scores) for model in models}}


def as_json(metrics: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    """Estimates as JSON values, without undefined ones."""
    known = {name: one for name, one in metrics.items() if one.defined}
    return {name: {"value": one.value, "low": one.low, "high": one.high} for name, one in known.items()}
