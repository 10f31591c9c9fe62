import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omloop.core import Annotation, StoreError
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
    run.finish("finished", {})
    assert (run.folder / "config.yaml").read_text() == "seed: 1\n"
    assert json.loads((run.folder / "environment.json").read_text()) == {"python": "3.11"}
    (line,) = (run.folder / "metrics.jsonl").read_text().splitlines()
    assert json.loads(line)["loss"] == 0.25 and json.loads(line)["step"] == 3


def test_numbers_are_on_disk_a_moment_after_they_are_logged(tmp_path: Path) -> None:
    """A killed run keeps what it had logged, and says `running`."""
    run = FileTracker(tmp_path).start("toy", "", {})
    run.log(0, {"loss": 1})
    while (run.folder / "metrics.jsonl").read_text().count("\n") < 1:
        time.sleep(0.01)
    assert json.loads((run.folder / "run.json").read_text())["status"] == "running"


def test_runs_of_the_same_second_are_listed_newest_first(tmp_path: Path) -> None:
    tracker, names = FileTracker(tmp_path), []
    for _ in range(5):
        names.append(tracker.start("toy", "", {}).name)
        time.sleep(0.01)
    assert [one["run"] for one in tracker.list("toy")] == names[::-1]


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="Cannot write"):
        FileTracker(tmp_path / "runs").start("toy", "", {})


def test_the_table_knows_the_file_tracker() -> None:
    assert TRACKERS.load("files") is FileTracker


KILLED = """
import os, sys
from pathlib import Path
from omloop.track.files import FileTracker
FileTracker(Path(sys.argv[1])).start("toy", "", {})
os._exit(9)
"""


def test_a_run_says_running_as_long_as_its_process_is_there(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    mine = FileTracker(tmp_path).start("toy", "", {})
    found = {one["run"]: one["status"] for one in FileTracker(tmp_path).list("toy")}
    assert found.pop(mine.name) == "running"
    assert [*found.values()] == ["killed"]


def test_a_run_of_another_machine_is_known_by_what_it_writes(tmp_path: Path) -> None:
    run = FileTracker(tmp_path).start("toy", "", {})
    about = json.loads((run.folder / "run.json").read_text())
    about["process"]["machine"] = "elsewhere"
    (run.folder / "run.json").write_text(json.dumps(about))
    assert [one["status"] for one in FileTracker(tmp_path).list("toy")] == ["running"]
    for path in run.folder.iterdir():
        os.utime(path, (1, 1))
    assert [one["status"] for one in FileTracker(tmp_path).list("toy")] == ["killed"]


def test_a_damaged_run_is_listed_as_unreadable_and_hides_no_other(tmp_path: Path) -> None:
    bad, good = (FileTracker(tmp_path).start("toy", "", {}) for _ in range(2))
    good.finish("finished", {})
    (bad.folder / "run.json").write_text('{"status": "fin')
    (good.folder / "annotation.json").write_text("[1]")
    found = {one["run"]: one["status"] for one in FileTracker(tmp_path).list("toy")}
    assert found == {bad.name: "unreadable", good.name: "finished"}


def test_a_run_gives_no_file_of_another(tmp_path: Path) -> None:
    one, two = (FileTracker(tmp_path).start("toy", name, {}) for name in "ab")
    with pytest.raises(StoreError, match="does not lie in the run"):
        FileTracker(tmp_path).read("toy", one.name, f"../{two.name}/config.yaml")


def test_one_run_is_found_and_its_stamp_changes_when_it_is_tagged(tmp_path: Path) -> None:
    tracker = FileTracker(tmp_path)
    assert list(tracker.names("toy")) == [] and tracker.one("toy", "gone") is None and tracker.stamp("toy", "gone") == 0
    run = tracker.start("toy", "seed: 1\n", {})
    run.finish("finished", {})
    os.utime(run.folder, ns=(0, 0))
    before = tracker.stamp("toy", run.name)
    tracker.annotate("toy", run.name, Annotation({"for": "paper"}))
    assert tracker.stamp("toy", run.name) != before and list(tracker.names("toy")) == [run.name]
    assert [tracker.one("toy", run.name)] == list(tracker.list("toy"))
    assert tracker.size("toy", run.name, "config.yaml") == len("seed: 1\n")
