"""Kill -9 at random moments: the stores are never corrupt, nobody repairs anything, no answered prediction is lost."""

import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.bench.traffic import steady
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn
from omloop.monitor import FilePredictions

NAME = "student_performance"
FEW, MANY = 1, 20


def start(workspace: Workspace, *words: str) -> subprocess.Popen[str]:
    common = ["--workspace", str(workspace.root), "--projects", workspace.settings.projects]
    return subprocess.Popen(
        [sys.executable, "-m", "omloop", *words, *common],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill the process after a while; return whether it still ran."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    process.communicate()
    return False


def check_versions(workspace: Workspace) -> None:
    """Every version of the history can be loaded whole, the numbers have no gap, and the champion is one of them."""
    registry = workspace.registry(NAME)
    history = registry.history()
    assert [event.number for event in history] == list(range(1, len(history) + 1))
    for version in registry.versions():
        registry.load(version)
    assert registry.champion() in (None, *registry.versions())


def rounds(times: int) -> list[object]:
    return [pytest.param(FEW, id="few"), pytest.param(times, id="many", marks=pytest.mark.slow)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("times", rounds(MANY))
def test_a_turn_can_be_killed_at_any_moment(student: Project, turned: Workspace, times: int) -> None:
    draw, killed = random.Random(times), 0
    begun = time.monotonic()
    start(turned, "turn", NAME, "model=linear", "data.rows=400").communicate()
    whole = time.monotonic() - begun
    while killed < times:
        killed += kill_after(start(turned, "turn", NAME, "model=linear", "data.rows=400"), draw.uniform(0, whole))
        check_versions(turned)
    again = turn(Plan.of(student, ["model=linear", "data.rows=400"], turned))
    assert again.version in turned.registry(NAME).versions()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("times", rounds(MANY))
def test_a_promotion_can_be_killed_at_any_moment(student: Project, turned: Workspace, times: int) -> None:
    other = turn(Plan.of(student, ["model=mean", "data.rows=400"], turned)).version
    pair = {turned.registry(NAME).champion() or "", other}
    draw, killed = random.Random(times), 0
    while killed < times:
        champion = turned.registry(NAME).champion()
        (challenger,) = pair - {champion}
        process = start(turned, "promote", NAME, challenger, "--force", "--reason", "a test")
        killed += kill_after(process, draw.uniform(0, 0.8))
        check_versions(turned)
        assert turned.registry(NAME).champion() in pair
    assert start(turned, "versions", NAME, "--history").wait(timeout=30) == 0


@pytest.mark.timeout(900)
@pytest.mark.parametrize("durability", ["process", "disk"])
@pytest.mark.parametrize("times", rounds(MANY))
def test_a_server_can_be_killed_at_any_moment(
    student: Project, turned: Workspace, times: int, durability: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every prediction that was answered is in the log, not only those answered more than a second before.

    `benchmarks/serve/kills.py` does so hundreds of times, with labels, and reads the log in every way.
    """
    monkeypatch.setenv("OMLOOP_LOG_DURABILITY", durability)
    kind = turned.registry(NAME).load(turned.registry(NAME).champion() or "").kind
    rows = kind.render(kind.encode(student.simulate(50, 3, 0.0)))
    draw, answered = random.Random(times), []
    for _ in range(times):
        process = start(turned, "serve", NAME, "--port", "0", "--json")
        address = json.loads(process.stdout.readline())["address"]  # type: ignore[union-attr]
        timer = threading.Timer(draw.uniform(0.05, 1.5), process.kill)
        timer.start()
        with steady(address, rows, pause_s=0.0) as tally:
            process.wait(timeout=30)
        process.communicate()
        answered += tally.ids
    log = FilePredictions(turned.root / "predictions" / NAME)
    kept = {prediction.id for prediction in log.window().predictions}
    assert answered and not set(answered) - kept
    assert log.damage().broken == 0
    assert not list(Path(turned.root).rglob("*.part"))


@pytest.mark.slow
def test_a_training_that_was_killed_goes_on_where_it_was(workspace: Workspace) -> None:
    words = ["turn", NAME, "model=mlp", "data.rows=800", "model.epochs=60", "model.patience=60"]
    process = start(workspace, *words)
    runs = workspace.root / "runs" / NAME
    while not any(path.read_text().count("mlp/train_loss") >= 5 for path in runs.glob("*/metrics.jsonl")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert start(workspace, *words).wait(timeout=120) == 0
    steps = [
        [json.loads(line)["step"] for line in path.read_text().splitlines() if "mlp/train_loss" in line]
        for path in sorted(runs.glob("*/metrics.jsonl"))
    ]
    assert steps[0][0] == 0 and 4 <= steps[1][0] <= steps[0][-1] + 1 and steps[1][-1] == 59
