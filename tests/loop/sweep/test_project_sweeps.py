"""The sweeps that the example projects keep."""

from pathlib import Path

import pytest

from omloop.core import Settings
from omloop.loop import Workspace, find_project
from omloop.loop.sweep.order import Sweep, SweepOrder
from omloop.loop.sweep.sweep_file import with_sweep_file

PROJECTS = Path(__file__).parents[3] / "projects"
FILES = sorted(PROJECTS.glob("*/conf/sweep/*.yaml"))


def test_every_example_project_keeps_a_sweep() -> None:
    assert {path.parents[2] for path in FILES} == {path.parent for path in PROJECTS.glob("*/project.py")}


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[2].name}-{path.stem}")
def test_a_sweep_of_an_example_project_is_refused_nowhere(path: Path, settings: Settings, tmp_path: Path) -> None:
    name = path.parents[2].name
    words, options = with_sweep_file(find_project(name, settings), [f"sweep={path.stem}"], {})
    workspace = Workspace(Settings(projects=str(PROJECTS), workspace=str(tmp_path)))
    found = Sweep.of(SweepOrder.of(name, words, options, workspace))
    assert len(found.space.parameters) >= 3 and options.trials >= 12
