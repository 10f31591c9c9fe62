"""Runs that mirrors missed, sent again."""

from pathlib import Path

import pytest
from tests.track.test_outbox import FakeMirror

from omloop.core import OmloopError, SettingError, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.runs.mirror import mirror_runs
from omloop.track import MirroredTracker, Outbox
from omloop.track.files import FileTracker


@pytest.fixture
def mirror(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> FakeMirror:
    """A mirror beside the runs of the workspace."""
    found = FakeMirror()
    tracker = MirroredTracker(FileTracker(workspace.root / "runs"), [Outbox("fake", lambda: found)])
    monkeypatch.setattr(Workspace, "tracker", lambda self: tracker)
    return found


def test_runs_are_sent_by_a_part_of_their_name(workspace: Workspace, mirror: FakeMirror) -> None:
    run = FileTracker(workspace.root / "runs").start("toy", "", {})
    run.finish("finished", {})
    assert mirror_runs("toy", [run.name[-6:]], workspace) == [run.name]
    assert mirror.told[0] == ("start", "toy", run.name) and mirror.told[-1] == ("finish", "finished")


def test_what_cannot_be_sent_is_told(workspace: Workspace, mirror: FakeMirror) -> None:
    run = FileTracker(workspace.root / "runs").start("toy", "", {})
    with pytest.raises(OmloopError, match="still goes on"):
        mirror_runs("toy", [run.name], workspace)
    with pytest.raises(UnknownNameError, match="No run is called 'nope'"):
        mirror_runs("toy", ["nope"], workspace)
    assert mirror.told == []


def test_without_a_mirror_there_is_nobody_to_send_to(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="track = 'files' names no mirror"):
        mirror_runs("toy", ["a"], workspace)
