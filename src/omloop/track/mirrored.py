"""The memory of runs with mirrors beside it: each record goes to them too, on its own time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from weakref import WeakValueDictionary

from omloop.core import Annotation, LoggedStep, MirrorRun, Run, Tracker
from omloop.track.files import METRICS
from omloop.track.outbox import AT_ONCE, Outbox, OutboxRun

FACTS = "environment.json"
FINISH_S, STOP_S = 60.0, 5.0
"""How long the end of a run waits for mirrors, and that of one which somebody stopped."""

Send = Callable[[MirrorRun], None]


class MirroredRun:
    """A run of the memory, and the same run on its way to each mirror."""

    def __init__(self, project: str, run: Run, boxes: Mapping[Outbox, OutboxRun]) -> None:
        self._project, self._run, self._boxes = project, run, boxes
        self.over = False

    @property
    def name(self) -> str:
        """The run's name, in mirrors too."""
        return self._run.name

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Record numbers of one step."""
        try:
            self._run.log(step, metrics)
        finally:
            logged = LoggedStep(step, time.time(), {key: float(value) for key, value in metrics.items()})
            for box in self._boxes.values():
                box.log(logged)

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file with the run."""
        try:
            self._run.keep(name, content)
        finally:
            self.send(lambda run: run.keep(name, content), name, size=len(content))

    def send(self, do: Send, what: str, *, size: int = 0) -> None:
        """Have something done with the run in each mirror."""
        for box in self._boxes.values():
            box.put(do, what, size=size)

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run, wait for mirrors a while, and warn of the items that they lack then."""
        try:
            self._run.finish(status, summary)
        finally:
            self.over = True
            self.send(lambda run: run.finish(status, summary), "how it ended")
            deadline = time.monotonic() + (STOP_S if status == "killed" else FINISH_S)
            for outbox in self._boxes:
                outbox.tell_unsent(
                    f"{self._project} {self.name}", outbox.end_run(max(0.0, deadline - time.monotonic()))
                )


class MirroredTracker:
    """A tracker whose runs go to mirrors too. Reads go to the memory alone."""

    def __init__(self, memory: Tracker, outboxes: Sequence[Outbox]) -> None:
        self.memory, self._outboxes = memory, outboxes
        self._open: WeakValueDictionary[str, MirroredRun] = WeakValueDictionary()

    def start(self, project: str, config: str, facts: Mapping[str, object]) -> MirroredRun:
        """Begin a run in the memory, and in each mirror once it is there."""
        for outbox in self._outboxes:
            outbox.mirror()  # what cannot be had is told before there is a run
        run = self.memory.start(project, config, facts)
        boxes = {
            outbox: outbox.start_run(lambda mirror: mirror.start(project, run.name, config, facts))
            for outbox in self._outboxes
        }
        mirrored = self._open[run.name] = MirroredRun(project, run, boxes)
        for name, content in (("config.yaml", config), (FACTS, json.dumps(facts, indent=2))):
            mirrored.send(_keeping(name, content.encode()), name)
        return mirrored

    def list(self, project: str) -> Iterable[Mapping[str, object]]:
        """The runs of the memory."""
        return self.memory.list(project)

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change tags and note in the memory, and in mirrors."""
        self.memory.annotate(project, run, change)
        there = self._open.get(run)
        if there is not None and not there.over:
            there.send(lambda mirrored: mirrored.annotate(change), "tags and note")
            return
        for outbox in self._outboxes:
            outbox.tell(lambda mirror: mirror.annotate(project, run, change), f"tags and note of the run {run}")

    def files(self, project: str, run: str) -> Sequence[str]:
        """Names of all that a run keeps in the memory."""
        return self.memory.files(project, run)

    def read(self, project: str, run: str, name: str) -> bytes:
        """One file that a run keeps in the memory."""
        return self.memory.read(project, run, name)

    def resend(self, project: str, found: Mapping[str, object]) -> str:
        """Send a run that ended, as `Tracker.list` gives it, to each mirror again; gives the unsent items, in words."""
        run = str(found["run"])
        config, facts = self.read(project, run, "config.yaml").decode(), json.loads(self.read(project, run, FACTS))
        steps = [_step(line) for line in self.read(project, run, METRICS).splitlines()]
        summary = {key: value for key, value in found.items() if key not in ("run", "status", "tags", "note")}
        change = Annotation(_object(found.get("tags")), str(found.get("note") or ""))
        unsent = []
        for outbox in self._outboxes:
            box = outbox.start_run(lambda mirror: mirror.start(project, run, config, facts))
            for begin in range(0, len(steps), AT_ONCE):
                box.put(_logging(steps[begin : begin + AT_ONCE]), "numbers")
            for name in self.files(project, run):
                content = self.read(project, run, name)
                box.put(_keeping(name, content), name, size=len(content))
                unsent.append(outbox.wait(FINISH_S))  # one file at a time, whatever they hold together
            if change != Annotation():
                box.put(lambda mirrored: mirrored.annotate(change), "tags and note")
            box.put(lambda mirrored: mirrored.finish(str(found["status"]), summary), "how it ended")
            unsent.append(outbox.end_run(FINISH_S))
        return "; ".join(filter(None, unsent))


def _step(line: bytes) -> LoggedStep:
    found = json.loads(line)
    return LoggedStep(found.pop("step"), found.pop("time", 0.0), found)


def _object(found: object) -> Mapping[str, str]:
    return found if isinstance(found, Mapping) else {}


def _logging(steps: Sequence[LoggedStep]) -> Send:
    return lambda run: run.log(steps)


def _keeping(name: str, content: bytes) -> Send:
    return lambda run: run.keep(name, content)
