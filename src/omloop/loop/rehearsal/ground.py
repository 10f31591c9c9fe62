"""The ground that drills stand on: a project turned once in a throw-away workspace, and traffic for it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.bundle import Session
from omloop.core import Columns, Label, OmloopError, Prediction, Project
from omloop.loop.project.plan import Plan
from omloop.loop.serving.offline import predictions_of
from omloop.loop.turn.turn import turn
from omloop.loop.watch.policy import TELL
from omloop.loop.watch.watch import watch_once
from omloop.loop.workspace import Workspace

if TYPE_CHECKING:
    from omloop.bundle import Bundle


QUIET = 8
"""Buckets of usual traffic before anything goes wrong: they teach how much it varies by itself."""


SEED = 77


SPACING_S = 0.5
"""Seconds between two predictions, by the clock of the drill."""


Tell = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """A project with a champion that has answered usual traffic in `workspace`; each drill takes a copy."""

    project: Project
    workspace: Workspace
    bundle: Bundle
    session: Session
    overrides: tuple[str, ...]

    @property
    def bucket(self) -> int:
        """Predictions in a bucket."""
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

    def serve(self, workspace: Workspace, columns: Columns, start: float, labels: Sequence[object] | None) -> None:
        """Answer records one after the other and log them, with their labels, if any."""
        times = [start + SPACING_S * row for row in range(len(columns[self.project.target]))]
        made = predictions_of(self.session, self.bundle.version, columns, times)
        with contextlib.closing(workspace.predictions(self.project.name)) as log:
            log.record(made)
            if labels is not None:
                log.feedback([late_label(one, truth) for one, truth in zip(made, labels, strict=True)])


def on_simulated(overrides: Sequence[str]) -> tuple[str, ...]:
    """The overrides of a rehearsal: it simulates its traffic, and without a source its training records too."""
    chosen = any(word.startswith("data=") for word in overrides)
    return tuple(overrides) if chosen else ("data=simulated", *overrides)


@contextlib.contextmanager
def prepared_ground(project: Project, workspace: Workspace, overrides: tuple[str, ...], tell: Tell) -> Iterator[Ground]:
    """A ground in a folder of the workspace, after one turn and some usual traffic; it goes with the context."""
    overrides = on_simulated(overrides)
    with workspace.apart("drill") as apart:
        plan = Plan.of(project, overrides, apart, by="drill", tell=lambda text: None)
        project = plan.project
        tell("drill: one turn on simulated data")
        turned = turn(replace(plan, config=replace(plan.config, promote="auto")))
        if not turned.promoted:
            raise OmloopError(
                f"The drill's first turn promoted nothing: {turned.decision.reason}. Give more data.rows."
            )
        bundle = apart.registry(project.name).load(turned.version)
        ground = Ground(project, apart, bundle, Session.of(bundle), overrides)
        tell(f"drill: {QUIET * ground.bucket} predictions of usual traffic")
        usual = ground.records(QUIET * ground.bucket, SEED)
        ground.serve(apart, usual, next_moment(apart, project), ground.truth(usual))
        watch_once(project.name, apart, TELL, tell=lambda text: None)
        yield ground


def next_moment(workspace: Workspace, project: Project) -> float:
    """The moment after the newest prediction, or now."""
    with contextlib.closing(workspace.predictions(project.name)) as log:
        newest = log.window(newest=1).predictions
    return newest[-1].time + SPACING_S if newest else workspace.clock() - 100_000.0


def late_label(prediction: Prediction, truth: object) -> Label:
    """What turned out to be true of a prediction, a second after it."""
    return Label(prediction.id, truth, prediction.time + 1.0)
