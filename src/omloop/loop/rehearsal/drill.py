"""A fire drill: what can go wrong is made to go wrong, in a workspace that is thrown away, and what came is told.

Two kinds of things go wrong. Data: a champion that has seen usual traffic meets spoilt, moved or re-labelled inputs,
one bucket after the other, until the watch rings. Machines: a process is killed, a file is spoilt, a disk is full, a
clock jumps; then everything must be as if it had not happened, or be refused and told.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omloop.bundle import Session
from omloop.core import Columns, Label, OmloopError, Prediction, Project, saying
from omloop.data import with_classes
from omloop.loop.project.configure import configure
from omloop.loop.serving.offline import accepted, predictions_of
from omloop.loop.turn.turn import turn
from omloop.loop.watch.look import Seen
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import wanted, watch_once
from omloop.loop.workspace import Workspace

if TYPE_CHECKING:
    from omloop.bundle import Bundle

QUIET = 8
"""Buckets of usual traffic before anything goes wrong: they teach how much it varies by itself."""

MOST = 8
"""Buckets after which what was not seen is given up."""

STRENGTH = 0.3
SEED = 77
SPACING_S = 0.5
"""Seconds between two predictions, by the clock of the drill."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Drilled:
    """What came of one drill: what was done, whether it ended as it must, and in words what was seen and undone."""

    name: str
    good: bool
    outcome: str
    predictions: int | None = None


@dataclass(frozen=True)
class Ground:
    """A project with a champion that has answered usual traffic in `workspace`, of which each drill takes a copy."""

    project: Project
    workspace: Workspace
    bundle: Bundle
    session: Session
    overrides: tuple[str, ...]

    @property
    def bucket(self) -> int:
        """Predictions that are counted together."""
        return self.bundle.reference.bucket

    def records(self, rows: int, seed: int, drift: float = 0.0) -> Columns:
        """Simulated records."""
        return self.project.simulate(rows, seed, drift)

    @contextlib.contextmanager
    def copy(self) -> Iterator[Workspace]:
        """A workspace of its own."""
        with tempfile.TemporaryDirectory(prefix=".drill-", ignore_cleanup_errors=True) as folder:
            root = Path(folder) / "ws"
            shutil.copytree(self.workspace.root, root)
            yield replace(self.workspace, settings=replace(self.workspace.settings, workspace=str(root)))

    def truth(self, columns: Columns) -> list[Any]:
        """The labels of records, as feedback brings them."""
        outputs = self.session.outputs
        return [outputs.parse(outputs.read_label(str(value))) for value in columns[self.project.target]]

    def serve(self, workspace: Workspace, columns: Columns, start: float, labels: Sequence[Any] | None) -> None:
        """Answer records one after the other and log them, with their labels where there are any."""
        times = [start + SPACING_S * row for row in range(len(columns[self.project.target]))]
        made = predictions_of(self.session, self.bundle.version, columns, times)
        with contextlib.closing(workspace.predictions(self.project.name)) as log:
            log.record(made)
            if labels is not None:
                log.feedback([_label(one, truth) for one, truth in zip(made, labels, strict=True)])


def drill(
    project: Project, workspace: Workspace, overrides: Sequence[str] = (), *, tell: Tell = lambda text: None
) -> Iterator[Drilled]:
    """Hold every drill, one after the other, on simulated data; nothing of the real workspace changes."""
    from omloop.loop.rehearsal.faults import FAULTS

    with prepared_ground(project, workspace, tuple(overrides), tell) as ground:
        for name, spoil in _data_drills(ground).items():
            tell(f"drill: {name}")
            yield _met(ground, name, spoil)
        for name, act in FAULTS.items():
            tell(f"drill: {name}")
            yield _survived(ground, name, act)


@contextlib.contextmanager
def prepared_ground(project: Project, workspace: Workspace, overrides: tuple[str, ...], tell: Tell) -> Iterator[Ground]:
    """A ground in a folder of the workspace, after one turn and some usual traffic; it goes with the context."""
    with saying("write", workspace.root):
        workspace.root.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".drill-", dir=workspace.root, ignore_cleanup_errors=True)
    with folder as root:
        settings = replace(workspace.settings, workspace=root, store="files", predictions="files")
        apart = Workspace(settings)
        config = replace(configure(project, overrides), promote="auto")
        tell("drill: one turn on simulated data")
        turned = turn(project, config, apart, by="drill", tell=lambda text: None)
        if not turned.promoted:
            raise OmloopError(
                f"The drill's first turn promoted nothing: {turned.decision.reason}. Give more data.rows."
            )
        bundle = apart.registry(project.name).load(turned.version)
        project = with_classes(project, config.data.classes)
        ground = Ground(project, apart, bundle, Session.of(bundle), overrides)
        tell(f"drill: {QUIET * ground.bucket} predictions of usual traffic")
        usual = ground.records(QUIET * ground.bucket, SEED)
        ground.serve(apart, usual, _start(apart, project), ground.truth(usual))
        watch_once(project.name, apart, TELL, tell=lambda text: None)
        yield ground


