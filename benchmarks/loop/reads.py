"""What one look of a watch, and one poll of a server, ask of the store: a bucket answers each of these in 50 ms or so.

Run: python benchmarks/loop/reads.py [--events 2 50 300] [--rows N]
A champion with a history of so many events and predictions that drifted. The first look of a watch tells the drift and
writes its page, the next one finds all told and nothing new. Counted are listings, events and files of bundles that
are read, bundles that are loaded and verified, and windows of predictions that are fetched.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from omloop.bundle import Bundle, Session
from omloop.core import Project, Settings
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.rehearsal.ground import late_label, predictions_of
from omloop.loop.turn.turn import turn
from omloop.loop.watch.policy import TELL
from omloop.loop.watch.signals import signals_of
from omloop.loop.watch.watch import watch_once
from omloop.monitor.files import FilePredictions
from omloop.register import FileBlobs
from omloop.serve.version.champion import Champion

NAME = "student_performance"
ASKED: Counter[str] = Counter()
COUNTED = ("listing", "event", "bundle file", "bundle", "window")


def main() -> None:
    """Print what each look and each poll asked for, by the length of the history."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", nargs="*", type=int, default=[2, 50, 300])
    parser.add_argument("--rows", type=int, default=1200)
    given = parser.parse_args()
    count_all()
    settings = Settings(projects="projects")
    project = find_project(NAME, settings)
    with tempfile.TemporaryDirectory() as folder:
        made = Workspace(replace(settings, workspace=f"{folder}/made"))
        version = turn(Plan.of(project, ["data.rows=1200", "model=linear"], made)).version
        bundle = made.registry(NAME).load(version)
        print(f"{'events':>6}  {'what':<24} {'reads':>6}  " + "  ".join(f"{name:>11}" for name in COUNTED))
        for events in given.events:
            workspace = Workspace(replace(settings, workspace=f"{folder}/{events}"))
            prepared(workspace, project, bundle, events, given.rows)
            for what, act in steps(workspace):
                ASKED.clear()
                act()
                reads = ASKED["listing"] + ASKED["event"] + ASKED["bundle file"]
                print(f"{events:>6}  {what:<24} {reads:>6}  " + "  ".join(f"{ASKED[name]:>11}" for name in COUNTED))


def steps(workspace: Workspace) -> list[tuple[str, Callable[[], Any]]]:
    """What is counted, in turn."""
    server = Champion(replace(workspace).registry(NAME), threads=1)

    def whole() -> None:
        """A look as the command line takes it, with all that alerts may be raised on."""
        found = watch_once(NAME, workspace, TELL)
        signals_of(found.seen, workspace, time.time(), events=found.history)

    return [
        ("first look, with a page", lambda: watch_once(NAME, workspace, TELL)),
        ("next look, all is told", lambda: watch_once(NAME, workspace, TELL)),
        ("a look from cron", lambda: watch_once(NAME, replace(workspace), TELL)),
        ("a look with its signals", whole),
        ("first poll of a server", server.refresh),
        ("next poll of a server", server.refresh),
    ]


def prepared(workspace: Workspace, project: Project, bundle: Bundle, events: int, rows: int) -> None:
    """A champion, so many events, and drifted predictions with their labels."""
    registry = workspace.registry(NAME)
    version = registry.add(bundle, by="benchmark")
    registry.promote(version, expected=None, by="benchmark", reason="the first")
    for number in range(events - 2):
        registry.record("settled", version, by="benchmark", reason=f"event {number}")
    columns = project.simulate(rows, 5, 1.0)  # type: ignore[misc]
    times = [time.time() - rows + row for row in range(rows)]
    log, outputs = workspace.predictions(NAME), bundle.output
    answered = predictions_of(Session.of(bundle), version, columns, times)
    log.record(answered)
    truth = [outputs.parse(outputs.read_label(str(value))) for value in columns[project.target]]
    log.feedback([late_label(one, label) for one, label in zip(answered, truth, strict=True)])
    log.close()


def count_all() -> None:
    """Count what is asked of the store, the bundles and the log, from here on."""
    counted(FileBlobs, "list", lambda prefix: "listing")
    counted(FileBlobs, "read", lambda key: "event" if Path(key).parent.name == "history" else "bundle file")
    counted(FilePredictions, "window", lambda: "window")
    load = Bundle.load

    def loaded(read: Any, digest: str) -> Bundle:
        ASKED["bundle"] += read.__qualname__.startswith("Bundles.")  # a server verifies what it has in memory as well
        return load(read, digest)

    Bundle.load = staticmethod(loaded)  # type: ignore[assignment]


def counted(owner: type, name: str, kind: Callable[..., str]) -> None:
    """Count the calls of a method by their kind."""
    plain = getattr(owner, name)

    def method(self: Any, *words: Any, **given: Any) -> Any:
        ASKED[kind(*words)] += 1
        return plain(self, *words, **given)

    setattr(owner, name, method)


if __name__ == "__main__":
    main()
