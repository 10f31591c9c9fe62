"""Scoring a version again: on other data, or against the present champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omloop.bundle import Bundle, Session
from omloop.core import Dataset, Decision, OmloopError, Project, Report
from omloop.evaluate import Thresholds, evaluate
from omloop.loop.project.configure import Configuration, configure, overrides_in
from omloop.loop.turn.gate import Opponent, decide, entry_of, find_opponent, reports_beside
from omloop.loop.turn.records import Records, gather, split, without_learned
from omloop.loop.turn.scoring import metrics_of, thresholds_of
from omloop.loop.turn.unseen import learned_by

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace
    from omloop.register import Registry


@dataclass(frozen=True)
class Remade:
    """A version with the data that it was made from, or other data, checked and split again.

    Test rows that it learned from are left out where they are `known`.
    """

    bundle: Bundle
    config: Configuration
    session: Session
    records: Records
    dataset: Dataset
    known: bool


@dataclass(frozen=True)
class RescoreResult:
    """A version's report on the test part, its opponent's, and the gate's decision where it was asked for.

    Where the opponent had learned from some test rows, `beside` is the version's report on the others. `thresholds` say
    what the main metric is at other thresholds of two classes, on the validation part.
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

    With `gate`, judge it against the champion and record the decision, so that it can be promoted.
    """
    registry = workspace.registry(project.name)
    again = remade(project, overrides, workspace, version)
    bundle, config, session, dataset = again.bundle, again.config, again.session, again.dataset
    if gate and registry.champion() in (None, bundle.version):
        raise OmloopError(f"There is no champion other than {bundle.version} to judge it against.")
    project = replace(project, outputs=session.outputs)
    test = dataset.test
    outputs = session.predict(test.examples)
    report = evaluate(test.targets, outputs, metrics_of(project, config), slices=test.slices, seed=config.seed)
    thresholds = thresholds_of(project, config, dataset.validation, session.predict)
    champion = registry.champion()
    if champion in (None, bundle.version):
        return RescoreResult(
            bundle.version, dataset.source, report, champion, None, None, None, dataset.notes, thresholds
        )
    opponent, _ = against(again, project, registry)
    theirs, beside = reports_beside(opponent, project, config, dataset, outputs)
    decision = None
    if gate:
        entry = entry_of(project, registry, bundle.version, against=champion, records=again.records)
        live = again.records.first_live
        decision = decide(project, config, dataset, outputs, opponent, first_live=live, entry=entry)
        registry.decide(bundle.version, decision, against=champion, by=by)
    return RescoreResult(
        bundle.version, dataset.source, report, champion, theirs, beside, decision, dataset.notes, thresholds
    )


def remade(project: Project, overrides: Sequence[str], workspace: Workspace, version: str | None) -> Remade:
    """`version` (the champion by default) with its data, or that of `overrides`; raises OmloopError where none is."""
    registry = workspace.registry(project.name)
    bundle = registry.load(version or registry.require_champion())
    config = configure(project, [*overrides_in(bundle.files["config.yaml"].decode()), *overrides])
    session = Session.of(bundle)
    project = replace(project, outputs=session.outputs)
    records = gather(project, session.inputs, config, workspace)
    dataset, learned = split(project, session.inputs, config, records), learned_by(bundle, project, records)
    if learned is not None:
        dataset = without_learned(project, dataset, records, learned, by=f"{bundle.version} learned from them")
    return Remade(bundle, config, session, records, dataset, known=learned is not None)


def against(again: Remade, project: Project, registry: Registry) -> tuple[Opponent, str | None]:
    """Whom the remade version must beat, and which version that is; nobody where it may have learned from the rows."""
    opponent, champion = find_opponent(registry, project, again.records, again.dataset)
    if again.known or champion == again.bundle.version:
        return opponent, champion
    problem = f"cannot be compared with {again.bundle.version}: what that learned from is not known. Turn again"
    return replace(opponent, outputs=None, problem=problem), champion
