"""`omloop data-version`, as somebody uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from omloop.core import Project
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather


def test_data_is_added_told_compared_and_sent(
    omloop: Callable[..., tuple[int, str, str]],
    student: Project,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    columns = gather(Plan.of(student, ["data.rows=300"], workspace)).columns
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
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
