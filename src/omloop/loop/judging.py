"""Scoring a version again: on other data, or against the present champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omloop.bundle import Session
from omloop.core import Decision, OmloopError, Project, Report
from omloop.evaluate import evaluate
from omloop.loop.configure import configure, overrides_in
from omloop.loop.gating import decide, find_opponent
from omloop.loop.training import gather, split

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class Judged:
    """A version's report on the test part, its opponent's, and the gate's decision where it was asked for."""

    version: str
    source: str
    report: Report
    champion: str | None
    theirs: Report | None
    decision: Decision | None


def judge_version(
    project: Project,
    overrides: Sequence[str],
    workspace: Workspace,
    *,
    version: str | None = None,
    gate: bool = False,
    by: str = "evaluate",
) -> Judged:
    """Score `version` (the champion by default) on the test rows of the data it was made from, or of `overrides`.

    With `gate`, judge it against the champion and record the decision, so that it can be promoted.
    """
    registry = workspace.registry(project.name)
    chosen = version or registry.champion()
    if chosen is None:
        raise OmloopError(f"'{project.name}' has no version yet. Make one with: omloop turn {project.name}")
    bundle = registry.load(chosen)
    if gate and registry.champion() in (None, bundle.version):
        raise OmloopError(f"There is no champion other than {bundle.version} to judge it against.")
    config = configure(project, [*overrides_in(bundle.files["config.yaml"].decode()), *overrides])
    session = Session.of(bundle)
    project = replace(project, outputs=session.outputs)
    records = gather(project, session.inputs, config, workspace)
    dataset = split(project, session.inputs, config, records)
    test, names = dataset.test, project.outputs.metrics
    outputs = session.predict(test.examples)
    report = evaluate(test.targets, outputs, names, slices=test.slices, seed=config.seed)
    champion = registry.champion()
    if champion in (None, bundle.version):
        return Judged(bundle.version, dataset.source, report, champion, None, None)
    opponent, _ = find_opponent(registry, session.outputs, records, dataset)
    theirs = None
    if opponent.outputs is not None:
        theirs = evaluate(test.targets, opponent.outputs, names, seed=config.seed)
    decision = decide(project, config, dataset, outputs, opponent) if gate else None
    if decision:
        registry.decide(bundle.version, decision, against=champion, by=by)
    return Judged(bundle.version, dataset.source, report, champion, theirs, decision)
