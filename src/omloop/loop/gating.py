"""Putting the candidate before the gate: against whom, by which rules, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Session
from omloop.core import ConflictError, DataError, Dataset, Decision, Output, Project
from omloop.evaluate import metric
from omloop.promote import Case, judge

if TYPE_CHECKING:
    from omloop.loop.configure import Configured
    from omloop.loop.training import Records
    from omloop.register import Registry


@dataclass(frozen=True)
class Opponent:
    """Whom the candidate must beat, and its answers to the same test rows; no answers where they cannot be compared.

    `problem` says why they cannot, in words that follow its name.
    """

    name: str
    outputs: NDArray[np.float64] | None
    problem: str = ""


def find_opponent(
    registry: Registry,
    outputs: Output,
    records: Records,
    dataset: Dataset,
    baseline: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
) -> tuple[Opponent, str | None]:
    """The champion with its version, or the baseline when there is none; `outputs` is what the candidate answers."""
    version = registry.champion()
    if version is None:
        if baseline is None:
            return Opponent("champion", None, "is not there"), None
        return Opponent("baseline", baseline(dataset.test.examples)), None
    champion = Session.of(registry.load(version))
    if difference := _difference(champion.outputs, outputs):
        return Opponent("champion", None, f"cannot be compared with it: {difference}"), version
    try:
        examples = champion.inputs.encode(records.take(dataset.test.rows))
    except DataError as error:
        return Opponent("champion", None, f"cannot read these records: {error}"), version
    return Opponent("champion", champion.predict(examples)), version


def decide(
    project: Project, config: Configured, dataset: Dataset, candidate: NDArray[np.float64], opponent: Opponent
) -> Decision:
    """The gate's answer for this candidate."""
    if opponent.outputs is None:
        return Decision("not enough evidence", f"the champion {opponent.problem}")
    case = Case(
        metric=metric(config.metric),
        truth=dataset.test.targets,
        candidate=candidate,
        champion=opponent.outputs,
        opponent="champion" if opponent.name == "champion" else "baseline",
        slices=dataset.test.slices,
        others=tuple(metric(name) for name in project.outputs.metrics),
        seed=config.seed,
    )
    return judge(case, config.rules)


def follow(
    project: Project, registry: Registry, version: str, decision: Decision, *, before: str | None, how: str, by: str
) -> tuple[str | None, tuple[str, ...]]:
    """Record the decision and promote a better candidate, unless a person is to be asked; return champion and notes."""
    registry.decide(version, decision, against=before, by=by)
    if not decision.promote:
        return before, ()
    if how == "ask":
        return before, (f"It waits for you: omloop promote {project.name} {version}",)
    try:
        registry.promote(version, expected=before, by=by, reason=decision.reason, evidence=dict(decision.evidence))
    except ConflictError as error:
        return registry.champion(), (f"Not promoted: {error}",)
    return version, ()


def _difference(champion: Output, candidate: Output) -> str:
    """How the champion answers otherwise than the candidate does; nothing where answers to one row can be compared."""
    theirs, ours = (output.observed.get("prediction", ()) for output in (champion, candidate))
    if champion.graph_output != candidate.graph_output:
        return "one answers a number, the other classes"
    if theirs == ours:
        return ""
    if set(theirs) == set(ours):
        return "it answers the same classes in another order"
    known = {"the champion": [name for name in theirs if name not in ours]}
    known["the candidate"] = [name for name in ours if name not in theirs]
    told = "; ".join(f"only {who} knows {', '.join(names)}" for who, names in known.items() if names)
    return f"it answers other classes ({told}). Whether to take the new version is for you to say"
