"""How a turn chooses its model, and what the chosen one finally learns from.

With few records the validation part is too small to tell models apart, and too large to leave out of training. Then
cross-validation compares the models, and the chosen one learns from all but the test part. See
docs/decisions/0083-few-rows-choose-by-cross-validation.md.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import ConfigError, Dataset, Fitted, Run, TrainError
from omloop.loop.project.configure import with_decision
from omloop.loop.project.plan import Plan
from omloop.loop.records.live_records import some_of
from omloop.loop.records.records import Records
from omloop.loop.records.up_to_test import joined, up_to_test
from omloop.loop.turn.cross_validation import BY, Folds, cross_validated
from omloop.loop.turn.held_out import HeldOut
from omloop.loop.turn.training import TrainedModel, best_of, train_again

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("omloop.turn")

FEW_ROWS = 2_000
"""Up to this many training and validation rows, cross-validation compares the models."""
FEW_VALIDATION = 200
"""The same for validation rows alone: this many give an accuracy of 0.9 to within 0.04."""
MOST_S = 20.0
"""CPU seconds that all models together may take to train for `auto` to train them as often as there are folds."""


@dataclass(frozen=True)
class Comparison:
    """Trained models, and how a turn compares them; `folds` for cross-validation.

    With few rows, `note` says why it is not cross-validation.
    """

    models: tuple[TrainedModel, ...]
    folds: Folds | None = None
    note: str = ""

    def by(self, dataset: Dataset) -> str:
        """By what, in words."""
        if self.folds is None:
            return f"{len(dataset.validation):,} validation rows"
        return f"{len(self.folds)}-fold {BY} over {len(self.folds.part):,} rows"


@dataclass(frozen=True)
class Choice:
    """The model that a turn takes, and its data.

    `trained` learned from the training part. The model learns once more from `again`, if that is there. `dataset` has
    the parts from then on. `held_out` are answers to examples of the last training by models that did not learn from
    them. It is None if the model does not learn from the validation part. `chosen_by` and `learned_from` say both in
    words.
    """

    plan: Plan
    dataset: Dataset
    models: tuple[TrainedModel, ...]
    name: str
    trained: Fitted
    chosen_by: str
    learned_from: str = "the training part"
    again: Dataset | None = None
    held_out: HeldOut | None = None
    notes: tuple[str, ...] = ()


def require_choice(plan: Plan, records: Records) -> None:
    """Let a configuration pass that asks for no folds where time splits; raises ConfigError for another."""
    if records.identity.times is not None and plan.config.choose == BY:
        raise ConfigError(
            f"choose={BY} deals records at random, but here time splits them: a model would be chosen by how it fills "
            "gaps. Leave `choose` out, or deal by content: split.by=content",
            key="choose",
        )


def compare(
    plan: Plan, records: Records, dataset: Dataset, models: Sequence[TrainedModel], run: Run, scratch: Path
) -> Comparison:
    """The models with the scores for choosing: on the validation part, or by cross-validation."""
    asked, among = plan.config.choose, tuple(models)
    if records.identity.times is not None or asked == "validation" or (asked == "auto" and not are_few(dataset)):
        return Comparison(among)
    seconds = sum(model.cpu_seconds for model in models)
    if asked == "auto" and seconds > MOST_S:
        told = f"training took {seconds:.0f} s of CPU time, and {BY} would take {plan.config.folds} times that"
        return Comparison(among, note=_few(dataset, told))
    folds = Folds.of(plan, dataset, records)
    if len(folds) < 2:
        return Comparison(among, note="all records belong to one group, so none can be left out")
    try:
        return Comparison(tuple(cross_validated(plan, dataset, folds, models, run, scratch)), folds)
    except TrainError as error:
        if asked == BY:
            raise
        return Comparison(among, note=_few(dataset, f"{BY} failed, {error}"))


def are_few(dataset: Dataset) -> bool:
    """Whether the validation part is too small to choose by."""
    validation = len(dataset.validation)
    return validation < FEW_VALIDATION or len(dataset.train) + validation < FEW_ROWS


def choose(plan: Plan, records: Records, dataset: Dataset, found: Comparison) -> Choice:
    """Take the best of the models, and say whether it is to learn from what chose it as well; see `learn`."""
    best, trained = best_of(found.models, plan.metrics[0])
    notes = (found.note,) if found.note else ()
    choice = Choice(plan, dataset, found.models, best.name, trained, found.by(dataset), notes=notes)
    later = up_to_test(plan, records, dataset)
    if later is not dataset:
        told = "the records up to the test part, without those of a new validation part"
        return replace(choice, dataset=later, again=later, learned_from=told)
    wanted = {"true": True, "false": False}.get(plan.config.refit, found.folds is not None)
    if wanted and records.identity.times is None:
        choice = _refitted(choice, best, found)
    if not are_few(dataset) and found.folds is None and choice.again is None:
        return choice
    by = "validation" if found.folds is None else BY
    return replace(choice, plan=replace(plan, config=with_decision(plan.config, by, choice.again is not None)))


def learn(choice: Choice, run: Run, scratch: Path) -> Fitted:
    """The chosen model, once it has learned from all that it is to learn from."""
    if choice.again is None:
        return choice.trained
    which = "up to the test part" if choice.held_out is None else "from all but the test part"
    choice.plan.tell(f"train: {choice.name}, {which}")
    return train_again(choice.plan, choice.again, run, scratch, choice.name)


def _refitted(choice: Choice, best: TrainedModel, found: Comparison) -> Choice:
    """The choice that learns from all but the test part; as it was, with a note, where it cannot."""
    dataset, folds = choice.dataset, found.folds
    if choice.plan.project.models[best.name].validates(choice.plan.config.models[best.name]):
        told = f"{best.name} needs a validation part to learn, so it did not learn from that"
        return replace(choice, notes=(*choice.notes, told))
    if folds is not None and best.outputs is not None:
        held_out = HeldOut(folds.part, best.outputs)
    else:
        held_out = HeldOut(dataset.validation, choice.trained.predict(dataset.validation.examples))
    whole = joined(dataset.train, dataset.validation) if folds is None else folds.part
    again = replace(dataset, train=whole, validation=some_of(whole, np.empty(0, np.int64)))
    return replace(choice, again=again, held_out=held_out, learned_from=f"all {len(whole):,} rows but the test part")


def _few(dataset: Dataset, why: str) -> str:
    return f"the model was chosen on {len(dataset.validation):,} validation rows alone: {why}. Ask for it: choose={BY}"
