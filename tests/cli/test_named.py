"""A project's name and a path to its folder mean the same to every command."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omloop.core import Project, UnknownNameError
from omloop.loop import Workspace, find_project
from omloop.loop.project.discover import project_name

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def elsewhere(student: Project, tmp_path: Path) -> Path:
    """A project beyond the projects folder, whose folder is called otherwise than it is."""
    assert student.folder is not None
    folder = tmp_path / "work" / "scores"
    shutil.copytree(student.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("words", ["versions", "history", "runs", "alerts", "evaluate"])
def test_a_path_means_what_the_name_means(turned: Workspace, omloop: Say, elsewhere: Path, words: str) -> None:
    by_name, by_path = omloop(words, "student_performance"), omloop(words, elsewhere)
    assert by_name[:2] == by_path[:2] and by_name[0] == 0


def test_where_a_project_lies_is_remembered(workspace: Workspace, omloop: Say, elsewhere: Path) -> None:
    """After one command with its path the name is enough, also from a folder without it."""
    away = Workspace(replace(workspace.settings, projects=str(elsewhere / "nothing")))
    with pytest.raises(UnknownNameError):
        find_project("student_performance", away.settings)
    assert project_name(str(elsewhere), away) == "student_performance"
    assert find_project("student_performance", away.settings).folder == elsewhere
    assert project_name("student_performance", away) == "student_performance"


def test_a_project_that_was_moved_away_is_forgotten(workspace: Workspace, omloop: Say, elsewhere: Path) -> None:
    away = Workspace(replace(workspace.settings, projects=str(elsewhere / "nothing")))
    project_name(str(elsewhere), away)
    elsewhere.rename(elsewhere.with_name("moved"))
    assert omloop("projects")[0] == 0
    with pytest.raises(UnknownNameError):
        project_name("student_performance", away)
    assert project_name(str(elsewhere.with_name("moved")), away) == "student_performance"


def test_a_path_without_a_project_says_so(omloop: Say, tmp_path: Path) -> None:
    code, _, err = omloop("serve", tmp_path / "empty")
    assert code == 1 and "it holds no project.py" in err


def test_its_alerts_are_found_there_too(omloop: Say, elsewhere: Path) -> None:
    described = elsewhere / "project.py"
    described.write_text(described.read_text().replace('"student_performance"', '"scores"'))
    (elsewhere / "alerts.yaml").write_text("rules: [drift]\nwrong: 1\n")
    code, _, err = omloop("alerts", elsewhere)
    assert code == 1 and str(elsewhere / "alerts.yaml") in err


def test_another_machines_server_need_not_be_known_here(omloop_json: Any, omloop: Say) -> None:
    code, _, err = omloop("load", "not_here", "--url", "http://127.0.0.1:9")
    assert code == 1 and "No project is called" not in err


@pytest.mark.parametrize("name", ["", " ", "a b", "café", "CON", ".hidden", "50%", "history\\x"])
def test_a_name_that_nobody_can_have_is_a_name_that_nobody_knows(turned: Workspace, omloop: Say, name: str) -> None:
    code, _, err = omloop("versions", name)
    assert code == 1 and f"No project is called '{name}'" in err and err.count("\n") == 1
