"""Examples are there wherever omloop is, and never in the way of one's own projects."""

import shutil
from dataclasses import replace
from pathlib import Path

from omloop.loop import Workspace, find_project, project_names
from omloop.loop.project.discover import project_folder
from omloop.loop.project.examples import DEMO, examples
from omloop.loop.rehearsal.demo import demo_project


def test_in_an_empty_folder_an_example_is_found_by_its_name_and_shown(workspace: Workspace, tmp_path: Path) -> None:
    empty = Workspace(replace(workspace.settings, projects=str(tmp_path / "projects"), demo=""))
    assert project_names(empty.settings) == []
    assert find_project("faces", empty.settings).folder == project_folder("faces", empty.settings)
    assert demo_project("", empty).name == DEMO and DEMO in examples()


def test_ones_own_project_of_that_name_goes_before(workspace: Workspace, tmp_path: Path) -> None:
    mine = tmp_path / "projects" / "faces"
    shutil.copytree(examples()["faces"], mine, ignore=shutil.ignore_patterns("__pycache__"))
    empty = Workspace(replace(workspace.settings, projects=str(tmp_path / "projects"), demo=""))
    assert find_project("faces", empty.settings).folder == mine.resolve()
    assert demo_project("", empty).name == "faces"
