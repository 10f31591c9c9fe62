"""With `durable`, nothing is acknowledged that the disk did not take, and many wait for the disk once."""

import errno
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from omloop.core import StoreError
from omloop.monitor import FilePredictions, Keeping
from omloop.monitor.log import disk
from omloop.testing.predictions import a_prediction

DURABLE = Keeping(durable=True)


class SlowDisk:
    """Takes what a file held when it was asked, after a while; all that is not taken would be lost in a power cut."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.calls = 0
        self.safe: dict[int, int] = {}
        self.failing = False

    def __call__(self, descriptor: int) -> None:
        self.calls += 1
        found = os.fstat(descriptor)
        time.sleep(self.seconds)
        if self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.safe[found.st_ino] = max(self.safe.get(found.st_ino, 0), found.st_size)

    def holds(self, folder: Path, name: str) -> bool:
        """Whether a prediction would still be there after a power cut."""
        paths = (folder / "segments").iterdir()
        return any(
            f'"id":"{name}"'.encode() in path.read_bytes()[: self.safe.get(path.stat().st_ino, 0)] for path in paths
        )


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowDisk:
    slow = SlowDisk()
    monkeypatch.setattr(disk, "_sync", slow)
    return slow


def record_at_once(memory: FilePredictions, folder: Path, slow: SlowDisk, count: int) -> list[str]:
    """Record from so many threads; returns what was acknowledged and not on the disk."""
    lost: list[str] = []

    def work(name: str) -> None:
        memory.record([a_prediction(name, 1.0)])
        if not slow.holds(folder, name):
            lost.append(name)

    threads = [threading.Thread(target=work, args=(f"p{number}",)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lost


@pytest.mark.parametrize("segment_bytes", [64_000_000, 1_000])
def test_what_was_acknowledged_survives_a_power_cut(tmp_path: Path, slow: SlowDisk, segment_bytes: int) -> None:
    """Also when segments follow one another while others wait."""
    slow.seconds = 0.001
    memory = FilePredictions(tmp_path, keeping=Keeping(segment_bytes=segment_bytes, durable=True))
    assert record_at_once(memory, tmp_path, slow, 40) == []


def test_all_who_wait_wait_once(tmp_path: Path, slow: SlowDisk) -> None:
    """The first waits alone, those who come meanwhile together."""
    slow.seconds = 0.1
    record_at_once(FilePredictions(tmp_path, keeping=DURABLE), tmp_path, slow, 20)
    assert 2 <= slow.calls <= 6


def test_without_durable_nobody_waits(tmp_path: Path, slow: SlowDisk) -> None:
    FilePredictions(tmp_path).record([a_prediction("a", 1.0)])
    assert slow.calls == 0


def test_a_disk_that_fails_is_told_to_all_who_waited_for_it(tmp_path: Path, slow: SlowDisk) -> None:
    """A later success does not make good what was lost, and goes to another file."""
    slow.seconds, slow.failing = 0.05, True
    memory = FilePredictions(tmp_path, keeping=DURABLE)
    told: list[Any] = []

    def work(name: str) -> None:
        try:
            memory.record([a_prediction(name, 1.0)])
        except StoreError as error:
            told.append(error)

    threads = [threading.Thread(target=work, args=(f"p{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 5
    assert "did not take" in str(told[0])
    slow.failing = False
    memory.record([a_prediction("later", 2.0)])
    assert slow.holds(tmp_path, "later")
    assert not slow.holds(tmp_path, "p0")


def test_the_real_disk_takes_it(tmp_path: Path) -> None:
    memory = FilePredictions(tmp_path, keeping=DURABLE)
    memory.record([a_prediction("a", 1.0)])
    memory.close()
    assert len(FilePredictions(tmp_path).window().predictions) == 1
