"""The drill itself: every fault that is made is met as it must, on the reference project."""

import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.rehearsal.drill import drill

SMALL = ("data.rows=1500", "model=linear")


@pytest.mark.slow
def test_every_drill_ends_as_it_must(student: Project, workspace: Workspace) -> None:
    found = {one.name: one for one in drill(student, workspace, SMALL)}
    assert len(found) >= 15
    assert {name: one.outcome for name, one in found.items() if not one.good} == {}
    assert found["another population"].predictions == 250 and "the error rose" in found["concept flip"].outcome
    assert list(workspace.root.iterdir()) == [], "nothing is left behind"
