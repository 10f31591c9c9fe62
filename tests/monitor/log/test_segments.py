"""Segments take whole lines, or nothing."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.descriptors import all_descriptors_taken

from omloop.core import StoreError
from omloop.monitor.log.sealed import segment_files
from omloop.monitor.log.segments import Segments


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in segment_files(folder))


def test_nothing_is_made_before_the_first_write(tmp_path: Path) -> None:
    Segments(tmp_path / "new", clock=lambda: 1.0).close()
    assert not (tmp_path / "new").exists()


def test_a_file_at_its_limit_is_followed_by_a_new_one(tmp_path: Path) -> None:
    ticks = iter(range(1, 10))
    segments = Segments(tmp_path, clock=lambda: float(next(ticks)), limit=20)
    for line in (b"first line\n", b"second line\n", b"third\n"):
        segments.append(line)
    assert [path.read_bytes() for path in segment_files(tmp_path)] == [b"first line\nsecond line\n", b"third\n"]


def test_threads_never_mix_their_lines(tmp_path: Path) -> None:
    segments = Segments(tmp_path, clock=lambda: 1.0, limit=5_000)
    writers = [
        threading.Thread(target=lambda sign=sign: [segments.append(sign * 40 + b"\n") for _ in range(100)])  # type: ignore[misc]
        for sign in (b"a", b"b", b"c", b"d")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = content(tmp_path).splitlines()
    assert len(lines) == 400
    assert all(len(set(line)) == 1 and len(line) == 40 for line in lines)


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes a part and then is full."""
    segments = Segments(tmp_path, clock=lambda: 1.0)
    segments.append(b"kept\n")
    monkeypatch.setattr(os, "write", lambda descriptor, data: _part(descriptor, data) if len(data) > 9 else _full())
    with pytest.raises(StoreError, match="No space left"):
        segments.append(b"half-written\n")
    monkeypatch.undo()
    segments.append(b"later\n")
    assert sorted(content(tmp_path).splitlines()) == [b"kept", b"later"]


def test_a_first_write_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segments = Segments(tmp_path, clock=lambda: 1.0)
    monkeypatch.setattr(os, "write", _full)
    for _ in range(3):
        with pytest.raises(StoreError):
            segments.append(b"line\n")
    assert segment_files(tmp_path) == []


def test_a_short_write_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", _part)
    Segments(tmp_path, clock=lambda: 1.0).append(b"a long line\n")
    assert content(tmp_path) == b"a long line\n"


@pytest.mark.skipif(os.name == "nt", reason="limits of file sizes are POSIX's")
def test_a_real_limit_of_the_system_is_an_error_and_tears_nothing(tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands for a full disk: the system takes part of the line, then refuses."""
    program = """
import pathlib, resource, sys
from omloop.core import StoreError
from omloop.monitor.log.segments import Segments
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
segments = Segments(pathlib.Path(sys.argv[1]), clock=lambda: 1.0)
segments.append(b"a" * 79 + b"\\n")
try:
    segments.append(b"b" * 79 + b"\\n")
except StoreError as error:
    print(error)
segments.append(b"c" * 79 + b"\\n")
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "Cannot write" in done.stdout
    assert os.strerror(errno.EFBIG) in done.stdout
    assert sorted({line[:1] for line in content(tmp_path).splitlines()}) == [b"a", b"c"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"Cannot write .*segments: Not a directory"):
        Segments(tmp_path / "file" / "segments", clock=lambda: 1.0).append(b"line\n")


REAL_WRITE = os.write


def _part(descriptor: int, data: bytes) -> int:
    return REAL_WRITE(descriptor, data[:4])


def _full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_segment_that_was_removed_is_told_once_and_followed_by_another(tmp_path: Path) -> None:
    segments = Segments(tmp_path / "log", clock=lambda: 1.0)
    segments.append(b"lost\n")
    shutil.rmtree(tmp_path / "log")
    with pytest.raises(StoreError, match="removed while it was written, with 5 bytes"):
        segments.check()
    segments.check(write=True)
    segments.append(b"kept\n")
    assert content(tmp_path / "log") == b"kept\n"


def test_a_log_whose_place_a_file_has_is_told_before_the_first_record(tmp_path: Path) -> None:
    (tmp_path / "predictions").write_text("a file")
    with pytest.raises(StoreError, match="Not a directory"):
        Segments(tmp_path / "predictions" / "segments", clock=lambda: 1.0).check()


def test_the_log_has_a_descriptor_when_all_others_are_taken(tmp_path: Path) -> None:
    segments = Segments(tmp_path, clock=lambda: 1.0)
    segments.check()
    with all_descriptors_taken():
        segments.append(b"kept\n")
    assert content(tmp_path) == b"kept\n"
