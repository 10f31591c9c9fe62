"""One trial of a sweep: a training with its settings, scored on the validation part, or by folds where asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from omloop.core import Annotation, DataError, Dataset
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split, with_shares
from omloop.loop.turn.choosing import require_choice
from omloop.loop.turn.cross_validation import BY, Folds, cross_validated
from omloop.loop.turn.recording import run_with_scratch, scores
from omloop.loop.turn.training import train_trial

if TYPE_CHECKING:
    from collections.abc import Callable

    from omloop.core import Metric
    from omloop.loop.sweep.order import Sweep
    from omloop.sweep.optuna import OptunaStudy, Proposal

    Tell = Callable[[str], None]

UNLIKE_DATA = ("model", "seed", "optimise", "gate", "promote", "metrics", "most_epochs", "overrides", "refit")
"""Parts of a configuration that the records and their dealing do not depend on."""


class ChangedDataError(DataError):
    """The records changed since the sweep began: its trials are not comparable with the next."""


class TrialRunner:
    """Runs trials; it keeps the dataset from one to the next if they learn from the same."""

    def __init__(self, sweep: Sweep, study: OptunaStudy, tell: Tell) -> None:
        self._sweep, self._study, self._tell = sweep, study, tell
        self._data: tuple[str, Dataset, Folds | None] | None = None

    def run(self, proposal: Proposal) -> float | None:
        """Train by a proposal and give its score; None if it was pruned. Raises OmloopError if it fails."""
        sweep = self._sweep
        overrides = sweep.space.overrides(proposal.words)
        plan = Plan.of(sweep.project, overrides, sweep.workspace, by="omloop sweep", tell=self._tell)
        dataset, folds = self._data_of(plan)
        plan = with_shares(plan, dataset)
        metric = plan.metrics[0]
        annotation = Annotation({"sweep": sweep.name, "trial": str(proposal.number)})
        mark = f"trial {proposal.origin}"
        with run_with_scratch(plan, dataset, kind="trial", annotation=annotation, mark=mark) as (run, scratch):
            proposal.note(run=run.name)

            def watch(step: int, found: Mapping[str, float]) -> bool | None:
                value = _score_at(found, metric)
                return None if value is None else proposal.report(step, value)

            best = train_trial(plan, dataset, run, scratch, watch)
            part = "validation"
            if folds is not None and not proposal.pruned:
                part, (best,) = BY, cross_validated(plan, dataset, folds, [best], run, scratch)
            told = {"reason": "pruned: worse than earlier trials were at this step"} if proposal.pruned else {}
            run.finish("finished", {"model": best.name, **scores(best.scores, part, plan.metrics), **told})
        return None if proposal.pruned else best.scores[metric.name].value

    def _data_of(self, plan: Plan) -> tuple[Dataset, Folds | None]:
        """The dataset of a plan, with folds if it needs them; the former ones if they are the same."""
        asked = _data_asked(plan.config.yaml)
        if self._data is None or self._data[0] != asked:
            self._data = None  # two would lie in memory otherwise
            records = gather(plan)
            require_choice(plan, records)
            dataset = split(plan, records)
            folds = Folds.of(plan, dataset, records) if plan.config.choose == BY else None
            self._data = (asked, dataset, folds)
        _, dataset, folds = self._data
        first = self._study.agree(f"data {asked}", dataset.fingerprint)
        if first != dataset.fingerprint:
            raise ChangedDataError(
                f"The data is not what the sweep '{self._sweep.name}' began with, so its trials cannot be compared. "
                "Begin a new one: --name NAME."
            )
        return dataset, folds


def _data_asked(yaml: str) -> str:
    from omegaconf import OmegaConf

    config: Any = OmegaConf.to_container(OmegaConf.create(yaml))
    return json.dumps({key: value for key, value in config.items() if key not in UNLIKE_DATA}, sort_keys=True)


def _score_at(found: Mapping[str, float], metric: Metric) -> float | None:
    """What a step says of the score, so turned that more is better where more of the metric is; None for nothing."""
    if f"validation_{metric.name}" in found:
        return float(found[f"validation_{metric.name}"])
    loss = found.get("validation_loss")
    return None if loss is None else float(-loss if metric.higher_is_better else loss)
