"""Puts the candidate before the gate: against whom, by which rules, and what follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Session
from omloop.core import ConflictError, DataError, Dataset, Decision, ExampleArray, Output, Part, PartUse, Report
from omloop.data import record_keys
from omloop.evaluate import evaluate
from omloop.loop.project.plan import Plan
from omloop.loop.records.live_records import is_live, some_of
from omloop.loop.records.origins import another_source
from omloop.loop.records.unseen import unseen_rows
from omloop.promote import Case, Rules, judge

if TYPE_CHECKING:
    from omloop.loop.records.records import Records


@dataclass(frozen=True)
class Opponent:
    """The opponent of the candidate, with its answers to the same test rows; no answers if they are not comparable.

    `problem` says why not, in words that follow its name. If it had learned from some test rows, `rows` are the
    positions of those that it answered, and `told` says how many the others were. `output` decides on its answers; None
    takes the candidate's. `version` is that of a champion.
    """

    name: str
    outputs: NDArray[np.float64] | None
    problem: str = ""
    rows: NDArray[np.int64] | None = None
    told: str = ""
    output: Output | None = None
    version: str | None = None

    def unseen(self, dataset: Dataset, outputs: NDArray[np.float64]) -> tuple[Dataset, NDArray[np.float64]]:
        """The dataset with the test rows that neither side learned from, and of a candidate's `outputs` those."""
        if self.rows is None:
            return dataset, outputs
        return replace(dataset, test=some_of(dataset.test, self.rows)), outputs[self.rows]


def find_opponent(
    plan: Plan,
    records: Records,
    dataset: Dataset,
    baseline: Callable[[ExampleArray], NDArray[np.float64]] | None = None,
) -> Opponent:
    """The champion, or the baseline when there is none.

    The plan's project answers as the candidate does. The champion answers the test rows that it did not learn from;
    those that the candidate learned from are no part of `dataset.test`.
    """
    registry, project = plan.registry, plan.project
    version = registry.champion()
    if version is None:
        if baseline is None:
            return Opponent("champion", None, "is not there")
        return Opponent("baseline", baseline(dataset.test.examples))
    found = Opponent("champion", None, version=version)
    bundle = registry.load(version)
    champion = Session.of(bundle)
    if difference := _difference(champion.outputs, project.outputs):
        return replace(found, problem=f"cannot be compared with it: {difference}")
    if another := another_source(bundle, records, project.name):
        return replace(found, problem=another)
    rows, told = unseen_rows(bundle, project, records, dataset)
    if not len(rows):
        return replace(found, problem=f"cannot be compared: {told}")
    try:
        examples = champion.inputs.encode(records.take([dataset.test.rows[row] for row in rows]))
    except DataError as error:
        return replace(found, problem=f"cannot read these records: {error}")
    return replace(found, outputs=champion.predict(examples), rows=rows, told=told, output=champion.outputs)


def reports_beside(
    opponent: Opponent, plan: Plan, dataset: Dataset, outputs: NDArray[np.float64]
) -> tuple[Report | None, Report | None]:
    """The opponent's report, and the candidate's on the same rows where those are not the whole test part."""
    if opponent.outputs is None:
        return None, None
    known, ours = opponent.unseen(dataset, outputs)
    truth, seed = known.test.targets, plan.config.seed
    theirs = evaluate(truth, opponent.outputs, plan.metrics_for(opponent.output), seed=seed)
    if len(known.test) == len(dataset.test):
        return theirs, None
    return theirs, evaluate(truth, ours, plan.metrics, seed=seed)


@dataclass(frozen=True)
class Entry:
    """A candidate at the gate: its `version`, and the earlier uses of the test rows.

    `earlier` decisions against the same opponent may have used the same rows. `groups` has one name a record of the
    source, if the project has groups.
    """

    version: str = ""
    earlier: tuple[PartUse, ...] = ()
    groups: Sequence[object] | NDArray[np.generic] | None = None


def entry_of(plan: Plan, version: str, *, against: str | None, records: Records) -> Entry:
    """The entry of `version`, to compare it with the champion `against` on rows of `records`."""
    group = plan.project.group
    return Entry(version, plan.registry.uses(against), records.columns.get(group) if group else None)


def decide(
    plan: Plan,
    dataset: Dataset,
    candidate: NDArray[np.float64],
    opponent: Opponent,
    *,
    first_live: int | None = None,
    allowed: float = 0.0,
    entry: Entry | None = None,
) -> Decision:
    """The gate's answer for this candidate.

    Live test rows are those from the record `first_live` on. If there are enough, the candidate must be better on them:
    it will meet such rows. On the rows before, it must not lose more than any slice may. A cheaper candidate may lose
    `allowed` of the metric.

    Test rows of one group count once, and so do rows with equal content and target. `entry` says what else omloop knows
    of the candidate and these rows.
    """
    if opponent.outputs is None:
        return Decision("not enough evidence", f"the champion {opponent.problem}")
    dataset, candidate = opponent.unseen(dataset, candidate)
    found = _judged(plan, dataset, candidate, opponent, first_live=first_live, allowed=allowed, entry=entry)
    return replace(found, reason=f"{found.reason}; {opponent.told}") if opponent.told else found


