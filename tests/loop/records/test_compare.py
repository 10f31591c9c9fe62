"""A project's data against an earlier state of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Columns, DataError, Project
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan, data_words
from omloop.loop.records.compare import DataDiff, compare_data, diff_counts, diff_markdown
from omloop.loop.records.records import gather


@pytest.fixture
def columns(student: Project, workspace: Workspace) -> Columns:
    found = gather(Plan.of(student, ["data.rows=400"], workspace)).columns
    return {
        "student_id": list(range(400)),
        **{name: list(values) for name, values in found.items() if name != "student_id"},
    }


def write(path: Path, columns: Columns, rows: range | list[int]) -> Path:
    lines = [",".join(columns), *(",".join(str(columns[name][row]) for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def compare(project: Project, workspace: Workspace, old: Path, new: Path) -> DataDiff:
    before, after = (Plan.of(project, data_words(path), workspace) for path in (old, new))
    return compare_data(before, after)


def test_records_that_came_went_and_changed_are_counted_and_what_moved_is_named(
    student: Project, workspace: Workspace, columns: Columns, tmp_path: Path
) -> None:
    old = write(tmp_path / "old.csv", columns, range(350))
    warmer = [8.0 + float(value) / 10 for value in columns["sleep_hours"]]
    new = write(tmp_path / "new.csv", {**columns, "sleep_hours": warmer}, range(20, 400))
    found = compare(replace(student, id="student_id"), workspace, old, new)
    assert diff_counts(found) == {"before": 350, "after": 380, "added": 50, "removed": 20, "changed": 330}
    assert dict(found.records.columns) == {"sleep_hours": 330}
    assert [one.column for one in found.drift.columns if one.moved] == ["sleep_hours"]
    text = diff_markdown(found)
    assert "| sleep_hours | 330 |" in text and "1 of 23 columns moved" in text and "old.csv" in text


def test_the_same_file_in_another_order_is_the_same_data(
    student: Project, workspace: Workspace, columns: Columns, tmp_path: Path
) -> None:
    order = np.random.default_rng(0).permutation(400).tolist()
    old, new = write(tmp_path / "a.csv", columns, range(400)), write(tmp_path / "b.csv", columns, order)
    found = compare(student, workspace, old, new)
    assert found.records.same and not found.drift.moved and "changed" not in diff_counts(found)


def test_the_command_tells_the_difference_and_writes_it_for_a_pull_request(
    omloop: Callable[..., tuple[int, str, str]], columns: Columns, tmp_path: Path
) -> None:
    old, new = write(tmp_path / "old.csv", columns, range(300)), write(tmp_path / "new.csv", columns, range(400))
    told, words = tmp_path / "diff.md", ("student_performance", "data=file", f"data.path={new}")
    code, out, _ = omloop("data", *words, "--against", old, "--markdown", told)
    assert code == 0 and "added            100" in out and "No column moved" in out
    assert told.read_text().startswith("### Data of student_performance")
    code, _, err = omloop("data", *words, "--against", tmp_path / "gone.csv")
    assert code == 1 and "gone.csv" in err


def test_records_that_do_not_fit_are_refused(
    student: Project, workspace: Workspace, columns: Columns, tmp_path: Path
) -> None:
    broken: dict[str, Any] = {**columns, "sleep_hours": ["long"] * 400}
    old, new = write(tmp_path / "old.csv", broken, range(400)), write(tmp_path / "new.csv", columns, range(400))
    with pytest.raises(DataError, match="sleep_hours"):
        compare(student, workspace, old, new)
