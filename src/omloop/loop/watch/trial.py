"""What a trial showed so far: how the version beside the champion answers, and whether it has to go.

See docs/decisions/0026-a-trial-beside-the-champion.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import (
    ConflictError,
    Decision,
    Estimate,
    Facts,
    Metric,
    NumberArray,
    Output,
    Prediction,
    Shadow,
    Trial,
    Window,
)
from omloop.loop.project.scoring import live_scores, metrics_in
from omloop.loop.version.copies import labelled_once
from omloop.promote import Case, Rules, chance_of_losses, judge

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.loop.workspace import Workspace

LOOKED_AT = 10_000
"""How many of the newest answers of either version to judge."""

FAILURES = 3
"""This many answers that only the champion could give are too many."""

LEVEL = 0.01
"""The chance of stopping a version that is no worse, over all looks at one trial together."""


@dataclass(frozen=True, repr=False)
class TrialProgress(Facts):
    """The findings so far of the trial of `trial.version`.

    `answered` counts its answers, `failed` those that only the champion could give. For a shadow `agreement` is the
    share of answers that agree, and `difference` the mean absolute difference of numbers. `times_slower` compares the
    medians of the milliseconds. `candidate` and `theirs` are the metrics of either version on labelled answers to
    distinct rows; `labelled` is the candidate's number of them. `decision` is the gate's verdict on a shadow, whose
    answers are to the same rows. `chance` is that of losing this often by luck (see `chance_of_losses`). `worse` is the
    reason to end the trial, or empty.
    """

    project: str
    champion: str
    trial: Trial
    answered: int
    failed: int
    agreement: float | None
    difference: float | None
    times_slower: float | None
    labelled: int
    candidate: Mapping[str, Estimate]
    theirs: Mapping[str, Estimate]
    decision: Decision | None
    chance: float

    def facts(self) -> dict[str, object]:
        """What came of it."""
        return {
            "version": self.trial.version,
            "mode": self.trial.mode,
            "answered": self.answered,
            "labelled": self.labelled,
            "worse": self.worse or "not shown",
        }

    @property
    def worse(self) -> str:
        """Why the version has to go, in words; nothing while it may stay."""
        if self.failed >= FAILURES:
            return f"it failed {self.failed} times where the champion answered"
        if self.chance <= LEVEL:
            return f"its answers are worse than the champion's (chance of that by luck at any look: {self.chance:.2g})"
        return ""


def judge_trial(
    name: str, workspace: Workspace, *, load: Callable[[str], Bundle] | None = None
) -> TrialProgress | None:
    """The findings so far of a project's trial, from the memories alone; None without a trial.

    Look as often as you like: `LEVEL` holds for all looks together. `load` reads a version, by default from the
    registry.
    """
    registry = workspace.registry(name)
    lineup, load = registry.lineup(), load or registry.load
    trial, champion = lineup.trial, lineup.champion
    if trial is None or champion is None:
        return None
    since = (trial.since, "")
    with contextlib.closing(workspace.predictions(name)) as predictions:
        both = predictions.shadowed(trial.version, newest=LOOKED_AT)
        new, old = (predictions.window(version=one, after=since, newest=LOOKED_AT) for one in (trial.version, champion))
    bundle, settings = load(champion), workspace.settings
    output, own = bundle.output, load(trial.version).output
    metrics, own_metrics = metrics_in(bundle, settings), metrics_in(bundle, settings, output=own)
    asked = [p for p in both.predictions if p.version == champion and p.time >= trial.since]
    answered = [p for p in asked if both.shadows[p.id].output is not None]
    failed = len(asked) - len(answered)
    agreement = difference = decision = None
    if trial.mode == "shadow":
        shadows = [both.shadows[p.id] for p in answered]
        once = labelled_once(bundle, replace(both, predictions=tuple(answered)))
        ours, theirs = _side(own, shadows, once), _side(output, answered, once)
        agreement, difference = _alike((own, shadows), (output, answered))
        decision = _decision(own_metrics[0], metrics[0], ours, theirs)
        lost, won = _compared(zip(ours.errors, theirs.errors, strict=True))
    else:
        ours, theirs = (
            _side(decides, side.predictions, labelled_once(bundle, side))
            for decides, side in ((own, new), (output, old))
        )
        lost, won = _compared(_duels(ours, theirs))
    return TrialProgress(
        project=name,
        champion=champion,
        trial=trial,
        answered=len(ours.milliseconds),
        failed=failed,
        agreement=agreement,
        difference=difference,
        times_slower=_times_slower(ours, theirs),
        labelled=len(ours.truth),
        candidate=live_scores(own_metrics, ours.truth, ours.outputs),
        theirs=live_scores(metrics, theirs.truth, theirs.outputs),
        decision=decision,
        chance=chance_of_losses(lost, won),
    )


def stop_if_worse(found: TrialProgress, workspace: Workspace, *, by: str) -> bool:
    """End the trial if the findings say so; gives whether it did. Another process may have ended it meanwhile."""
    if not found.worse:
        return False
    with contextlib.suppress(ConflictError):
        workspace.registry(found.project).end_trial(found.trial, reason=found.worse, by=by)
    return True


@dataclass(frozen=True)
class _Side:
    """The answers of one version: the milliseconds of all, with the truth and the outputs of the labelled ones.

    `errors` say how wrong each labelled answer is: whether the class is another, or how far off the number is. `came`
    says when each label came, and of which prediction.
    """

    milliseconds: Sequence[float]
    truth: NumberArray
    outputs: NumberArray
    errors: NumberArray
    came: Sequence[tuple[float, str]]


def _side(output: Output, answers: Sequence[Prediction | Shadow], once: Window) -> _Side:
    """The answers of one version; of the labelled ones those that `once` has."""
    counted = {prediction.id for prediction in once.predictions}
    known = [one for one in answers if one.id in counted]
    truth, outputs = output.encode([once.labels[one.id] for one in known]), _outputs(output, known)
    return _Side(
        milliseconds=[one.latency_ms for one in answers],
        truth=truth,
        outputs=outputs,
        errors=output.errors(truth, outputs),
        came=[(once.label_times[one.id], one.id) for one in known],
    )


def _outputs(output: Output, answers: Sequence[Prediction | Shadow]) -> NumberArray:
    return output.gather([one.output for one in answers if one.output is not None])


def _alike(
    ours: tuple[Output, Sequence[Shadow]], theirs: tuple[Output, Sequence[Prediction]]
) -> tuple[float | None, float | None]:
    """The share of answers that agree, and the mean absolute difference of numbers, which is None for classes.

    Each side's answers come with the output that decides on them.
    """
    if not ours[1]:
        return None, None
    one, other = (output.decide(_outputs(output, answers)) for output, answers in (ours, theirs))
    agreement = float(ours[0].agree(one, other).mean())
    return agreement, None if ours[0].classes else float(np.abs(one - other).mean())


def _decision(metric: Metric, of_champion: Metric, ours: _Side, theirs: _Side) -> Decision:
    """What the gate says of answers to the same rows."""
    seed = len(ours.truth)
    return judge(Case(metric, ours.truth, ours.outputs, theirs.outputs, seed=seed, theirs=of_champion), Rules())


def _duels(ours: _Side, theirs: _Side) -> Iterator[tuple[float, float]]:
    """Errors of the candidate, each paired with the champion's error of the last label before it; each counts once.

    Neighbours in time meet the same traffic. A label that comes later changes no pair.
    """
    came = [(*when, True, error) for when, error in zip(ours.came, ours.errors, strict=True)]
    came += [(*when, False, error) for when, error in zip(theirs.came, theirs.errors, strict=True)]
    held = None
    for _, _, is_ours, error in sorted(came):
        if not is_ours:
            held = error
        elif held is not None:
            yield error, held
            held = None


def _compared(pairs: Iterable[tuple[float, float]]) -> tuple[int, int]:
    """How often the first was the larger error, and how often the smaller."""
    lost = won = 0
    for ours, theirs in pairs:
        lost, won = lost + int(ours > theirs), won + int(ours < theirs)
    return lost, won


def _times_slower(ours: _Side, theirs: _Side) -> float | None:
    if not (ours.milliseconds and theirs.milliseconds):
        return None
    return median(ours.milliseconds) / max(median(theirs.milliseconds), 1e-9)
