"""One turn of the circuit, in order: data, train, package, evaluate, gate, promote. A straight road."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from omloop.bundle import CARD
from omloop.core import Annotation, Decision, Facts, Metric, Parity, Report
from omloop.evaluate import evaluate
from omloop.loop.project.plan import Plan
from omloop.loop.records.origins import real_before
from omloop.loop.records.records import gather, split
from omloop.loop.records.up_to_test import up_to_test
from omloop.loop.turn.confidence import checked, with_confidence
from omloop.loop.turn.gate import find_opponent, reports_beside, settle
from omloop.loop.turn.packaging import card, lineage, package, seal
from omloop.loop.turn.plots import draw
from omloop.loop.turn.recording import models_of, run_with_scratch, scores
from omloop.loop.turn.trained_variants import learned_forms
from omloop.loop.turn.training import TrainedModel, best_of, train_again, train_models
from omloop.loop.turn.variants import with_menu
from omloop.package import remembered
from omloop.report import SLICES, slices_json

if TYPE_CHECKING:
    from omloop.bundle.confidence import Confidence
    from omloop.loop.turn.packaged import Menu

LOG = logging.getLogger("omloop.turn")


@dataclass(frozen=True, repr=False)
class TurnResult(Facts):
    """What a turn came to. `champion` is who is in charge now, `before` who was.

    `report` is on all test rows; where the opponent had learned from some, `beside` is on those that it answered.
    `menu` is what `optimise.*` made of the model, None where nothing was asked of it. `confidence` is how sure the
    version may be, and whether that held on the test rows.
    """

    project: str
    run: str
    source: str
    rows: tuple[int, int, int]
    models: tuple[TrainedModel, ...]
    chosen: str
    version: str
    report: Report
    opponent: Report | None
    beside: Report | None
    parity: Parity
    menu: Menu | None
    decision: Decision
    before: str | None
    champion: str | None
    notes: tuple[str, ...]
    seconds: float
    confidence: Confidence | None = None

    def facts(self) -> dict[str, object]:
        """What came of it."""
        state = "champion now" if self.promoted else f"not promoted; champion {self.champion or 'none'}"
        main = next(iter(self.report.metrics.items()))
        return {
            "project": self.project,
            "version": f"{self.version} ({self.chosen})",
            main[0]: main[1],
            "gate": self.decision.reason,
            "state": state,
            "run": self.run,
        }

    @property
    def promoted(self) -> bool:
        """Whether this turn's version is in charge now."""
        return self.champion == self.version


def turn(plan: Plan, *, annotation: Annotation | None = None) -> TurnResult:
    """Take the project round once. Whatever goes wrong on the way leaves the champion as it was.

    The run gets the `annotation`.
    """
    begun = monotonic()
    project, config, tell, metrics = plan.project, plan.config, plan.tell, plan.metrics
    warning = real_before(plan)
    if warning:
        LOG.warning(warning)
    tell(f"data: {config.data}")
    records = gather(plan)
    dataset = split(plan, records)

    with run_with_scratch(plan, dataset, kind="turn", annotation=annotation) as (run, scratch):
        models = train_models(plan, dataset, run, scratch)
        chosen, fitted = best_of(models, metrics[0])
        first, dataset = dataset, up_to_test(plan, records, dataset)
        if dataset is not first:
            del first  # of a million records it takes half a gigabyte
            fitted = train_again(plan, dataset, run, scratch, chosen)

        tell(f"package: {chosen.name} as ONNX, proven against the original")
        fitted = remembered(fitted)
        packaged = package(project, plan.kind, dataset, fitted)
        packaged = with_confidence(plan, dataset, packaged, fitted)

        if config.optimise.anything:
            learned = learned_forms(plan, dataset, fitted, packaged, scratch)
            packaged = with_menu(plan, dataset, packaged, learned)

        tell("evaluate: the packaged model on rows it never saw")
        test = dataset.test
        packaged = checked(packaged, test, seed=config.seed)
        report = evaluate(test.targets, packaged.outputs, metrics, slices=test.slices, seed=config.seed)
        baseline = models[0].fitted or fitted
        opponent = find_opponent(plan, records, dataset, baseline.predict)
        theirs, beside = reports_beside(opponent, plan, dataset, packaged.outputs)

        tell("plot: how the answers fit, and what the model leans on")
        leans = draw(run, plan, dataset, packaged)

        tell("register: a new version")
        origin = lineage(plan, dataset, records, chosen.name, run=run.name, parent=opponent.version)
        text = card(project, report, packaged.parity, origin, models, leans, packaged.confidence)
        bundle = seal(plan, dataset, packaged, report, origin=origin, card=text, records=records)
        version = plan.registry.add(bundle, by=plan.by)

        tell("gate: the candidate against the " + opponent.name)
        decision, champion, notes = settle(plan, dataset, packaged.outputs, opponent, version, records)

        run.keep(CARD, text.encode())
        run.keep(SLICES, slices_json(report))
        run.finish("finished", summary(version, chosen.name, report, metrics, decision, champion) | models_of(models))

    return TurnResult(
        project=project.name,
        run=run.name,
        source=dataset.source,
        rows=(len(dataset.train), len(dataset.validation), len(dataset.test)),
        models=tuple(models),
        chosen=chosen.name,
        version=version,
        report=report,
        opponent=theirs,
        beside=beside,
        parity=packaged.parity,
        menu=packaged.menu,
        decision=decision,
        before=opponent.version,
        champion=champion,
        notes=(*([warning] if warning else []), *dataset.notes, *notes),
        seconds=monotonic() - begun,
        confidence=packaged.confidence,
    )


@dataclass(frozen=True, repr=False)
class ModelComparison(Facts):
    """Models that were trained and compared in one run, and the name of the best."""

    run: str
    models: tuple[TrainedModel, ...]
    best: str

    def facts(self) -> dict[str, object]:
        """What came of it."""
        best = next(model for model in self.models if model.name == self.best)
        return {"best": self.best, **dict([*best.scores.items()][:1]), "models": len(self.models), "run": self.run}


def train_only(plan: Plan, *, annotation: Annotation | None = None) -> ModelComparison:
    """The turn's first half: train and compare the models, and keep nothing but the run."""
    if warning := real_before(plan):
        LOG.warning(warning)
    plan.tell(f"data: {plan.config.data}")
    dataset, metrics = split(plan, gather(plan)), plan.metrics
    with run_with_scratch(plan, dataset, kind="train", annotation=annotation) as (run, scratch):
        models = train_models(plan, dataset, run, scratch)
        best, _ = best_of(models, metrics[0])
        run.finish("finished", {"model": best.name, **scores(best.scores, "validation", metrics), **models_of(models)})
    return ModelComparison(run.name, tuple(models), best.name)


def summary(
    version: str,
    model: str,
    report: Report,
    metrics: Sequence[Metric],
    decision: Decision,
    champion: str | None,
) -> dict[str, object]:
    """What a run's summary says of a version and the gate's answer to it."""
    return {
        "version": version,
        "model": model,
        **scores(report.metrics, report.part, metrics),
        "verdict": decision.verdict,
        "reason": decision.reason,
        "champion": champion,
    }
