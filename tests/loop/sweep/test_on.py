"""Sweeps whose workers are jobs elsewhere: here and on a Ray of this machine, one of them killed in its trial."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from omloop.core import OmloopError, UnknownNameError
from omloop.loop import Workspace
from omloop.loop.sweep.order import Sweep, SweepOptions, SweepOrder
from omloop.loop.sweep.sweep import sweep
from omloop.sweep.optuna import OptunaStudy

WORDS = ("model=linear", "model.knots=0", "data.rows=300", "model.alpha=log:1e-4,1e4")


def order_of(workspace: Workspace, **options: Any) -> SweepOrder:
    chosen = SweepOptions(**{"trials": 12, "jobs": 2, "method": "random", **options})
    return SweepOrder.of("student_performance", WORDS, chosen, workspace)


def kill_one(study: OptunaStudy, killed: list[int]) -> None:
    """Kill a worker with -9 as soon as it is in a trial."""
    until = time.monotonic() + 240
    while not killed and time.monotonic() < until:
        time.sleep(0.1)
        for trial in study.study.trials:
            process = trial.user_attrs.get("process", {})
            if trial.state.name == "RUNNING" and process and trial.number > 2:
                os.kill(process["pid"], signal.SIGKILL)
                killed.append(trial.number)
                break


@pytest.mark.parametrize("on", ["", "local"])
def test_two_workers_share_the_trials(workspace: Workspace, on: str) -> None:
    found = sweep(order_of(workspace, trials=3), on=on, turned=False, tell=lambda text: None)
    assert [trial.state for trial in found.trials] == ["done"] * 3


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("on", ["local", "ray"])
def test_a_worker_that_is_killed_in_its_trial_has_another_in_its_place(workspace: Workspace, on: str) -> None:
    if on == "ray":
        pytest.importorskip("ray")
    killed: list[int] = []
    watcher = threading.Thread(target=kill_one, args=(Sweep.of(order_of(workspace)).study(), killed), daemon=True)
    watcher.start()
    found = sweep(order_of(workspace), on=on, turned=False, tell=lambda text: None)
    watcher.join()
    states = [trial.state for trial in found.trials]
    assert states.count("done") == 12 and states.count("killed") == len(killed) == 1
    here = sweep(order_of(workspace, jobs=1, name="here"), turned=False, tell=lambda text: None)
    there, ours = ({str(trial.words): trial.value for trial in one.ranked} for one in (found, here))
    common = there.keys() & ours.keys()  # the trial that was tried again took the place of another
    # Not to the last bit: a worker has fewer threads, which add up in another order.
    assert len(common) >= 11
    assert [there[words] for words in common] == pytest.approx([ours[words] for words in common], rel=1e-9)
    assert not [path for path in found.folder.rglob("order.json") if path.stat().st_mode & 0o077]


@pytest.mark.slow
def test_what_a_worker_refuses_ends_the_sweep(workspace: Workspace, tmp_path: Path) -> None:
    words = ("model=linear", "data.rows=1,2,3,4")
    order = SweepOrder.of("student_performance", words, SweepOptions(trials=4, jobs=2), workspace)
    with pytest.raises(OmloopError, match=r"The first \d trials failed"):
        sweep(order, on="local", turned=False, tell=lambda text: None)


def test_a_backend_that_nobody_knows_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'ray'"):
        sweep(order_of(workspace), on="rey", turned=False, tell=lambda text: None)
