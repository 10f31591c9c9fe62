"""Runs of scripts that know no project."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure

import omloop
from omloop.loop import Workspace

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ws(workspace: Workspace) -> omloop.Workspace:
    return omloop.Workspace(workspace.root, projects=workspace.settings.projects)


@pytest.fixture
def omloop_cli(request: pytest.FixtureRequest) -> Say:
    """The command line; its fixture has the name of the package."""
    found: Say = request.getfixturevalue("omloop")
    return found


def test_a_script_is_a_run_like_any_other(ws: omloop.Workspace, workspace: Workspace, omloop_cli: Say) -> None:
    with ws.run("mine", {"lr": 0.1, "layers": [8, 8], "token": "hunter2"}, tags={"for": "paper"}, note="first") as run:
        for step in range(3):
            run.log(step, {"loss": 1 / (step + 1)})
        figure = Figure()
        figure.subplots().plot([1, 2])
        run.keep("plots/fit.png", figure)
        run.keep("notes.txt", "hello")
        run.metrics({"rmse": 4.25, "mae": 3}, lower_is_better=["rmse", "mae"])
    (found,) = ws.runs("mine")
    assert (found.status, found.kind, found.metric, found.metrics["rmse"].value) == ("finished", "script", "rmse", 4.25)
    tracker = workspace.tracker()
    assert {"kept/notes.txt", "packages.txt", "plots/fit.png"} <= {*tracker.files("mine", run.name)}
    assert tracker.read("mine", run.name, "plots/fit.png").startswith(b"\x89PNG")
    config = tracker.read("mine", run.name, "config.yaml")
    assert b'"lr": 0.1' in config and b"hunter2" not in config
    assert tracker.read("mine", run.name, "metrics.jsonl").count(b"loss") == 3
    code, out, _ = omloop_cli("runs", "mine")
    assert code == 0 and "for=paper" in out


def test_a_block_that_raises_is_a_failed_run(ws: omloop.Workspace) -> None:
    with pytest.raises(ZeroDivisionError), ws.run("mine") as run:
        run.metrics({"rmse": 1 / 0})
    assert [(one.status, one.reason) for one in ws.runs("mine")] == [("failed", "division by zero")]


@pytest.mark.parametrize("name", ["a/b", "../out", "", "nul"])
def test_a_name_that_no_folder_can_have_is_refused(ws: omloop.Workspace, name: str) -> None:
    with pytest.raises(omloop.OmloopError), ws.run(name):
        pass


def test_what_cannot_be_kept_says_so(ws: omloop.Workspace, tmp_path: Path) -> None:
    with ws.run("mine") as run:
        with pytest.raises(omloop.OmloopError, match="no number"):
            run.metrics({"rmse": "low"})  # type: ignore[dict-item]
        with pytest.raises(omloop.OmloopError, match="cannot keep|can be kept"):
            run.keep("../x", b"1")
        with pytest.raises(omloop.OmloopError, match="Cannot read"):
            run.keep("x", tmp_path / "gone")
