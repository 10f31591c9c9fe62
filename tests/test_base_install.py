"""Serving, steering and watching need the base install alone; what trains is never imported, even by accident."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.core import Project, install_command
from omloop.loop import Workspace
from omloop.loop.bench.traffic import send
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn

NAME = "student_performance"
TRAINING = ["torch", "lightning", "sklearn", "polars", "pandas", "hydra", "omegaconf", "onnx", "skl2onnx"]
TRAINING += ["onnxscript", "matplotlib"]
BLOCKER = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}: it is not in this install", name=name)

sys.meta_path.insert(0, Refuse())
"""


@pytest.fixture
def bare(workspace: Workspace, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start omloop as if only some libraries were installed."""

    def start(*words: str, absent: list[str]) -> subprocess.Popen[str]:
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / "sitecustomize.py").write_text(BLOCKER.format(names=set(absent)))
        common = ["--workspace", str(workspace.root), "--projects", workspace.settings.projects]
        return subprocess.Popen(
            [sys.executable, "-m", "omloop", *words, *common],
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


BASE = [*TRAINING, "scipy"]


def test_serving_needs_nothing_that_trains(
    student: Project, turned: Workspace, bare: Callable[..., subprocess.Popen[str]]
) -> None:
    process = bare("serve", NAME, "--port", "0", "--json", absent=BASE)
    try:
        line = process.stdout.readline()  # type: ignore[union-attr]
        assert line, process.communicate()[1]
        tally = send(json.loads(line)["address"], [student.inputs.render(student.inputs.edges())[0]])
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert tally.failed == 0 and len(tally.answers) == 1


def test_testing_a_server_needs_nothing_that_trains(
    turned: Workspace, bare: Callable[..., subprocess.Popen[str]]
) -> None:
    process = bare("load", NAME, "--rate", "20", "--for", "500ms", "--p99-ms", "60000", absent=BASE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "verdict   held" in out, err
    process = bare("probe", NAME, "--url", "http://127.0.0.1:9", "--once", absent=BASE)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3 and "down" in out, err


def test_steering_needs_nothing_that_trains(
    student: Project, turned: Workspace, bare: Callable[..., subprocess.Popen[str]]
) -> None:
    other = turn(Plan.of(student, ["model=mean", "data.rows=400"], turned)).version
    for words in (
        ["promote", NAME, other, "--force", "--reason", "a test"],
        ["rollback", NAME],
        ["versions", NAME, "--history"],
        ["projects"],
        ["runs", NAME],
    ):
        process = bare(*words, absent=BASE)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert [event.kind for event in turned.registry(NAME).history()][-2:] == ["promote", "rollback"]


def test_watching_needs_scipy_beside_the_base(
    turned: Workspace, go_live: Callable[..., None], bare: Callable[..., subprocess.Popen[str]]
) -> None:
    go_live(turned, 800, drift=1.0, seed=5)
    process = bare("watch", NAME, "--once", absent=TRAINING)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "it hurts" in out and "ai_generated_content_percentage" in out, err


@pytest.mark.parametrize(
    ("words", "extra"), [(["watch", NAME, "--once"], "watch"), (["turn", NAME], "train"), (["evaluate", NAME], "train")]
)
def test_what_is_missing_is_told_with_the_extra_that_brings_it(
    turned: Workspace,
    go_live: Callable[..., None],
    bare: Callable[..., subprocess.Popen[str]],
    words: list[str],
    extra: str,
) -> None:
    go_live(turned, 300, drift=0.0, seed=3)
    process = bare(*words, absent=BASE)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert install_command(extra) in err and err.count("\n") == 1
