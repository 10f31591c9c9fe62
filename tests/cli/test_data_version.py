"""`omloop data-version`, as somebody uses it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.cli import main
from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather


def rows_of(student: Project, workspace: Workspace) -> list[str]:
    """A CSV of 300 records, by its lines."""
    columns = gather(Plan.of(student, ["data.rows=300"], workspace)).columns
    return [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]


def test_data_is_added_told_compared_and_sent(
    omloop: Callable[..., tuple[int, str, str]],
    student: Project,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = rows_of(student, workspace)
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines[:251]) + "\n")
    words = ("student_performance", "data=file", "data.path=rows.csv")
    code, out, _ = omloop("data-version", "add", *words, "--remote", tmp_path / "remote")
    assert code == 0 and "git add rows.csv.dvc .dvc && git commit" in out
    assert "1 files sent" in omloop("data-version", "push", *words)[1]
    path.write_text("\n".join(lines) + "\n")
    assert "modified" in omloop("data-version", "status", *words)[1]
    assert omloop("data-version", "diff", *words)[0] == 1  # there is no git here, so there is no earlier revision


def test_a_source_without_a_file_asks_for_one(omloop: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = omloop("data-version", "add", "student_performance")
    assert code == 1 and "'simulated'" in err and "data.path=PATH" in err


def test_stages_are_written_for_dvc_and_a_file_of_somebody_else_is_left_alone(
    omloop: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = omloop("data-version", "stages", "student_performance", "data.rows=300")
    written = (tmp_path / "dvc.yaml").read_text()
    assert code == 0 and "next       dvc repro" in out and written.count("cmd:") == 3
    assert "omloop turn student_performance data.rows=300" in " ".join(written.split())
    omloop("data-version", "stages", "faces")
    assert "student_performance-turn:" in (tmp_path / "dvc.yaml").read_text()
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    code, _, err = omloop("data-version", "stages", "faces")
    assert code == 1 and "was not written by omloop" in err and (tmp_path / "dvc.yaml").read_text() == "stages: {}\n"
    code, _, err = omloop("data-version", "stages", "faces", "data=url", "data.url='https://a/b.csv?sig=hush'")
    assert code == 1 and "holds a secret" in err and "hush" not in err


@pytest.mark.slow
def test_dvc_repeats_what_follows_from_a_change_and_nothing_else(
    student: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def repro() -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dvc", "repro"], check=True, capture_output=True, text=True, timeout=600
        )
        return done.stdout

    assert student.folder is not None
    shutil.copytree(student.folder, tmp_path / "projects" / student.name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    lines = rows_of(student, Workspace.of())
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines[:251]) + "\n")
    assert main(["data-version", "stages", student.name, "data=file", "data.path=rows.csv", "model=linear"]) == 0
    assert repro().count("> omloop ") == 3
    assert repro().count("didn't change, skipping") == 3
    (tmp_path / "projects" / student.name / "README.md").write_text("Other words.")
    assert "> omloop" not in repro()
    path.write_text("\n".join(lines) + "\n")
    assert repro().count("> omloop ") == 3
