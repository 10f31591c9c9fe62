from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omloop.core import UnknownNameError
from omloop.loop import Workspace
from omloop.loop.rehearsal.demo import demo_project
from omloop.loop.rehearsal.ground import on_simulated

NAME = "student_performance"


@pytest.mark.timeout(420)
@pytest.mark.parametrize("words", [["model=linear"], pytest.param([], marks=pytest.mark.slow)], ids=["linear", "best"])
def test_the_circuit_closes_and_no_request_fails(words: list[str], omloop_json: Callable[..., Any]) -> None:
    """The whole of it, in a process of its own where it serves: the promise of the README."""
    shown = omloop_json("demo", NAME, *words)
    assert shown["failed"] == 0 and shown["requests"] > 4000
    assert shown["drift"] and not shown["rang_without_drift"]
    assert shown["first"] != shown["second"]
    assert shown["error_drifted"] > 1.5 * shown["error_before"]
    assert shown["error_after"] < 1.2 * shown["error_before"]
    assert (Path(shown["workspace"]) / "runs" / NAME).is_dir()


def test_the_project_is_the_one_named_or_the_settings(workspace: Workspace, tmp_path: Path) -> None:
    assert demo_project(NAME, workspace).name == NAME
    assert demo_project("", Workspace(replace(workspace.settings, demo=NAME))).name == NAME
    with pytest.raises(UnknownNameError, match="Name one: omloop demo NAME"):
        demo_project("", Workspace(replace(workspace.settings, projects=str(tmp_path))))


def test_a_rehearsal_learns_from_simulated_records_unless_a_source_is_named() -> None:
    """A project that was made from a file is shown without that file."""
    assert on_simulated(["model=linear"]) == ("data=simulated", "model=linear")
    assert on_simulated(["data=file", "data.path=a.csv"]) == ("data=file", "data.path=a.csv")
    assert on_simulated(["data.rows=500"]) == ("data=simulated", "data.rows=500")
