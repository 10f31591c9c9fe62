import json
from pathlib import Path

import pytest

from omloop.core import StoreError
from omloop.testing.tracker import TrackerContract
from omloop.track import TRACKERS
from omloop.track.files import FileTracker


class TestFileTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> FileTracker:
        return FileTracker(tmp_path)


def test_a_run_is_a_folder_that_an_editor_can_read(tmp_path: Path) -> None:
    run = FileTracker(tmp_path).start("toy", "seed: 1\n", {"python": "3.11"})
    run.log(3, {"loss": 0.25})
    assert (run.folder / "config.yaml").read_text() == "seed: 1\n"
    assert json.loads((run.folder / "environment.json").read_text()) == {"python": "3.11"}
    (line,) = (run.folder / "metrics.jsonl").read_text().splitlines()
    assert json.loads(line)["loss"] == 0.25 and json.loads(line)["step"] == 3


def test_numbers_are_on_disk_as_soon_as_they_are_logged(tmp_path: Path) -> None:
    """A killed run keeps what it had logged, and says `running`."""
    run = FileTracker(tmp_path).start("toy", "", {})
    run.log(0, {"loss": 1})
    assert (run.folder / "metrics.jsonl").read_text().count("\n") == 1
    assert json.loads((run.folder / "run.json").read_text())["status"] == "running"


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="Cannot write"):
        FileTracker(tmp_path / "runs").start("toy", "", {})


def test_the_table_knows_the_file_tracker() -> None:
    assert TRACKERS.load("files") is FileTracker
