import errno
import gc
import json
import os
from pathlib import Path
from typing import Any

import pytest

from omloop.core import StoreError
from omloop.track import lines
from omloop.track.lines import LineWriter


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lines_are_written_in_order_and_whole(tmp_path: Path) -> None:
    writer = LineWriter(tmp_path / "a.jsonl")
    for step in range(1000):
        writer.put({"step": step})
    assert writer.close() == 0
    assert [line["step"] for line in read(tmp_path / "a.jsonl")] == list(range(1000))


def test_a_writer_that_nobody_closes_writes_when_nobody_holds_it(tmp_path: Path) -> None:
    LineWriter(tmp_path / "a.jsonl").put({"step": 1})
    gc.collect()
    assert read(tmp_path / "a.jsonl") == [{"step": 1}]


def test_on_a_full_disk_lines_wait_for_room_and_none_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = os.write

    def full(file: int, content: bytes) -> int:
        real(file, content[:5])
        raise OSError(errno.ENOSPC, "No space left on device")

    writer = LineWriter(tmp_path / "a.jsonl")
    writer.put({"step": 0})
    writer.flush()
    with monkeypatch.context() as patched:
        patched.setattr(lines.os, "write", full)
        for step in (1, 2):
            writer.put({"step": step})
            writer.flush()
        assert read(tmp_path / "a.jsonl") == [{"step": 0}]
    assert writer.close() == 0
    assert [line["step"] for line in read(tmp_path / "a.jsonl")] == [0, 1, 2]
    assert len(caplog.records) == 1 and "No space left on device" in caplog.text


def test_what_never_finds_room_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lines, "MOST_WAITING", 3)
    monkeypatch.setattr(lines.os, "write", full)
    writer = LineWriter(tmp_path / "a.jsonl")
    for step in range(5):
        writer.put({"step": step})
    assert writer.close() == 5


def test_odd_numbers_and_names_are_kept(tmp_path: Path) -> None:
    writer = LineWriter(tmp_path / "a.jsonl")
    writer.put({"loss": float("inf"), "null": 1.0, "\ud800": 2.0})
    writer.close()
    assert read(tmp_path / "a.jsonl") == [{"loss": float("inf"), "null": 1.0, "\ud800": 2.0}]


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Cannot write"):
        LineWriter(tmp_path / "no" / "a.jsonl")
