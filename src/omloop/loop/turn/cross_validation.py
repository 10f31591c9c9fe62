"""Models compared by cross-validation: each example answered by a model that learned from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import Dataset, Job, NumberArray, Part, Run
from omloop.data import folds_of
from omloop.evaluate import evaluate
from omloop.loop.project.plan import Plan
from omloop.loop.records.live_records import some_of
from omloop.loop.records.records import Records
from omloop.loop.records.up_to_test import joined
from omloop.loop.turn.training import TrainedModel, job_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BY = "cross-validation"


@dataclass(frozen=True)
class Folds:
    """All examples but the test part's, the `fold` of each, and the name of the group that it belongs to."""

    part: Part
    fold: NDArray[np.int64]
    groups: NDArray[np.str_]

    @classmethod
    def of(cls, plan: Plan, dataset: Dataset, records: Records) -> Folds:
        """Fold all but the test part, as the split would: by content and group, and by the split's seed."""
        part = joined(dataset.train, dataset.validation)
        groups = records.identity.deal[np.asarray(part.rows, np.int64)]
        return cls(part, _folds(plan, part, groups, plan.config.folds), groups)

    def __len__(self) -> int:
        return int(self.fold.max(initial=-1)) + 1


def cross_validated(
    plan: Plan, dataset: Dataset, folds: Folds, models: Sequence[TrainedModel], run: Run, scratch: Path
) -> list[TrainedModel]:
    """The models with their scores by cross-validation; models left out stay as they are.

    A model that needs a validation part gets a share of the other folds, so that it never learns from a fold's own
    examples.
    """
    return [model if model.fitted is None else _scored(plan, dataset, folds, model, run, scratch) for model in models]


def _scored(plan: Plan, dataset: Dataset, folds: Folds, model: TrainedModel, run: Run, scratch: Path) -> TrainedModel:
    begun = monotonic()
    plan.tell(f"{BY}: {model.name}, {len(folds)} times")
    config = plan.config.models[model.name]
    job = job_of(plan, dataset, config, scratch / model.name, _log_nothing, run)
    answered: dict[int, NumberArray] = {}
    for fold in range(len(folds)):
        left_out = np.flatnonzero(folds.fold == fold)
        fitted = plan.project.models[model.name].fit(_without(plan, job, folds, fold, model.name))
        answered[fold] = fitted.predict(folds.part.examples[left_out])
    outputs = np.empty((len(folds.part), *answered[0].shape[1:]))
    for fold, answers in answered.items():
        outputs[folds.fold == fold] = answers
    report = evaluate(folds.part.targets, outputs, plan.metrics, part=BY, seed=plan.config.seed)
    seconds = model.seconds + monotonic() - begun
    return replace(model, scores=report.metrics, outputs=outputs, seconds=seconds)


def _without(plan: Plan, job: Job, folds: Folds, fold: int, name: str) -> Job:
    """The job of learning from all folds but one."""
    rest = np.flatnonzero(folds.fold != fold)
    train, validation = rest, rest[:0]
    if plan.project.models[name].validates(plan.config.models[name]):
        share = plan.config.split.validation / (1 - plan.config.split.test)
        parts = max(2, round(1 / share))
        first = _folds(plan, some_of(folds.part, rest), folds.groups[rest], parts) == 0
        train, validation = rest[~first], rest[first]
    return replace(
        job,
        train=some_of(folds.part, train),
        validation=some_of(folds.part, validation),
        folder=job.folder / f"fold-{fold}",
        keep=_keep_nothing,
        tell=lambda words: None,
    )


def _folds(plan: Plan, part: Part, groups: NDArray[np.str_], count: int) -> NDArray[np.int64]:
    classes = bool(plan.project.outputs.classes)
    return folds_of(groups, part.targets, count, seed=plan.config.split.seed, classes=classes)


def _keep_nothing(name: str, content: bytes | str) -> None:
    """Keep nothing: the files of a fold's model would look like those of the model."""


def _log_nothing(step: int, metrics: Mapping[str, float]) -> bool | None:
    """The steps of a fold are nobody's: five curves of one model lie over each other."""
