import json

import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.version.stress import stress_version


def test_a_stress_test_is_kept_as_a_run_with_its_table_and_its_plot(student: Project, turned: Workspace) -> None:
    found = stress_version(student, [], turned)
    assert found.version == turned.registry(student.name).champion() and found.metric == "r2"
    folder = turned.root / "runs" / student.name / found.run
    kept = json.loads((folder / "stress.json").read_text())
    assert len(kept["results"]) == len(found.results) == 5 * len(student.inputs.corruptions)
    assert (folder / "plots" / "stress.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "run.json").read_text())["status"] == "finished"


def test_a_stress_test_that_fails_says_so_in_its_run(
    student: Project, turned: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omloop.loop.version.stress.stress_curves", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stress_version(student, [], turned)
    newest = next(iter(turned.tracker().list(student.name)))
    assert newest["status"] == "failed" and newest["reason"] == "division by zero"
