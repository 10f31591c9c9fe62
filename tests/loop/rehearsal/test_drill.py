"""The drill itself: every fault that is made is met as it must, on the reference project."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.rehearsal import faults
from omloop.loop.rehearsal.drill import drill

SMALL = ("data.rows=1500", "model=linear")


@pytest.mark.slow
def test_every_drill_ends_as_it_must(student: Project, workspace: Workspace) -> None:
    found = {one.name: one for one in drill(student, workspace, SMALL)}
    assert len(found) >= 15
    assert {name: one.outcome for name, one in found.items() if not one.good} == {}
    assert found["another population"].predictions == 250 and "the error rose" in found["concept flip"].outcome
    assert list(workspace.root.iterdir()) == [], "nothing is left behind"


JUDGED = """
from contextlib import nullcontext
from types import SimpleNamespace
from omloop.loop.rehearsal import drill, faults
events = [SimpleNamespace(kind="retrain")] * 2
registry = SimpleNamespace(history=lambda: events)
workspace = SimpleNamespace(registry=lambda name: registry)
ground = SimpleNamespace(project=SimpleNamespace(name="tiny"), copy=lambda: nullcontext(workspace))
faults.add_cohort = lambda *given: None
faults._watching = lambda *given: nullcontext(SimpleNamespace(wait=lambda seconds: None))
assert False, "asserts are left out"
print(drill._survived(ground, "two watchers", faults.two_watchers))
"""


def test_a_drill_judges_where_python_leaves_asserts_out() -> None:
    """Two watches that both retrained are told, with `python -O` too."""
    told = subprocess.run([sys.executable, "-O", "-c", JUDGED], capture_output=True, text=True, check=True).stdout
    assert "good=False" in told and "retrained 2 times" in told


def test_no_part_of_a_rehearsal_judges_by_assert() -> None:
    for path in Path(faults.__file__).parent.glob("*.py"):
        found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)]
        assert not found, f"{path.name}, line {found[0].lineno}"
