"""How a training uses its machine."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Job
from omloop.testing.jobs import TABLE, number_job

torch = pytest.importorskip("torch")
training = pytest.importorskip("omloop.train.lightning")
pace = pytest.importorskip("omloop.train.pace")
batching = pytest.importorskip("omloop.train.batching")
plan = pytest.importorskip("omloop.train.plan")


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine of two cores on which nobody asked for threads, and trainings that are long enough for a trial."""
    monkeypatch.setattr(pace, "SHARE", 1e6)
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr("omloop.train.process.cpu_quota", lambda: 2)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def a_plan(**values: Any) -> Any:
    plain = plan.Plan(3, 1e-2, 4, 10, 0.0, "adamw", None, training.Recipe())
    return replace(plain, **values)


def network(job: Job) -> Any:
    preprocessing = training.TablePreprocessing(TABLE, job.train.examples)
    return torch.nn.Sequential(preprocessing, torch.nn.Linear(preprocessing.width, 1))


def told_by(job: Job, **values: Any) -> list[str]:
    told: list[str] = []
    before, answering = torch.get_num_threads(), training.Answering(network(job), job)
    pace.at_pace(answering, batching.lesson_of(job, job.train), replace(job, tell=told.append), a_plan(**values))
    torch.set_num_threads(before)
    return told


def test_threads_that_were_asked_for_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    before = torch.get_num_threads()
    torch.set_num_threads(3)  # as torch does when it begins with that variable
    told = told_by(number_job(tmp_path))
    torch.set_num_threads(before)
    assert told == ["train: 3 threads, float32 (OMP_NUM_THREADS asked for 3)"]


@pytest.mark.usefixtures("two_cores")
def test_a_project_bounds_the_threads_by_torchs_own_setting(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    assert told_by(number_job(tmp_path)) == ["train: 1 thread, float32 (all that may be used)"]


@pytest.mark.usefixtures("two_cores")
def test_a_trial_changes_neither_weights_nor_random_numbers(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    answering = training.Answering(network(job), job)
    weights = {name: value.clone() for name, value in answering.state_dict().items()}
    states = torch.get_rng_state(), str(np.random.get_state())
    found = pace._measured(answering, batching.lesson_of(job, job.train), a_plan(), pace.candidates(2), 0)
    assert len(found) > 1
    assert all(seconds > 0 for seconds in found.values())
    assert all(torch.equal(value, weights[name]) for name, value in answering.state_dict().items())
    assert torch.equal(states[0], torch.get_rng_state())
    assert states[1] == str(np.random.get_state())
    assert torch.get_num_threads() == 2
    assert all(one.grad is None for one in answering.parameters())


@pytest.mark.usefixtures("two_cores")
def test_a_later_training_and_one_that_goes_on_take_the_pace_that_was_found(tmp_path: Path) -> None:
    job = replace(number_job(tmp_path / "first"), cache=tmp_path / "cache")
    (first,) = told_by(job)
    again = told_by(job), told_by(replace(job, cache=None)), told_by(replace(job, folder=tmp_path / "later"))
    assert "a step takes" in first
    assert {told[0].partition(" (")[2] for told in again} == {"as a trial found before)"}
    assert {told[0].partition(" (")[0] for told in again} == {first.partition(" (")[0]}
    assert "a step takes" in told_by(replace(job, folder=tmp_path / "other"), batch_size=5)[0]


@pytest.mark.usefixtures("two_cores")
def test_a_training_of_few_steps_is_not_worth_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SHARE", 0.05)
    told = told_by(number_job(tmp_path), epochs=1)
    assert told == ["train: 2 threads, float32 (all that may be used; too little to learn for a trial)"]


@pytest.mark.usefixtures("two_cores")
def test_a_projects_own_step_is_not_called_in_a_trial(tmp_path: Path) -> None:
    def step(network: Any, batch: Any) -> Any:
        raise AssertionError

    assert "a step takes" in told_by(number_job(tmp_path), step=step)[0]


@pytest.mark.usefixtures("two_cores")
def test_a_network_that_cannot_be_copied_trains_without_a_trial(tmp_path: Path) -> None:
    class Whole(torch.nn.Linear):  # type: ignore[misc, name-defined]
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError

    job = number_job(tmp_path)
    fitted = training.fit_network(
        lambda: torch.nn.Sequential(network(job), Whole(1, 1)), job, epochs=2, batch_size=4, lr=1e-2
    )
    assert fitted.predict(job.validation.examples).shape == (60,)


def test_a_run_keeps_the_pace(tmp_path: Path) -> None:
    kept: dict[str, Any] = {}
    job = replace(number_job(tmp_path), keep=kept.__setitem__)
    training.fit_network(lambda: network(job), job, epochs=1)
    found = json.loads(kept["pace.json"])
    assert (found["threads"], found["bfloat16"]) == (torch.get_num_threads(), False)
    assert found["why"]


def test_more_threads_are_taken_only_where_they_do_not_mostly_wait() -> None:
    one, two, four = (pace.Pace(count) for count in (1, 2, 4))
    assert pace.fastest({one: 1.0, two: 0.8, four: 0.7}) == one
    assert pace.fastest({one: 1.0, two: 0.6, four: 0.5}) == two
    assert pace.fastest({one: 1.0, two: 0.6, four: 0.3}) == four


def test_a_near_tie_falls_to_bfloat16() -> None:
    assert pace.fastest({pace.Pace(1): 0.95, pace.Pace(1, True): 1.0}).bfloat16
    assert not pace.fastest({pace.Pace(1): 0.5, pace.Pace(1, True): 1.0}).bfloat16
