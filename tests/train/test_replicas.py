"""One training in two processes of this machine."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from omloop.core import ConfigError, Job, TrainError
from omloop.testing.jobs import TABLE, StepLog, classes_job, number_job, rows_of

torch = pytest.importorskip("torch")
training = pytest.importorskip("omloop.train.lightning")

CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")
TRAINED = """
import pathlib, sys, torch
from omloop.testing.jobs import number_job
from omloop.train.lightning import Recipe, fit_network
def log(step, metrics):
    print(step, flush=True)
job = number_job(pathlib.Path(sys.argv[1]), log)
fit_network(lambda: torch.nn.Linear(3, 1), job, epochs=int(sys.argv[2]), patience=10**6, recipe=Recipe(devices=2))
"""


def learn(job: Job, width: int, devices: int, **more: Any) -> Any:
    def build() -> Any:
        columns = training.TablePreprocessing(TABLE, job.train.examples)
        layers = [columns, torch.nn.Linear(columns.width, 16), torch.nn.ReLU(), torch.nn.Linear(16, width)]
        return torch.nn.Sequential(*layers)

    values = {"epochs": 5, "lr": 1e-2, "batch_size": 32, **more.pop("values", {})}
    return training.fit_network(build, job, **values, recipe=training.Recipe(devices=devices, **more))


def children() -> list[int]:
    return [int(pid) for pid in CHILDREN.read_text().split()]


def runs(pid: str) -> bool:
    """Whether a process is there, and not only its exit code for whoever asks."""
    try:
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].startswith(" Z")
    except OSError:
        return False


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    """Weighed examples of weighed classes, though the halves of a batch count otherwise."""
    answers, logs = [], []
    for devices in (1, 2):
        log = StepLog()
        job = classes_job(tmp_path / str(devices), log)
        job = replace(job, train=replace(job.train, weights=np.linspace(0.5, 2, len(job.train))))
        answers.append(learn(job, 3, devices, balance=0.5, schedule="one_cycle").predict(rows_of(200, 9)))
        logs.append([metrics["validation_loss"] for _, metrics in log.steps])
        assert not list((tmp_path / str(devices)).iterdir())
    np.testing.assert_allclose(*answers, atol=1e-5)
    np.testing.assert_allclose(*logs, rtol=1e-3)


@pytest.mark.slow
def test_a_training_that_is_not_worth_going_on_ends_in_every_process(tmp_path: Path) -> None:
    told: list[int] = []

    def log(step: int, metrics: Any) -> bool:
        told.append(step)
        return step < 1

    learn(number_job(tmp_path, log), 1, 2, values={"epochs": 50, "patience": 50})
    assert told == [0, 1]


@pytest.mark.slow
def test_a_projects_own_step_optimiser_and_layer_travel_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a package that was loaded by its path, which no other process could import."""
    monkeypatch.setitem(sys.modules, "forbidden_to_import", None)
    module = ModuleType("someones_project")
    code = "import torch\nclass Layer(torch.nn.Linear):\n    pass\n"
    code += "def own(parameters):\n    return torch.optim.RMSprop(parameters, lr=0.01)\n"
    code += "def step(network, batch):\n    return (network(batch[0]).squeeze(1) - batch[1]).abs().mean()\n"
    exec(code, module.__dict__)  # noqa: S102
    sys.modules[module.__name__] = module
    try:
        job = number_job(tmp_path)
        told: dict[str, Any] = {"epochs": 2, "optimiser": module.own, "step": module.step}
        one, two = (
            training.fit_network(lambda: module.Layer(3, 1), job, **told, recipe=training.Recipe(devices=devices))
            for devices in (1, 2)
        )
    finally:
        del sys.modules[module.__name__]
    np.testing.assert_allclose(one.predict(rows_of(9, 3)), two.predict(rows_of(9, 3)), rtol=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(not CHILDREN.exists(), reason="children are listed on Linux alone")
def test_a_process_that_is_killed_ends_the_training_and_the_next_goes_on(tmp_path: Path) -> None:
    before = set(children())

    def kill(step: int, metrics: object) -> None:
        if step == 2:
            os.kill(sorted(set(children()) - before)[-1], signal.SIGKILL)

    with pytest.raises(TrainError, match=r"process [12] of 2 was ended by signal 9; was there memory enough\? Run the"):
        learn(number_job(tmp_path, kill), 1, 2)
    assert set(children()) == before
    log = StepLog()
    whole = learn(number_job(tmp_path / "whole"), 1, 1).predict(rows_of(9, 3))
    np.testing.assert_allclose(learn(number_job(tmp_path, log), 1, 2).predict(rows_of(9, 3)), whole, rtol=1e-4)
    assert log.steps[0][0] in (2, 3) and log.steps[-1][0] == 4


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, {130, -2, 1}), (signal.SIGKILL, {-9})])
def test_no_process_outlives_the_one_that_began_it(sent: int, status: set[int], tmp_path: Path) -> None:
    """Ctrl-C, and a kill that leaves no time for anything."""
    command = [sys.executable, "-c", TRAINED, str(tmp_path), "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "0\n"
        pids = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(pids) == 2
        process.send_signal(sent)
        assert process.wait(timeout=60) in status
    deadline = time.monotonic() + 30
    while any(map(runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not list(filter(runs, pids))


@pytest.mark.slow
def test_what_a_process_stumbles_over_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"training step answered a tensor of shape \(32, 1\)"):
        learn(number_job(tmp_path), 1, 2, values={"batch_size": 64, "step": lambda network, batch: network(batch[0])})


def test_too_few_rows_for_so_many_processes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model.devices=200 need 400 examples in a batch at least; there are 200"):
        learn(number_job(tmp_path), 1, 200)


def test_what_cannot_be_sent_to_another_process_is_told(tmp_path: Path) -> None:
    file = (tmp_path / "open").open("w")
    with file, pytest.raises(TrainError, match="sent to other processes, and this one cannot be: "):
        learn(number_job(tmp_path), 1, 2, values={"step": lambda network, batch: file.write("")})