Spoilt = tuple[Columns, list[Any] | None]
"""Records that went wrong, and their labels, None where none come."""


def _data_drills(ground: Ground) -> Mapping[str, Callable[[Columns], Spoilt]]:
    """Every way in which inputs or labels go wrong, by name."""
    kind = ground.session.inputs

    def corrupted(name: str) -> Callable[[Columns], Spoilt]:
        return lambda columns: (kind.corrupted(columns, name, STRENGTH, SEED), None)

    return {
        **{name: corrupted(name) for name in kind.corruptions},
        "another population": lambda columns: (ground.records(_rows(columns), SEED + 5, 1.0), None),
        "label shift": lambda columns: (_shifted(ground, columns), None),
        "concept flip": lambda columns: (columns, _flipped(ground, columns)),
    }


def _met(ground: Ground, name: str, spoil: Callable[[Columns], Spoilt]) -> Drilled:
    """Send spoilt records until the watch rings, and say after how many, and what the default policy makes of it."""
    usual = ground.records(4 * MOST * ground.bucket, SEED + 1)
    columns, labels = spoil(usual)
    taken, rows = accepted(ground.session, columns)
    refused = 1 - len(rows) / _rows(columns)
    if len(rows) < ground.bucket:
        return Drilled(name, True, f"refused at the door, {refused:.0%} of the requests, with the field that is wrong")
    known = None if labels is None else [labels[row] for row in rows]
    with ground.copy() as workspace:
        start = _start(workspace, ground.project)
        for bucket in range(min(MOST, len(rows) // ground.bucket)):
            part = slice(bucket * ground.bucket, (bucket + 1) * ground.bucket)
            some = {field: values[part] for field, values in taken.items()}
            ground.serve(workspace, some, start + bucket * ground.bucket * SPACING_S, known and known[part])
            seen = watch_once(ground.project.name, workspace, TELL, tell=lambda text: None).seen
            if seen.rings:
                return Drilled(name, True, _told(seen, refused), (bucket + 1) * ground.bucket)
    more = f"; {refused:.0%} of the requests were refused at the door" if refused else ""
    return Drilled(name, refused > 0, f"not seen in {MOST * ground.bucket} predictions{more}", None)


def _told(seen: Seen, refused: float) -> str:
    act, _ = wanted(seen, Policy())
    what = {"drift": seen.what_moved, "loss": "the error rose", "broken": "broken data"}
    told = "; ".join(what[sign] for sign in seen.signs)
    door = f"; {refused:.0%} refused at the door" if refused else ""
    return f"{told}{door}; the default policy would {'retrain' if act == 'retrain' else 'tell, and not retrain'}"


def _survived(ground: Ground, name: str, act: Callable[[Ground, Workspace], str]) -> Drilled:
    with ground.copy() as workspace:
        try:
            return Drilled(name, True, act(ground, workspace))
        except (OmloopError, AssertionError) as error:
            return Drilled(name, False, str(error) or type(error).__name__)


def _shifted(ground: Ground, columns: Columns) -> Columns:
    """Only records of the lower half of the targets, or of the first half of the classes."""
    target = np.asarray(ground.session.outputs.encode(columns[ground.project.target]))
    classes = ground.session.outputs.observed.get("prediction", ())
    middle = len(classes) / 2 - 1 if classes else np.median(target)
    kept = np.flatnonzero(target <= middle).tolist()
    return {name: [values[row] for row in kept] for name, values in columns.items()}


def _flipped(ground: Ground, columns: Columns) -> list[Any]:
    """Labels that mean another thing: the next class, or the value on the other side of the middle."""
    truth = ground.truth(columns)
    classes = list(ground.session.outputs.observed.get("prediction", ()))
    if classes:
        return [classes[(classes.index(label) + 1) % len(classes)] for label in truth]
    return [float(min(truth) + max(truth) - label) for label in truth]


def _rows(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def _start(workspace: Workspace, project: Project) -> float:
    """The moment after the newest prediction, or now."""
    with contextlib.closing(workspace.predictions(project.name)) as log:
        newest = log.window(newest=1).predictions
    return newest[-1].time + SPACING_S if newest else workspace.clock() - 100_000.0


def _label(prediction: Prediction, truth: Any) -> Label:
    return Label(prediction.id, truth, prediction.time + 1.0)
