"""Predictions in files: the contract, and what processes that die or write together do to them."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omloop.core import Label, Predictions
from omloop.monitor import Damage, FilePredictions, Keeping
from omloop.testing.predictions import PredictionsContract, a_prediction

WRITER = """
import itertools, pathlib, sys, threading
from omloop.core import Prediction
from omloop.monitor import FilePredictions, Keeping, new_id
memory = FilePredictions(pathlib.Path(sys.argv[1]), keeping=Keeping(segment_bytes=20_000))
def tidy():
    while True:
        memory.tidy()
threading.Thread(target=tidy, daemon=True).start()
print("ready", flush=True)
for number in range(int(sys.argv[2])) if int(sys.argv[2]) else itertools.count():
    batch = [Prediction(new_id(), float(number), "v1", {"word": "x" * 200}, {"value": 1.0}, 0.5) for _ in range(3)]
    memory.record(batch)
    print(*(prediction.id for prediction in batch), flush=True)
"""


def start_writer(folder: Path, batches: int = 0) -> "subprocess.Popen[str]":
    """A process that prints the ids of what it recorded; without end if `batches` is 0."""
    command = [sys.executable, "-c", WRITER, str(folder), str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


class TestFilePredictions(PredictionsContract):
    """The contract of every memory of predictions."""

    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Iterator[Callable[[], Predictions]]:
        opened: list[FilePredictions] = []

        def reopen() -> Predictions:
            opened.append(FilePredictions(tmp_path / "predictions"))
            return opened[-1]

        yield reopen
        for memory in opened:
            memory.close()


def test_whatever_a_killed_process_had_recorded_is_found(tmp_path: Path) -> None:
    """Killed with SIGKILL at random moments, six times over the same folder, while segments are being compressed."""
    chance = random.Random(1)
    acknowledged: list[str] = []
    for _ in range(6):
        process = start_writer(tmp_path)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 150))]
        process.kill()
        lines += [line for line in process.stdout if line.endswith("\n")]
        acknowledged += [id_ for line in lines[1:] for id_ in line.split()]
        process.wait()
    memory = FilePredictions(tmp_path)
    found = [prediction.id for prediction in memory.window().predictions]
    assert len(acknowledged) > 50
    assert set(acknowledged) <= set(found)
    assert memory.damage().broken == 0
    memory.tidy()
    (tmp_path / "index.sqlite").unlink()
    assert [prediction.id for prediction in memory.window().predictions] == found
    assert memory.damage() == Damage(broken=0, torn=0)


def test_two_processes_write_at_once_while_a_third_reads(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, 100) for _ in range(2)]
    reader = FilePredictions(tmp_path)
    seen = 0
    while any(writer.poll() is None for writer in writers):
        now = len(reader.window().predictions)
        assert now >= seen
        seen = now
    said = {id_ for writer in writers for id_ in writer.communicate()[0].split()} - {"ready"}
    assert {prediction.id for prediction in reader.window().predictions} == said
    assert len(said) == 600


def test_processes_that_label_at_once_keep_each_label_once(tmp_path: Path) -> None:
    """The same feedback sent to two processes is accepted by one and repeated by the other."""
    memory = FilePredictions(tmp_path)
    memory.record([a_prediction(str(number), number) for number in range(60)])
    program = """
import pathlib, sys
from omloop.core import Label
from omloop.monitor import FilePredictions
memory = FilePredictions(pathlib.Path(sys.argv[1]))
print(sum(memory.feedback([Label(str(number), 1.0, 2.0)]).accepted for number in range(60)))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sum(int(process.communicate()[0]) for process in processes) == 60
    assert memory.feedback([Label("7", 1.0, 2.0)]).repeated == 1


def test_a_deleted_index_under_several_processes_harms_nothing(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, 60) for _ in range(2)]
    readers = [FilePredictions(tmp_path), FilePredictions(tmp_path)]
    while any(writer.poll() is None for writer in writers):
        (tmp_path / "index.sqlite").unlink(missing_ok=True)
        for reader in readers:
            reader.window(newest=1)
    for writer in writers:
        writer.communicate()
    assert [len(reader.window().predictions) for reader in readers] == [360, 360]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists a process's open files")
def test_an_open_memory_holds_no_more_files_than_it_needs(tmp_path: Path) -> None:
    """Segments that are full are closed."""
    memory = FilePredictions(tmp_path, keeping=Keeping(segment_bytes=1))
    before = open_files()
    for number in range(50):
        memory.record([a_prediction(str(number), number)])
    assert open_files() <= before
    assert len(memory.window().predictions) == 50


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
