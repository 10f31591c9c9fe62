"""Segments that nobody writes any more become smaller, and nothing else about them changes."""

import gzip
import logging
import os
from pathlib import Path

import pytest

from omloop.core import Label
from omloop.monitor import Damage, FilePredictions, Keeping
from omloop.monitor.log.sealed import seal, segment_files
from omloop.testing.predictions import a_prediction

posix = pytest.mark.skipif(os.name == "nt", reason="Windows does not say who writes a file")
pytestmark = posix


def fill(folder: Path, *names: str) -> None:
    """What a process writes that then ends."""
    memory = FilePredictions(folder)
    memory.record([a_prediction(name, number) for number, name in enumerate(names)])
    memory.close()


def ids(memory: FilePredictions) -> list[str]:
    return [prediction.id for prediction in memory.window().predictions]


def suffixes(folder: Path) -> list[str]:
    return [path.suffix for path in segment_files(folder / "segments")]


def test_a_segment_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    """By this process or another: the lock goes with the open file."""
    memory = FilePredictions(tmp_path)
    memory.record([a_prediction("a", 1.0)])
    memory.tidy()
    assert suffixes(tmp_path) == [".log"]
    assert not seal(segment_files(tmp_path / "segments")[0])
    memory.record([a_prediction("b", 2.0)])
    memory.close()
    FilePredictions(tmp_path).tidy()
    assert suffixes(tmp_path) == [".gz"]
    assert ids(FilePredictions(tmp_path)) == ["a", "b"]


def test_a_compressed_segment_holds_the_same_lines_and_its_age(tmp_path: Path) -> None:
    fill(tmp_path, *map(str, range(500)))
    before = segment_files(tmp_path / "segments")[0]
    lines, changed = before.read_bytes(), before.stat().st_mtime_ns
    FilePredictions(tmp_path).tidy()
    (after,) = segment_files(tmp_path / "segments")
    assert gzip.decompress(after.read_bytes()) == lines
    assert after.stat().st_mtime_ns == changed
    assert after.stat().st_size < len(lines) / 4
    assert list(after.parent.iterdir()) == [after]


@pytest.mark.parametrize("indexed", [0, 3, 5])
def test_a_place_in_a_segment_is_the_same_place_when_it_is_compressed(tmp_path: Path, indexed: int) -> None:
    """Whatever was indexed before is not indexed again, and the rest is."""
    memory, reader = FilePredictions(tmp_path), FilePredictions(tmp_path)
    memory.record([a_prediction(name, 1.0) for name in "abcde"[:indexed]])
    reader.window()
    memory.record([a_prediction(name, 1.0) for name in "abcde"[indexed:]])
    memory.feedback([Label("a", 60.0, 2.0)])
    memory.close()
    FilePredictions(tmp_path).tidy()
    assert ids(reader) == list("abcde")
    assert reader.feedback([Label("a", 60.0, 3.0)]).repeated == 1


def test_a_torn_end_is_cut_off_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(tmp_path, "a", "b")
    with segment_files(tmp_path / "segments")[0].open("ab") as file:
        file.write(b'0badcafe 99 {"kind":"pred')
    memory = FilePredictions(tmp_path)
    assert memory.damage() == Damage(broken=0, torn=1)
    with caplog.at_level(logging.WARNING, "omloop.monitor"):
        memory.tidy()
    assert "cut off 25 bytes that were never answered" in caplog.text
    assert memory.damage() == Damage(broken=0, torn=0)
    assert ids(memory) == ids(FilePredictions(tmp_path)) == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"half a rec"])
def test_a_segment_without_a_whole_record_goes(tmp_path: Path, content: bytes) -> None:
    """A process that was killed in its first write."""
    fill(tmp_path, "a")
    (tmp_path / "segments" / "0-1-abcd.log").write_bytes(content)
    FilePredictions(tmp_path).tidy()
    assert len(segment_files(tmp_path / "segments")) == 1


def test_a_kill_between_the_copy_and_the_removal_is_made_good(tmp_path: Path) -> None:
    """Both are there: nothing is read twice, and the next to tidy removes the original."""
    fill(tmp_path, "a", "b")
    (plain,) = segment_files(tmp_path / "segments")
    lines = plain.read_bytes()
    FilePredictions(tmp_path).tidy()
    plain.write_bytes(lines)
    assert ids(FilePredictions(tmp_path)) == ["a", "b"]
    FilePredictions(tmp_path).tidy()
    assert suffixes(tmp_path) == [".gz"]


def test_a_copy_that_cannot_be_read_back_does_not_replace_its_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path, "a")
    monkeypatch.setattr(gzip.GzipFile, "read", lambda *_: b"")
    with pytest.raises(Exception, match=r"Cannot compress .* holds 0 bytes"):
        FilePredictions(tmp_path).tidy()
    monkeypatch.undo()
    assert suffixes(tmp_path) == [".log"]
    assert len(list((tmp_path / "segments").iterdir())) == 1


def test_damage_in_a_compressed_segment_is_counted_and_hides_nothing_else(tmp_path: Path) -> None:
    """What lies before the damage is read, and all other segments."""
    fill(tmp_path, *(f"{number:05d}" for number in range(3000)))
    fill(tmp_path, "z")
    FilePredictions(tmp_path).tidy()
    first, _ = segment_files(tmp_path / "segments")
    content = bytearray(first.read_bytes())
    content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2 - 4) + content[-4:]
    first.write_bytes(content)
    memory = FilePredictions(tmp_path)
    found = ids(memory)
    assert "z" in found
    assert memory.damage().broken >= 1
    assert memory.damage().torn == 0
    assert ids(memory) == found


def test_what_a_killed_process_left_half_compressed_is_removed_when_it_is_old(tmp_path: Path) -> None:
    fill(tmp_path, "a")
    old, new = (tmp_path / "segments" / f".1-1-a.log.gz.{name}.tmp" for name in ("1", "2"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    FilePredictions(tmp_path).tidy()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_segment_is_followed_by_a_new_one_when_it_is_old(tmp_path: Path) -> None:
    """Also when nothing is recorded any more."""
    now = [1000.0]
    memory = FilePredictions(tmp_path, clock=lambda: now[0], keeping=Keeping(segment_seconds=60.0))
    memory.record([a_prediction("a", 1.0)])
    now[0] += 61
    memory.record([a_prediction("b", 2.0)])
    assert suffixes(tmp_path) == [".log", ".log"]
    now[0] += 61
    memory.tidy()
    assert suffixes(tmp_path) == [".gz", ".gz"]
    assert ids(memory) == ["a", "b"]
