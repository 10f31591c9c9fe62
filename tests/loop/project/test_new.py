import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.cli import main
from omloop.core import OmloopError, UnknownNameError
from omloop.loop import Workspace, find_project
from omloop.loop.project.examples import examples
from omloop.loop.project.new import new_project
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn

NAME = "student_performance"


@pytest.fixture
def place(workspace: Workspace, tmp_path: Path) -> Workspace:
    """A projects folder of its own, with one project to begin from."""
    source = Path(workspace.settings.projects) / NAME
    shutil.copytree(source, tmp_path / "projects" / NAME, ignore=shutil.ignore_patterns("__pycache__"))
    return Workspace(replace(workspace.settings, projects=str(tmp_path / "projects")))


def test_a_new_project_goes_round_at_once(place: Workspace) -> None:
    folder = new_project("exam_scores", place, kind="table")
    project = find_project("exam_scores", place.settings)
    assert project.name == "exam_scores" and project.folder == folder.resolve()
    assert turn(Plan.of(project, ["data.rows=400", "model=linear"], place)).promoted


@pytest.mark.slow
def test_its_test_passes(place: Workspace) -> None:
    folder = new_project("exam_scores", place, like=NAME)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
    ]
    done = subprocess.run(
        [*words, f"--rootdir={folder.parent.parent}", str(folder / "test_project.py"), "-k", "TestProject"],
        cwd=folder.parent.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


def sources(root: Path) -> dict[Path, bytes]:
    """Every file's content, without what Python compiled of it meanwhile."""
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def test_nothing_else_is_touched(place: Workspace) -> None:
    root = Path(place.settings.projects)
    before = sources(root)
    folder = new_project("exam_scores", place, like=NAME)
    after = {path: content for path, content in sources(root).items() if folder not in path.parents}
    assert after == before
    assert NAME not in (folder / "project.py").read_text()


@pytest.mark.parametrize("name", ["Exam", "1st", "class", "a-b", "", "../up"])
def test_a_name_that_cannot_be_one_is_refused(place: Workspace, name: str) -> None:
    with pytest.raises(OmloopError, match="cannot be a project's name"):
        new_project(name, place, like=NAME)


def test_a_name_that_is_taken_is_refused(place: Workspace) -> None:
    with pytest.raises(OmloopError, match="exists already"):
        new_project(NAME, place, like=NAME)


def test_an_unknown_kind_or_project_is_named_with_the_nearest(place: Workspace) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'table'"):
        new_project("exam_scores", place, kind="tabel")
    with pytest.raises(UnknownNameError, match="Did you mean 'student_performance'"):
        new_project("exam_scores", place, like="student_perfomance")


def test_the_command_says_what_it_made(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "exam_scores", "--like", NAME, "--projects", place.settings.projects]) == 0
    out = capsys.readouterr().out
    assert "project.py" in out and "omloop turn exam_scores" in out


def test_only_the_name_follows_and_what_is_the_others_alone_stays_behind(place: Workspace) -> None:
    """`emotion` is a project, its target column and part of a path: only the first is renamed."""
    folder = new_project("mood", place, like="emotion")
    project, like = find_project("mood", place.settings), find_project(str(examples()["emotion"]), place.settings)
    assert (project.name, project.target, project.outputs) == ("mood", "emotion", like.outputs)
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert not {"compat.json", "conf/data/kaggle.yaml", "conf/data/affectnet.yaml"} & kept
    assert {"conf/config.yaml", "conf/data/simulated.yaml", "test_project.py"} <= kept
    assert len((folder / "test_project.py").read_text().splitlines()) < 15


def test_a_project_that_hides_its_name_leaves_nothing_half_made(place: Workspace) -> None:
    source = Path(place.settings.projects) / NAME / "project.py"
    source.write_text(source.read_text().replace(f'name="{NAME}"', f'name="".join(["{NAME}"])'))
    assert new_project("kept", place, like=NAME).is_dir()  # one expression is one name
    source.write_text(source.read_text().replace("project = Project(", "words = {}\nproject = Project(**words,"))
    source.write_text("\n".join(line for line in source.read_text().splitlines() if "    name=" not in line))
    with pytest.raises(OmloopError):
        new_project("broken", place, like=NAME)
    assert not [path for path in Path(place.settings.projects).iterdir() if "broken" in path.name]
