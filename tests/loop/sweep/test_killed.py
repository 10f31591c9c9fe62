"""Sweeps that are killed and gone on with, on one worker and on two, and workers that die in the middle of a trial."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omloop.loop import Workspace
from omloop.loop.sweep.order import Sweep, SweepOptions, SweepOrder
from omloop.loop.sweep.sweep import sweep

WORDS = ("model=linear", "model.knots=0", "data.rows=300", "model.alpha=log:1e-4,1e4")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def start(workspace: Workspace, jobs: int, *options: str) -> "subprocess.Popen[str]":
    """A sweep in a process of its own, the first of a group that can be killed whole."""
    words = ["sweep", "student_performance", *WORDS, "--trials", "12", "--jobs", str(jobs), "--no-turn", "--json"]
    places = ["--workspace", str(workspace.root), "--projects", workspace.settings.projects]
    command = [sys.executable, "-m", "omloop", *words, *places, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def over(workspace: Workspace) -> int:
    """How many trials have ended so far."""
    order = SweepOrder.of("student_performance", WORDS, SweepOptions(), workspace)
    return sum(trial.over for trial in Sweep.of(order).study().trials())


def wait_for(workspace: Workspace, count: int, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 240
    while over(workspace) < count:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_sweep_that_is_killed_twice_ends_with_every_trial(workspace: Workspace, jobs: int) -> None:
    for count in (3, 7):
        process = start(workspace, jobs)
        wait_for(workspace, count, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()
    process = start(workspace, jobs)
    found = json.loads(process.communicate(timeout=300)[0])
    done = [trial for trial in found["trials"] if trial["state"] == "done"]
    killed = [trial for trial in found["trials"] if trial["state"] == "killed"]
    assert len(done) == 12 and len(killed) <= 2 * jobs, found["trials"]
    # One that was killed before it was given any has nothing that could be tried again.
    assert {str(one["parameters"]) for one in killed if one["parameters"]} <= {str(one["parameters"]) for one in done}


def test_a_worker_that_is_killed_in_its_trial_has_another_in_its_place(workspace: Workspace) -> None:
    process = start(workspace, 2)
    wait_for(workspace, 2, process)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    found = json.loads(process.communicate(timeout=300)[0])
    assert sum(trial["state"] == "done" for trial in found["trials"]) == 12 and process.returncode == 0


def test_an_interrupted_sweep_ends_its_workers_and_leaves_its_trials_waiting(workspace: Workspace) -> None:
    process = start(workspace, 2)
    wait_for(workspace, 1, process)
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "" and process.returncode == 130
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    order = SweepOrder.of("student_performance", WORDS, SweepOptions(trials=12), workspace)
    states = [trial.state for trial in Sweep.of(order).study().trials()]
    assert "failed" not in states and states.count("waiting") == states.count("killed")


def test_a_network_that_is_not_worth_going_on_is_pruned(workspace: Workspace) -> None:
    words = ("model=mlp", "model.lr=1e-2,1e-7", "model.epochs=12", "data.rows=400", "seed=int:1,9")
    order = SweepOrder.of("student_performance", words, SweepOptions(trials=14, method="random"), workspace)
    found = sweep(order, turned=False, tell=lambda text: None)
    pruned = [trial for trial in found.trials if trial.state == "pruned"]
    assert pruned and {trial.words["model.lr"] for trial in pruned} == {"1e-7"}
    assert found.best.words["model.lr"] == "1e-2"
