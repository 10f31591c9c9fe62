"""Each prediction is counted once, whenever it comes and whatever its time says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omloop.core import Prediction, Project
from omloop.loop import Workspace
from omloop.loop.watch.counts import BucketCounts, counted_in, counted_path
from omloop.loop.watch.live import LivePredictions


def record(workspace: Workspace, project: Project, *spans: tuple[float, float, int]) -> None:
    """Answered rows with times evenly from one moment to another, as a process of its own writes them."""
    version = workspace.registry(project.name).champion() or ""
    log = workspace.predictions(project.name)
    for begin, end, rows in spans:
        inputs = project.inputs.render(project.inputs.encode(project.simulate(rows, int(begin) % 10_000, 0.0)))
        times = np.linspace(begin, end, rows).tolist()
        made = [(f"{moment:020.6f}-{number}-{rows}", moment) for number, moment in enumerate(times)]
        log.record(
            [
                Prediction(one, moment, version, inputs[number], {"value": 50.0}, 1.0)
                for number, (one, moment) in enumerate(made)
            ]
        )
    log.close()


def count(workspace: Workspace, project: Project) -> BucketCounts:
    """One look: what was counted is kept in the file."""
    registry, log = workspace.registry(project.name), workspace.predictions(project.name)
    bundle = registry.load(registry.champion() or "")
    path = counted_path(workspace.watch(project.name), bundle.version)
    found = counted_in(path, bundle).until_now(bundle, log, 8e9)
    log.close()
    found.save(path)
    return found


def test_another_workers_rows_that_come_late_are_counted(student: Project, turned: Workspace) -> None:
    record(turned, student, (1_000.0, 2_000.0, 600))
    assert count(turned, student).whole == 2
    record(turned, student, (1_001.0, 1_999.0, 400))
    found = count(turned, student)
    assert (found.whole, found.rows) == (4, 1_000)
    assert found.counts.sum(axis=0).tolist() == counted_anew(turned, student).counts.sum(axis=0).tolist()


def test_a_time_in_the_future_and_a_clock_that_goes_back_blind_nobody(student: Project, turned: Workspace) -> None:
    record(turned, student, (9e9, 9e9, 1), (1_000.0, 2_000.0, 249))
    assert count(turned, student).whole == 1
    record(turned, student, (500.0, 600.0, 250))
    found = count(turned, student)
    assert found.whole == 2 and found.times[1].tolist() == [500.0, 600.0]


def test_looking_often_and_looking_once_count_the_same(student: Project, turned: Workspace) -> None:
    for part in range(7):
        record(turned, student, (1_000.0 * part, 1_000.0 * part + 900, 130))
        often = count(turned, student)
    once = counted_anew(turned, student)
    assert (often.counts == once.counts).all() and (often.times == once.times).all() and often.rows == once.rows


def test_rows_that_are_sent_again_count_once_a_bucket_however_often_one_looks(
    student: Project, turned: Workspace
) -> None:
    for hour in range(3):
        record(turned, student, (10_000.0 * hour, 10_000.0 * hour + 900, 100))
        often = count(turned, student)
    reference = turned.registry(student.name).load(turned.registry(student.name).champion() or "").reference
    assert reference.rows_in(often.counts).tolist() == [100, 50], "the second bucket begins in the third hour"
    assert (often.counts == counted_anew(turned, student).counts).all()


def test_a_far_value_that_is_sent_again_is_far_once(student: Project, turned: Workspace) -> None:
    record(turned, student, (1_000.0, 2_000.0, 51))
    registry, log = turned.registry(student.name), turned.predictions(student.name)
    bundle = registry.load(registry.champion() or "")
    observed = LivePredictions(bundle, log.window()).observed
    log.close()
    observed["sleep_hours"][-1] = 1e6
    again = {name: np.append(values, [values[-1]] * 199) for name, values in observed.items()}
    found = BucketCounts.nothing(bundle).with_rows(bundle.reference, again, [None] * 250, np.arange(250.0))
    assert bundle.reference.rows_in(found.counts).tolist() == [51] and found.far.sum() == 1


def test_an_index_that_was_made_anew_is_counted_anew(student: Project, turned: Workspace) -> None:
    record(turned, student, (1_000.0, 2_000.0, 500))
    before = count(turned, student)
    (turned.root / "predictions" / student.name / "index.sqlite").unlink()
    record(turned, student, (1_500.0, 2_500.0, 250))
    after = count(turned, student)
    assert before.position and after.position and before.position.index != after.position.index
    assert after.rows == 750


def test_counts_of_an_older_omloop_are_counted_anew_and_stay_looked_at(
    student: Project, turned: Workspace, tmp_path: Path
) -> None:
    registry = turned.registry(student.name)
    bundle = registry.load(registry.champion() or "")
    np.savez(tmp_path / "old.npz", buckets=np.zeros((3, 4)), starts=np.zeros(3), time=5.0, id="a", looked=3)
    found = counted_in(tmp_path / "old.npz", bundle)
    assert (found.rows, found.looked, found.position) == (0, 3, None)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing"])
def test_a_damaged_file_is_made_again(student: Project, turned: Workspace, tmp_path: Path, content: bytes) -> None:
    registry = turned.registry(student.name)
    (tmp_path / "counts.npz").write_bytes(content)
    assert counted_in(tmp_path / "counts.npz", registry.load(registry.champion() or "")).rows == 0


def counted_anew(workspace: Workspace, project: Project) -> BucketCounts:
    """What a watch counts that has never looked before."""
    registry, log = workspace.registry(project.name), workspace.predictions(project.name)
    bundle = registry.load(registry.champion() or "")
    found = BucketCounts.nothing(bundle).until_now(bundle, log, 8e9)
    log.close()
    return replace(found, looked=0)
