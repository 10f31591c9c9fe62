"""Scoring a version again: on other data, or against the present champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omloop.bundle import Bundle, Session
from omloop.core import Dataset, Decision, Facts, OmloopError, Project, Report
from omloop.evaluate import Thresholds, evaluate
from omloop.loop.project.configure import configure, decided_in, learns_again, overrides_with
from omloop.loop.project.plan import LOG, Plan, Tell
from omloop.loop.project.scoring import thresholds_of
from omloop.loop.records.records import Records, gather, split, without_learned
from omloop.loop.records.unseen import learned_by
from omloop.loop.records.up_to_test import up_to_test
from omloop.loop.turn.gate import Opponent, decide, entry_of, find_opponent, reports_beside

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class Remade:
    """A version with its own data, or other data, checked and split again; `plan` has its output.

    It leaves out test rows that the version learned from, if they are `known`.
    """

    bundle: Bundle
    plan: Plan
    session: Session
    records: Records
    dataset: Dataset
    known: bool


@dataclass(frozen=True, repr=False)
class RescoreResult(Facts):
    """A version's report on the test part, its opponent's, and the gate's decision, if requested.

    If the opponent had learned from some test rows, `beside` is the version's report on the others. `thresholds` give
    the main metric at other thresholds of two classes, on the validation part.
    """

    version: str
    source: str
    report: Report
    champion: str | None
    theirs: Report | None
    beside: Report | None
    decision: Decision | None
    notes: tuple[str, ...] = ()
    thresholds: Thresholds | None = None

    def facts(self) -> dict[str, object]:
        """What came of it."""
        return {
            "version": self.version,
            **self.report.metrics,
            "rows": self.report.rows,
            "gate": self.decision and self.decision.reason,
            "champion": self.champion,
        }


def judge_version(
    project: Project,
    overrides: Sequence[str],
    workspace: Workspace,
    *,
    version: str | None = None,
    gate: bool = False,
    by: str = "evaluate",
) -> RescoreResult:
    """Score `version` (the champion by default) on the test rows of the data it was made from, or of `overrides`.

    With `gate`, judge it against the champion and record the decision, so that a promotion is possible.
    """
    again = remade(project, overrides, workspace, version, by=by)
    bundle, plan, session, dataset = again.bundle, again.plan, again.session, again.dataset
    registry = plan.registry
    if gate and registry.champion() in (None, bundle.version):
        raise OmloopError(f"There is no champion other than {bundle.version} to judge it against.")
    test = dataset.test
    outputs = session.predict(test.examples)
    report = evaluate(test.targets, outputs, plan.metrics, slices=test.slices, seed=plan.config.seed)
    # Answers to records that were learned from say nothing of other thresholds.
    learned = decided_in(bundle.files["config.yaml"].decode()).get("refit", False)
    thresholds = None if learned else thresholds_of(plan.project, plan.config, dataset.validation, session.predict)
    champion = registry.champion()
    if champion in (None, bundle.version):
        return RescoreResult(
            bundle.version, dataset.source, report, champion, None, None, None, dataset.notes, thresholds
        )
    opponent = against(again)
    theirs, beside = reports_beside(opponent, plan, dataset, outputs)
    decision = None
    if gate:
        entry = entry_of(plan, bundle.version, against=champion, records=again.records)
        live = again.records.first_live
        decision = decide(plan, dataset, outputs, opponent, first_live=live, entry=entry)
        registry.decide(bundle.version, decision, against=champion, by=by)
    return RescoreResult(
        bundle.version, dataset.source, report, champion, theirs, beside, decision, dataset.notes, thresholds
    )


def remade(
    project: Project,
    overrides: Sequence[str],
    workspace: Workspace,
    version: str | None,
    *,
    by: str = "omloop",
    tell: Tell = LOG.info,
) -> Remade:
    """`version` (the champion by default) with its data, or that of `overrides`; raises OmloopError where none is."""
    registry = workspace.registry(project.name)
    bundle = registry.load(version or registry.require_champion())
    stored = bundle.files["config.yaml"].decode()
    config = configure(project, overrides_with(stored, overrides))
    session = Session.of(bundle)
    plan = Plan(replace(project, outputs=session.outputs), session.inputs, config, workspace, by, tell)
    records = gather(plan)
    dataset, learned = split(plan, records), learned_by(bundle, plan.project, records)
    if learned is not None:
        dataset = without_learned(plan.project, dataset, records, learned, by=f"{bundle.version} learned from them")
    if learns_again(stored):
        dataset = up_to_test(plan, records, dataset)
    return Remade(bundle, plan, session, records, dataset, known=learned is not None)


def against(again: Remade) -> Opponent:
    """Whom the remade version must beat; nobody where it may have learned from the rows."""
    opponent = find_opponent(again.plan, again.records, again.dataset)
    if again.known or opponent.version == again.bundle.version:
        return opponent
    problem = f"cannot be compared with {again.bundle.version}: what that learned from is not known. Turn again"
    return replace(opponent, outputs=None, problem=problem)
