"""Trained variants of a model: itself with fewer channels, or a smaller model that learns from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omloop.core import Fitted, Job, OmloopError, missing_extra
from omloop.loop.project.plan import Plan
from omloop.loop.turn.confidence import with_confidence
from omloop.loop.turn.packaged import Packaged
from omloop.loop.turn.packaging import package
from omloop.train.teach import distil

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.core import Dataset
    from omloop.loop.project.configure import Configuration

PRUNED, STUDENT = "pruned", "student"


@dataclass(frozen=True)
class TrainedVariants:
    """Graphs by the name of the variant, and why making others failed."""

    graphs: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def no_trained_variants(config: Configuration) -> TrainedVariants:
    """The variants without training, if only the packaged model exists."""
    asked = {PRUNED: bool(config.optimise.prune), STUDENT: config.optimise.student is not None}
    return TrainedVariants(
        refused={name: "it has to be trained, so only a turn makes it" for name, yes in asked.items() if yes}
    )


def learned_forms(plan: Plan, dataset: Dataset, fitted: Fitted, packaged: Packaged, scratch: Path) -> TrainedVariants:
    """Train the variants that the configuration asks for, each on the answers of `fitted` besides the truth."""
    project, wanted = plan.project, plan.config.optimise
    found, kind = TrainedVariants(), packaged.session.inputs

    def make(name: str, given: object, fit: Callable[[Job], Fitted]) -> None:
        plan.tell(f"optimise: training {name}")
        parts = (dataset.train, dataset.validation)
        job = Job(given, kind, project.outputs, *parts, plan.config.seed, lambda step, metrics: None, scratch / name)
        try:
            form = fit(distil(job, fitted.predict(dataset.train.examples)))
            if form.inputs is not None and form.inputs.describe() != kind.describe():
                found.refused[name] = "it reads its inputs otherwise than the model does"
                return
            made = with_confidence(plan, dataset, package(project, kind, dataset, form), form)
            found.graphs[name] = made.graph
        except ModuleNotFoundError as error:
            found.refused[name] = str(missing_extra(error, f"The variant '{name}'") or error)
        except OmloopError as error:
            found.refused[name] = str(error)

    if wanted.prune:
        make(PRUNED, None, lambda job: _pruned(fitted, job, wanted.prune))
    if wanted.student is not None:
        model, given = wanted.student
        make(STUDENT, given, project.models[model].fit)
    return found


def _pruned(fitted: Fitted, job: Job, share: float) -> Fitted:
    from omloop.train.prune import fit_pruned

    return fit_pruned(fitted, job, share=share)
