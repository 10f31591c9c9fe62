"""Five stories of live traffic, and what the watch says at each look: python benchmarks/loop/stories.py [FILE]

FILE is the real file of `student_performance`; without one its simulated source plays. One turn on 2,000 records makes
the champion, the others are served, drawn anew as often as they are needed, and labelled at once. The project is played
without its ranges and with absent values allowed, so that the watch has to find what else the door would refuse. Each
line is a look: the rows so far, what the watch says, what the default policy would do, and at a story's end what a
turn with `data.live=true` would learn from.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from omloop.bundle import Session
from omloop.core import Columns, Label, Prediction, Project, Settings
from omloop.kinds import Table
from omloop.loop import Workspace, find_project
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather
from omloop.loop.turn.turn import turn
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import action_for, watch_once
from omloop.monitor import new_id

NAME, LOOK = "student_performance", 500
Spoil = Callable[[dict[str, list[Any]]], Columns]


@dataclass
class Stage:
    """A workspace with a champion, records to serve, and the moment of the next one."""

    project: Project
    workspace: Workspace
    records: Columns
    chance: np.random.Generator
    now: float

    def serve(self, rows: int, spoil: Spoil, *, began: float | None = None) -> None:
        """Answer rows and log them a second apart, with their labels; a worker that is late began at another time."""
        registry = self.workspace.registry(NAME)
        session = Session.of(registry.load(registry.champion() or ""), threads=1)
        chosen = self.chance.integers(0, len(self.records[self.project.target]), rows)
        columns = {name: [values[row] for row in chosen] for name, values in self.records.items()}
        examples = session.inputs.encode(spoil({name: columns[name] for name in session.inputs.fields}))
        answers, inputs = session.outputs.answer(session.predict(examples)), session.inputs.render(examples)
        times = (self.now if began is None else began) + np.arange(rows, dtype=float)
        self.now = max(self.now, times[-1] + 1)
        made = [
            Prediction(new_id(), moment, registry.champion() or "", row, answer, 1.0)
            for moment, row, answer in zip(times.tolist(), inputs, answers, strict=True)
        ]
        log = self.workspace.predictions(NAME)
        log.record(made)
        truth = zip(made, columns[self.project.target], strict=True)
        log.feedback([Label(one.id, float(value), one.time + 0.5) for one, value in truth])
        log.close()

    def look(self) -> str:
        """What the watch says now, in one line."""
        at = replace(self.workspace, clock=lambda: self.now)
        found = watch_once(NAME, at, TELL, tell=lambda text: None)
        seen, (act, _) = found.seen, action_for(found.seen, Policy())
        events = "".join(f" [{event.kind}]" for event in found.events)
        told = seen.told or ("collecting" if seen.collecting else "calibrating" if seen.calibrating else "quiet")
        return f"{seen.buckets:>3} buckets  {told}; {seen.verdict}{events}  -> {act}"

    def learned(self) -> str:
        """How many labelled rows a turn would learn from now."""
        at, log = replace(self.workspace, clock=lambda: self.now), self.workspace.predictions(NAME)
        rows = gather(Plan.of(self.project, ["data.rows=600", "data.live=true"], at)).live
        known = log.count(labelled=True)
        log.close()
        return f"a turn learns from {rows:,} of {known:,} labelled rows"


def as_ever(columns: dict[str, list[Any]]) -> Columns:
    """Nothing is wrong."""
    return columns


def nulls(columns: dict[str, list[Any]]) -> Columns:
    """Every other exam score is absent."""
    return {**columns, "last_exam_score": [None if row % 2 else v for row, v in enumerate(columns["last_exam_score"])]}


def stuck(columns: dict[str, list[Any]]) -> Columns:
    """A column stands still at a value that is ordinary."""
    return {**columns, "assignment_scores_avg": [70.0] * len(columns["assignment_scores_avg"])}


def longer(columns: dict[str, list[Any]]) -> Columns:
    """Students study an hour and a half more."""
    return {**columns, "study_hours_per_day": [float(value) + 1.5 for value in columns["study_hours_per_day"]]}


def nulls_then_clean(stage: Stage) -> Iterator[str]:
    """1,000 rows with absent values, and clean ones after."""
    for spoil in (as_ever, as_ever, nulls, nulls, *[as_ever] * 8):
        stage.serve(LOOK, spoil)
        yield stage.look()


def stuck_column(stage: Stage) -> Iterator[str]:
    """A sensor stands still, and is mended."""
    for spoil in (as_ever, as_ever, stuck, stuck, *[as_ever] * 6):
        stage.serve(LOOK, spoil)
        yield stage.look()


def late_worker(stage: Stage) -> Iterator[str]:
    """Another worker's rows of the same minutes come late, and hold a drift."""
    began = stage.now
    stage.serve(LOOK, as_ever)
    yield stage.look()
    stage.serve(LOOK, longer, began=began + 0.25)
    yield stage.look()
    stage.serve(LOOK, longer, began=began + 0.75)
    yield stage.look()


def drift_and_back(stage: Stage) -> Iterator[str]:
    """Another population for 3,000 rows."""
    for spoil in (as_ever, as_ever, *[longer] * 6, *[as_ever] * 10):
        stage.serve(LOOK, spoil)
        yield stage.look()


def repeated_rows(stage: Stage) -> Iterator[str]:
    """Nothing changes, and every row comes ten times."""
    whole = stage.records
    for _ in range(6):  # whether it hurts is a matter of labels that depend on each other
        few = stage.chance.integers(0, len(whole[stage.project.target]), LOOK // 10)
        stage.records = {name: [values[row] for row in few] for name, values in whole.items()}
        stage.serve(LOOK, as_ever)
        yield stage.look()
    stage.records = whole


STORIES = (nulls_then_clean, stuck_column, late_worker, drift_and_back, repeated_rows)


def opened(project: Project) -> Project:
    """The project without ranges, and with absent values allowed."""
    columns = tuple(msgspec.structs.replace(one, low=None, high=None, missing=True) for one in project.inputs.columns)
    return replace(project, inputs=Table(columns=columns, refused=project.inputs.refused))


def main() -> None:
    """Play every story on a champion of its own."""
    file = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    words = ["model=boosting", *(["data=file", f"data.path={file}"] if file else ["data.rows=6000"])]
    for story in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            workspace = Workspace(Settings(workspace=folder, projects="projects"))
            project = opened(find_project(NAME, workspace.settings))
            config = configure(project, words)
            turn(Plan(project, project.inputs, config, workspace))
            records = config.data.records(project, workspace.downloads, workspace.settings)
            stage = Stage(project, workspace, records, np.random.default_rng(7), time.time() - 100_000)
            print(f"\n{story.__name__.replace('_', ' ')}: {story.__doc__}")
            for line in story(stage):
                rows = len(workspace.predictions(NAME).window().predictions)
                print(f"  {rows:>6} rows {line}", flush=True)
            print(f"  {stage.learned()}")


if __name__ == "__main__":
    main()
