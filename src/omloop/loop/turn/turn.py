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
from omloop.loop.records.records import gather, split, with_shares
from omloop.loop.turn.choosing import choose, compare, learn, require_choice
from omloop.loop.turn.confidence import checked, with_confidence
from omloop.loop.turn.cross_validation import BY
from omloop.loop.turn.gate import find_opponent, reports_beside, settle
from omloop.loop.turn.packaging import card, lineage, package, seal
from omloop.loop.turn.plots import draw
from omloop.loop.turn.recording import models_of, run_with_scratch, scores
from omloop.loop.turn.trained_variants import learned_forms
from omloop.loop.turn.training import TrainedModel, best_of, train_models
from omloop.loop.turn.variants import with_menu
from omloop.package import remembered
from omloop.report import SLICES, slices_json

if TYPE_CHECKING:
    from omloop.bundle.confidence import Confidence
    from omloop.loop.turn.packaged import Menu

LOG = logging.getLogger("omloop.turn")


@dataclass(frozen=True, repr=False)
class TurnResult(Facts):
    """The result of a turn. `champion` is the version in charge now, `before` the previous one.

    `report` is on all test rows. If the opponent had learned from some, `beside` is on those that it answered. `menu`
    holds the variants of `optimise.*`, or None. `confidence` is how sure the version may be, and whether that held on
    the test rows. `chosen_by` and `learned_from` say in words how the turn chose the model, and which records the
    packaged one learned from.
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
    chosen_by: str = ""
    learned_from: str = ""
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
    config, tell = plan.config, plan.tell
    warning = real_before(plan)
    if warning:
        LOG.warning(warning)
    tell(f"data: {config.data}")
    records = gather(plan)
    dataset = split(plan, records)
    plan = with_shares(plan, dataset)
    project, metrics = plan.project, plan.metrics

    require_choice(plan, records)
    with run_with_scratch(plan, dataset, kind="turn", annotation=annotation) as (run, scratch):
        models = train_models(plan, dataset, run, scratch)
        compared = compare(plan, records, dataset, models, run, scratch)
        choice = choose(plan, records, dataset, compared)
        # Of a million records the first dealing takes half a gigabyte, which a second training can use.
        plan, dataset = choice.plan, choice.dataset
        fitted = learn(choice, run, scratch)

        tell(f"package: {choice.name} as ONNX, proven against the original")
        fitted = remembered(fitted)
        packaged = package(project, plan.kind, dataset, fitted)
        packaged = with_confidence(plan, dataset, packaged, fitted, choice.held_out)

        if config.optimise.anything:
            # They are calibrated on the validation part, which a model that was refitted knows.
            taught_by = fitted if choice.held_out is None else choice.trained
            learned = learned_forms(plan, dataset, taught_by, packaged, scratch)
            packaged = with_menu(plan, dataset, packaged, learned)

        tell("evaluate: the packaged model on rows it never saw")
        test = dataset.test
        packaged = checked(packaged, test, seed=config.seed)
        report = evaluate(test.targets, packaged.outputs, metrics, slices=test.slices, seed=config.seed)
        baseline = models[0].fitted or fitted
        opponent = find_opponent(plan, records, dataset, baseline.predict)
        theirs, beside = reports_beside(opponent, plan, dataset, packaged.outputs)

        tell("plot: how the answers fit, and what the model leans on")
        leans = draw(run, plan, dataset, packaged, None if choice.held_out is None else choice.trained)

        tell("register: a new version")
        origin = lineage(plan, dataset, records, choice.name, run=run.name, parent=opponent.version)
        text = card(project, report, packaged.parity, origin, choice, leans, packaged.confidence)
        bundle = seal(plan, dataset, packaged, report, origin=origin, card=text, records=records)
        version = plan.registry.add(bundle, by=plan.by)

        tell("gate: the candidate against the " + opponent.name)
        decision, champion, notes = settle(plan, dataset, packaged.outputs, opponent, version, records)

        run.keep(CARD, text.encode())
        run.keep(SLICES, slices_json(report))
        came = summary(version, choice.name, report, metrics, decision, champion) | models_of(choice.models)
        run.finish("finished", came | {"chosen_by": choice.chosen_by, "learned_from": choice.learned_from})

    return TurnResult(
        project=project.name,
        run=run.name,
        source=dataset.source,
        rows=(len(dataset.train), len(dataset.validation), len(dataset.test)),
        models=choice.models,
        chosen=choice.name,
        version=version,
        report=report,
        opponent=theirs,
        beside=beside,
        parity=packaged.parity,
        menu=packaged.menu,
        decision=decision,
        before=opponent.version,
        champion=champion,
        notes=(*([warning] if warning else []), *dataset.notes, *choice.notes, *notes),
        seconds=monotonic() - begun,
        chosen_by=choice.chosen_by,
        learned_from=choice.learned_from,
        confidence=packaged.confidence,
    )


@dataclass(frozen=True, repr=False)
class ModelComparison(Facts):
    """Models trained and compared in one run, the name of the best, and the basis of the comparison."""

    run: str
    models: tuple[TrainedModel, ...]
    best: str
    compared_by: str = ""

    def facts(self) -> dict[str, object]:
        """What came of it."""
        best = next(model for model in self.models if model.name == self.best)
        return {"best": self.best, **dict([*best.scores.items()][:1]), "models": len(self.models), "run": self.run}


def train_only(plan: Plan, *, annotation: Annotation | None = None) -> ModelComparison:
    """The turn's first half: train and compare the models, and keep nothing but the run."""
    if warning := real_before(plan):
        LOG.warning(warning)
    plan.tell(f"data: {plan.config.data}")
    records = gather(plan)
    dataset = split(plan, records)
    plan = with_shares(plan, dataset)
    metrics = plan.metrics
    require_choice(plan, records)
    with run_with_scratch(plan, dataset, kind="train", annotation=annotation) as (run, scratch):
        models = train_models(plan, dataset, run, scratch)
        compared = compare(plan, records, dataset, models, run, scratch)
        best, _ = best_of(compared.models, metrics[0])
        by, part = compared.by(dataset), "validation" if compared.folds is None else BY
        came = {"model": best.name, **scores(best.scores, part, metrics), **models_of(compared.models)}
        run.finish("finished", came | {"chosen_by": by})
    return ModelComparison(run.name, compared.models, best.name, by)


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