def _judged(
    plan: Plan,
    dataset: Dataset,
    candidate: NDArray[np.float64],
    opponent: Opponent,
    *,
    first_live: int | None,
    allowed: float,
    entry: Entry | None,
) -> Decision:
    """The gate's answer on the test rows of the dataset."""
    assert opponent.outputs is not None  # noqa: S101  it was asked before
    live = is_live(dataset.test, len(dataset) if first_live is None else first_live)
    entry, metrics, config = entry or Entry(), plan.metrics, plan.config
    case = Case(
        metric=metrics[0],
        truth=dataset.test.targets,
        candidate=candidate,
        champion=opponent.outputs,
        opponent="champion" if opponent.name == "champion" else "baseline",
        slices=dataset.test.slices,
        theirs=plan.metrics_for(opponent.output)[0],
        others=metrics[1:],
        seed=config.seed,
        allowed=allowed,
        clusters=_clusters(dataset.test, entry.groups, live),
        keys=dataset.test.keys,
        earlier=entry.earlier,
        version=entry.version,
    )
    if live.sum() < config.rules.rows or live.all():
        return judge(case, config.rules)
    return _both(
        judge(case.only(live), config.rules), judge(replace(case.only(~live), keys=None), _lenient(config.rules))
    )


def _clusters(
    test: Part, groups: Sequence[object] | NDArray[np.generic] | None, live: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """A name of each test row that those share which count as one; shape (n,). A live row belongs to no group."""
    content = record_keys({"example": test.examples, "target": test.targets}, ["example", "target"])
    if groups is None:
        return content
    return np.where(live, content, record_keys({"group": [groups[row] for row in test.rows]}, ["group"]))


def _lenient(rules: Rules) -> Rules:
    """The rules for rows of the past: a loss counts when it is surely larger than a slice may lose."""
    return replace(rules, margin=rules.slice_drop, floors={})


def _both(live: Decision, past: Decision) -> Decision:
    evidence = {**live.evidence, **{f"past_{name}": value for name, value in past.evidence.items()}}
    old, new, rows = (past.evidence.get(name, math.nan) for name in ("champion", "candidate", "rows"))
    told = f"live rows: {live.reason}; {rows:.0f} rows of the past: {old:.3f} -> {new:.3f}"
    if live.promote and past.verdict == "worse":
        return Decision("worse", f"{told}, which is more than it may lose: worse", evidence, live.use)
    return Decision(live.verdict, told, evidence, live.use)


AGAIN = Decision("not enough evidence", "it is the champion itself, made again")
"""What there is to say of a version that is in charge already."""


def settle(
    plan: Plan,
    dataset: Dataset,
    candidate: NDArray[np.float64],
    opponent: Opponent,
    version: str,
    records: Records,
    *,
    allowed: float = 0.0,
) -> tuple[Decision, str | None, tuple[str, ...]]:
    """Judge a registered version and act on it; gives the decision, the champion now, and notes.

    It writes nothing if the version is the champion itself, made again.
    """
    # The same turn again makes the same version.
    if version == opponent.version:
        return AGAIN, version, ()
    entry = entry_of(plan, version, against=opponent.version, records=records)
    live = records.first_live
    decision = decide(plan, dataset, candidate, opponent, first_live=live, allowed=allowed, entry=entry)
    return decision, *follow(plan, version, decision, before=opponent.version)


def follow(plan: Plan, version: str, decision: Decision, *, before: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Record the decision and promote a better candidate, unless a person decides; return champion and notes."""
    registry, by = plan.registry, plan.by
    registry.decide(version, decision, against=before, by=by)
    if not decision.promote:
        return before, ()
    if plan.config.promote == "ask":
        return before, (f"It waits for you: omloop promote {plan.project.name} {version}",)
    try:
        registry.promote(version, expected=before, by=by, reason=decision.reason, evidence=dict(decision.evidence))
    except ConflictError as error:
        champion = registry.champion()  # by somebody else, who may have made the same version at the same time
        return champion, () if champion == version else (f"Not promoted: {error}",)
    return version, ()


def _difference(champion: Output, candidate: Output) -> str:
    """How the champion's answers differ in form from the candidate's; nothing if they are comparable."""
    theirs, ours = champion.classes, candidate.classes
    if bool(theirs) != bool(ours):
        return "one answers a number, the other classes"
    if theirs == ours:
        return ""
    if set(theirs) == set(ours):
        return "it answers the same classes in another order"
    known = {"the champion": [name for name in theirs if name not in ours]}
    known["the candidate"] = [name for name in ours if name not in theirs]
    told = "; ".join(f"only {who} knows {', '.join(names)}" for who, names in known.items() if names)
    return f"it answers other classes ({told}). Whether to take the new version is for you to say"
