"""The runs of a project for whoever asks again and again."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from omloop.loop import Workspace
from omloop.loop.runs import index
from omloop.loop.runs.index import RunIndex
from omloop.track import MirroredTracker


class FarTracker:
    """A tracker that can list its runs alone, and counts how often it is asked."""

    asked = 0

    def list(self, project: str) -> list[Mapping[str, object]]:
        self.asked += 1
        return [{"run": name, "status": "finished", "models": {"mlp": {"r2": 0.5}}} for name in ("b", "a")]


def test_a_tracker_far_away_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker: Any = FarTracker()
    runs = RunIndex(tracker)
    assert list(runs.names("demo")) == ["b", "a"] and [run.name for run in runs.brief("demo")] == ["b", "a"]
    assert [run.name for run in runs.whole("demo", ["a", "gone"])] == ["a"] and tracker.asked == 1
    monkeypatch.setattr(index, "FETCHED_S", -1.0)
    runs.names("demo")
    assert tracker.asked == 2


def test_names_are_listed_anew_once_there_is_another_run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "SETTLED_NS", -1)
    tracker = workspace.tracker()
    first = tracker.start("demo", "", {}).name
    time.sleep(0.02)  # the clock of the file system ticks
    runs = RunIndex(tracker)
    assert runs.names("demo") == [first] and runs.names("demo") is runs.names("demo")
    second = tracker.start("demo", "", {}).name
    assert runs.names("demo") == [second, first]


def test_mirrors_do_not_hide_the_folders_of_runs(workspace: Workspace) -> None:
    tracker = workspace.tracker()
    run = tracker.start("demo", "", {})
    run.finish("finished", {"models": {"mlp": {"r2": 0.5}}})
    runs = RunIndex(MirroredTracker(tracker, ()))
    assert runs.files is tracker and list(runs.names("demo")) == [run.name]
    assert not runs.brief("demo")[0].models and runs.whole("demo", [run.name])[0].models


def test_what_is_read_ahead_is_not_read_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a run that cannot be read stops none of the others."""
    monkeypatch.setattr(index, "SETTLED_NS", -1)
    tracker = workspace.tracker()
    for _ in range(3):
        tracker.start("demo", "", {}).finish("finished", {})
    runs, read = RunIndex(tracker), list[str]()
    assert runs.files is not None
    one = runs.files.one
    newest, *others = runs.names("demo")

    def counted(project: str, name: str) -> Mapping[str, object] | None:
        read.append(name)
        if read == [newest]:
            raise OSError("the disk is away")
        return one(project, name)

    monkeypatch.setattr(runs.files, "one", counted)
    for _ in range(2):
        runs.read_ahead("demo")
        for thread in threading.enumerate():
            if thread.name == "omloop-runs-ahead":
                thread.join(10)
    assert read == [newest, *others]
    assert len(runs.brief("demo")) == 3 and read == [newest, *others, newest]


def test_no_more_runs_are_kept_than_there_is_room_for(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MOST_KEPT", 1)
    monkeypatch.setattr(index, "SETTLED_NS", -1)
    made = []
    for _ in range(3):
        run = workspace.tracker().start("demo", "", {})
        run.finish("finished", {})
        made.append(run.name)
    runs = RunIndex(workspace.tracker())
    for _ in range(2):
        assert sorted(run.name for run in runs.brief("demo")) == sorted(made)
