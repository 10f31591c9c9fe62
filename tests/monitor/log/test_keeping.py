"""What is forgotten goes from the log and from the index alike, and nothing that is needed goes."""

import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import Label
from omloop.monitor import FilePredictions, Keeping
from omloop.monitor.log.keeping import SegmentFile, due
from omloop.monitor.log.sealed import segment_files
from omloop.testing.predictions import a_prediction

posix = pytest.mark.skipif(os.name == "nt", reason="Windows does not say who writes a file")
DAY = 86_400.0
NOW = 100 * DAY
A_DAY = Keeping(seconds=DAY)


def opened(folder: Path, keeping: Keeping | None = None) -> FilePredictions:
    return FilePredictions(folder, clock=lambda: NOW, keeping=keeping)


def write(folder: Path, *names: str, days_ago: float, labels: str = "") -> None:
    """One segment of a process that ended so many days ago, with predictions and labels of earlier ones."""
    then = NOW - days_ago * DAY
    memory = FilePredictions(folder, clock=lambda: then)
    memory.record([a_prediction(name, then) for name in names])
    memory.feedback([Label(name, 60.0, then) for name in labels])
    memory.close()
    newest = max(segment_files(folder / "segments"), key=lambda path: path.stat().st_mtime)
    os.utime(newest, (then, then))


def ids(memory: FilePredictions) -> str:
    return "".join(sorted(prediction.id for prediction in memory.window().predictions))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6), st.integers(0, 60), st.integers(0, 60))
def test_a_bound_is_kept_with_as_little_as_possible(lying: list[tuple[int, int]], seconds: int, most: int) -> None:
    segments = [SegmentFile(Path(str(number)), size, changed) for number, (size, changed) in enumerate(lying)]
    found = due(segments, Keeping(seconds=seconds, most_bytes=most), now=60.0)
    left = [one for one in segments if one.path not in found]
    assert not seconds or all(60.0 - one.changed <= seconds for one in left)
    assert not most or sum(one.size for one in left) <= most
    if not (seconds or most):
        assert found == []


@posix
def test_nothing_is_forgotten_unless_asked(tmp_path: Path) -> None:
    write(tmp_path, "a", days_ago=90)
    memory = opened(tmp_path)
    memory.tidy()
    assert ids(memory) == "a"


@posix
def test_what_is_old_goes_from_the_log_and_from_the_index(tmp_path: Path) -> None:
    """An index that is made again is the same: it holds what the segments hold."""
    write(tmp_path, "a", "b", days_ago=3)
    write(tmp_path, "c", days_ago=0.5)
    memory = opened(tmp_path, A_DAY)
    assert ids(memory) == "abc"
    memory.tidy()
    assert ids(memory) == "c"
    assert len(segment_files(tmp_path / "segments")) == 1
    (tmp_path / "index.sqlite").unlink()
    assert ids(memory) == "c"


@posix
def test_what_was_never_asked_for_is_indexed_before_it_goes(tmp_path: Path) -> None:
    """A label that is not indexed yet may be of a prediction that stays."""
    for name in "abc":
        write(tmp_path, name, days_ago=3)
    memory = opened(tmp_path, A_DAY)
    memory.tidy()
    assert ids(memory) == ""
    assert segment_files(tmp_path / "segments") == []


@posix
def test_a_label_that_comes_too_late_is_of_an_unknown_prediction(tmp_path: Path) -> None:
    """And is not kept; a prediction that is forgotten is as one that never was."""
    write(tmp_path, "a", days_ago=3)
    write(tmp_path, "b", days_ago=0)
    memory = opened(tmp_path, A_DAY)
    memory.tidy()
    receipt = memory.feedback([Label("a", 60.0, NOW), Label("b", 60.0, NOW)])
    assert (receipt.accepted, receipt.unknown) == (1, ("a",))
    assert memory.find("a") is None


@posix
def test_labels_of_predictions_that_stay_stay(tmp_path: Path) -> None:
    """A segment that was last written to long ago may hold the label of a prediction whose segment went on."""
    write(tmp_path, "a", days_ago=3)
    write(tmp_path, "b", days_ago=2, labels="a")
    first = segment_files(tmp_path / "segments")[0]
    os.utime(first, (NOW, NOW))  # its process lived on
    memory = opened(tmp_path, A_DAY)
    memory.tidy()
    assert ids(memory) == "ab"
    (tmp_path / "index.sqlite").unlink()
    assert memory.window().labels == {"a": 60.0}


@posix
def test_segments_that_label_one_another_go_together(tmp_path: Path) -> None:
    """Two workers, each of which was sent the labels of the other's predictions."""
    first, second = opened(tmp_path), opened(tmp_path)
    first.record([a_prediction("a", 1.0)])
    second.record([a_prediction("b", 1.0)])
    first.feedback([Label("b", 60.0, 2.0)])
    second.feedback([Label("a", 60.0, 2.0)])
    for memory in (first, second):
        memory.close()
    for path in segment_files(tmp_path / "segments"):
        os.utime(path, (NOW - 3 * DAY,) * 2)
    memory = opened(tmp_path, A_DAY)
    memory.tidy()
    assert ids(memory) == ""


@posix
def test_the_size_of_all_segments_is_bounded(tmp_path: Path) -> None:
    """The oldest go first, and what is being written never goes."""
    for day, name in ((4, "a"), (3, "b"), (2, "c")):
        write(tmp_path, name, days_ago=day)
    opened(tmp_path).tidy()
    size = segment_files(tmp_path / "segments")[0].stat().st_size
    memory = opened(tmp_path, Keeping(most_bytes=2 * size + 5))
    memory.tidy()
    assert ids(memory) == "bc"
    memory.record([a_prediction("d", NOW)])
    opened(tmp_path, Keeping(most_bytes=1)).tidy()
    assert ids(memory) == "d"


@posix
def test_rows_of_a_segment_that_somebody_deleted_go_too(tmp_path: Path) -> None:
    """A process that was killed while it forgot, or a person."""
    write(tmp_path, "a", days_ago=0.1)
    write(tmp_path, "b", days_ago=3)
    memory = opened(tmp_path, A_DAY)
    assert ids(memory) == "ab"
    segment_files(tmp_path / "segments")[-1].unlink()
    memory.tidy()
    assert ids(memory) == ""


@posix
def test_what_is_forgotten_frees_space_in_the_index(tmp_path: Path) -> None:
    memory = opened(tmp_path, A_DAY)
    write(tmp_path, *map(str, range(3000)), days_ago=3)
    memory.window(newest=1)
    index = tmp_path / "index.sqlite"

    def pages() -> int:
        with sqlite3.connect(index) as connection:
            found = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.close()
        return int(found)

    before = pages()
    memory.tidy()
    assert pages() < before / 5
