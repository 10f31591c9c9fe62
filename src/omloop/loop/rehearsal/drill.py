"""A fire drill: it injects faults in a throw-away workspace, and reports what happened.

Two kinds of things go wrong. Data: a champion that has seen usual traffic meets spoilt, moved or re-labelled inputs,
one bucket after the other, until the watch rings. Machines: a process is killed, a file is spoilt, a disk is full, a
clock jumps. Then everything must be as if nothing had happened, or omloop must refuse and say why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from omloop.core import Columns, OmloopError, Project
from omloop.data import take_rows
from omloop.loop.rehearsal.ground import SEED, SPACING_S, Ground, Tell, next_moment, prepared_ground
from omloop.loop.serving.offline import accepted_records
from omloop.loop.watch.look import Observation
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import action_for, watch_once
from omloop.loop.workspace import Workspace

MOST = 8
"""The number of buckets after which it gives up waiting for an alarm."""

STRENGTH = 0.3


@dataclass(frozen=True)
class DrillResult:
    """The result of one drill: the fault, whether it ended as it must, and in words what omloop saw and undid."""

    name: str
    good: bool
    outcome: str
    predictions: int | None = None


def drill(
    project: Project, workspace: Workspace, overrides: Sequence[str] = (), *, tell: Tell = lambda text: None
) -> Iterator[DrillResult]:
    """Hold every drill, one after the other, on simulated data; nothing of the real workspace changes."""
    from omloop.loop.rehearsal.faults import FAULTS

    with prepared_ground(project, workspace, tuple(overrides), tell) as ground:
        for name, spoil in _data_drills(ground).items():
            tell(f"drill: {name}")
            yield _met(ground, name, spoil)
        for name, act in FAULTS.items():
            tell(f"drill: {name}")
            yield _survived(ground, name, act)


Spoilt = tuple[Columns, list[object] | None]
"""Records that went wrong, and their labels, None where none come."""


def _data_drills(ground: Ground) -> Mapping[str, Callable[[Columns], Spoilt]]:
    """Every fault of inputs or labels, by name."""
    kind = ground.session.inputs

    def corrupted(name: str) -> Callable[[Columns], Spoilt]:
        return lambda columns: (kind.corrupted(columns, name, STRENGTH, SEED), None)

    return {
        **{name: corrupted(name) for name in kind.corruptions},
        "another population": lambda columns: (ground.records(_rows(columns), SEED + 5, 1.0), None),
        "label shift": lambda columns: (_shifted(ground, columns), None),
        "concept flip": lambda columns: (columns, _flipped(ground, columns)),
    }


def _met(ground: Ground, name: str, spoil: Callable[[Columns], Spoilt]) -> DrillResult:
    """Send spoilt records until the watch rings, and say after how many, and what the default policy makes of it."""
    usual = ground.records(4 * MOST * ground.bucket, SEED + 1)
    columns, labels = spoil(usual)
    taken, rows = accepted_records(ground.session, columns)
    refused = 1 - len(rows) / _rows(columns)
    if len(rows) < ground.bucket:
        return DrillResult(
            name, True, f"refused at the door, {refused:.0%} of the requests, with the field that is wrong"
        )
    known = None if labels is None else [labels[row] for row in rows]
    with ground.copy() as workspace:
        start = next_moment(workspace, ground.project)
        for bucket in range(min(MOST, len(rows) // ground.bucket)):
            part = slice(bucket * ground.bucket, (bucket + 1) * ground.bucket)
            some = {field: values[part] for field, values in taken.items()}
            ground.serve(workspace, some, start + bucket * ground.bucket * SPACING_S, known and known[part])
            seen = watch_once(ground.project.name, workspace, TELL, tell=lambda text: None).seen
            if seen.rings:
                return DrillResult(name, True, _told(seen, refused), (bucket + 1) * ground.bucket)
    more = f"; {refused:.0%} of the requests were refused at the door" if refused else ""
    return DrillResult(name, refused > 0, f"not seen in {MOST * ground.bucket} predictions{more}", None)


def _told(seen: Observation, refused: float) -> str:
    act, _ = action_for(seen, Policy())
    what = {"drift": seen.what_moved, "loss": "the error rose", "broken": "broken data"}
    told = "; ".join(what[sign] for sign in seen.signs)
    door = f"; {refused:.0%} refused at the door" if refused else ""
    return f"{told}{door}; the default policy would {'retrain' if act == 'retrain' else 'tell, and not retrain'}"


def _survived(ground: Ground, name: str, act: Callable[[Ground, Workspace], str]) -> DrillResult:
    with ground.copy() as workspace:
        try:
            return DrillResult(name, True, act(ground, workspace))
        except OmloopError as error:
            return DrillResult(name, False, str(error))


def _shifted(ground: Ground, columns: Columns) -> Columns:
    """Only records of the lower half of the targets, or of the first half of the classes."""
    target = np.asarray(ground.session.outputs.encode(columns[ground.project.target]))
    classes = ground.session.outputs.observed.get("prediction", ())
    middle = len(classes) / 2 - 1 if classes else np.median(target)
    kept = np.flatnonzero(target <= middle).tolist()
    return take_rows(columns, kept)


def _flipped(ground: Ground, columns: Columns) -> list[object]:
    """Labels that mean another thing: the next class, or the value on the other side of the middle."""
    truth = ground.truth(columns)
    classes = list(ground.session.outputs.observed.get("prediction", ()))
    if classes:
        return [classes[(classes.index(str(label)) + 1) % len(classes)] for label in truth]
    return [float(min(truth) + max(truth) - label) for label in truth]


def _rows(columns: Columns) -> int:
    return len(next(iter(columns.values())))
