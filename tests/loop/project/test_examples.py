"""Examples are there wherever omloop is, and never in the way of one's own projects."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import UnknownNameError
from omloop.loop import Workspace, find_project, project_names
from omloop.loop.project.discover import project_folder
from omloop.loop.project.examples import DEMO, examples
from omloop.loop.rehearsal.demo import demo_project


@pytest.fixture
def empty(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """What a newcomer has."""
    monkeypatch.chdir(tmp_path)
    return Workspace(replace(workspace.settings, projects="projects", demo=""))


def test_in_an_empty_folder_an_example_is_found_by_its_name_and_shown(empty: Workspace) -> None:
    assert project_names(empty.settings) == []
    assert find_project("faces", empty.settings).folder == project_folder("faces", empty.settings)
    assert demo_project("", empty).name == DEMO and DEMO in examples()


def test_where_the_projects_are_said_to_lie_no_example_stands_for_one(empty: Workspace) -> None:
    told = replace(empty.settings, projects="elsewhere")
    with pytest.raises(UnknownNameError, match="faces"):
        find_project("faces", told)


def test_ones_own_project_of_that_name_goes_before(empty: Workspace, tmp_path: Path) -> None:
    mine = tmp_path / "projects" / "faces"
    shutil.copytree(examples()["faces"], mine, ignore=shutil.ignore_patterns("__pycache__"))
    assert find_project("faces", empty.settings).folder == mine.resolve()
    assert demo_project("", empty).name == "faces"
