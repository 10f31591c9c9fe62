import sys
from pathlib import Path

import pytest

from omloop.core import MissingExtraError, OmloopError, Settings, UnknownNameError
from omloop.loop import find_project, project_names

GOOD = """
from omloop import Column, Number, Project, Table
from .helper import NAME

project = Project(
    name=NAME, summary="A toy.", inputs=Table((Column("a", "number"),)), outputs=Number("b"), target="b",
    models={}, baseline="mean", simulate=lambda rows, seed, drift: {},
)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "projects" / "toy").mkdir(parents=True)
    (tmp_path / "projects" / "toy" / "helper.py").write_text("NAME = 'toy'")
    (tmp_path / "projects" / "toy" / "project.py").write_text(GOOD)
    return tmp_path / "projects"


def test_a_project_is_a_folder_whose_files_may_import_each_other(folder: Path) -> None:
    settings = Settings(projects=str(folder))
    assert project_names(settings) == ["toy"]
    assert find_project("toy", settings).folder == folder / "toy"


def test_a_project_can_be_named_by_its_path(folder: Path) -> None:
    assert find_project(str(folder / "toy"), Settings(projects="nowhere")).name == "toy"


def test_two_projects_of_one_name_in_two_places_are_kept_apart(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "toy"
    other.mkdir(parents=True)
    (other / "helper.py").write_text("NAME = 'another'")
    (other / "project.py").write_text(GOOD)
    assert find_project("toy", Settings(projects=str(folder))).name == "toy"
    assert find_project(str(other), Settings()).name == "another"


def test_an_unknown_project_is_named_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="No project is called 'tyo'. Did you mean 'toy'"):
        find_project("tyo", Settings(projects=str(folder)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("x = 1", "must define `project = Project"),
        ("import nothing_of_that_name", "cannot be loaded: ModuleNotFoundError"),
        ("def (", "cannot be loaded: SyntaxError"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
    ],
)
def test_a_broken_project_is_one_clear_line(folder: Path, content: str, reason: str) -> None:
    (folder / "broken").mkdir()
    (folder / "broken" / "project.py").write_text(content)
    with pytest.raises(OmloopError, match=reason):
        find_project("broken", Settings(projects=str(folder)))


def test_an_installed_package_can_bring_a_project(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site" / "brought-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "brought-1.0.dist-info" / "METADATA").write_text("Name: brought\nVersion: 1.0\n")
    (tmp_path / "site" / "brought-1.0.dist-info" / "entry_points.txt").write_text(
        "[omloop.projects]\nbrought = brought_project:project\n"
    )
    (tmp_path / "site" / "brought_project.py").write_text(GOOD.replace("from .helper import NAME", "NAME = 'brought'"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert find_project("brought", Settings(projects=str(folder))).name == "brought"


def test_a_project_without_its_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    (tmp_path / "boosted").mkdir()
    (tmp_path / "boosted" / "project.py").write_text("import lightgbm\n")
    with pytest.raises(MissingExtraError, match=r"The project 'boosted' needs 'lightgbm'.*\[lightgbm\]"):
        find_project(str(tmp_path / "boosted"), Settings())
