"""The report is found where a group left it, and what is none is told."""

import os
from pathlib import Path

import pytest
from tests.report.course.synthetic import report

from omloop.core import OmloopError
from omloop.loop.report.find import find_report, read_report


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    assert find_report(written(tmp_path / "any.txt", "")) == tmp_path / "any.txt"


def test_a_folder_has_its_readme_else_that_of_reports_else_what_has_all_answers(tmp_path: Path) -> None:
    written(tmp_path / "Project_report.md", report())
    assert find_report(tmp_path).name == "Project_report.md"
    written(tmp_path / "reports" / "README.md", report(skip=[4]))
    assert find_report(tmp_path) == tmp_path / "reports" / "README.md"
    written(tmp_path / "README.md", "# Our project, whose report lies elsewhere\n")
    assert find_report(tmp_path) == tmp_path / "reports" / "README.md"
    written(tmp_path / "README.md", report())
    assert find_report(tmp_path) == tmp_path / "README.md"


def test_a_report_of_another_name_is_found_in_reports_too(tmp_path: Path) -> None:
    found = written(tmp_path / "reports" / "Final.MD", report())
    written(tmp_path / "notes.md", "Answer: 42")
    (tmp_path / "broken.md").write_bytes(b"\xff\xfe")
    assert find_report(tmp_path) == found


def refused(given: Path) -> str:
    with pytest.raises(OmloopError) as told:
        read_report(find_report(given))
    return str(told.value)


def test_what_is_no_report_is_told(tmp_path: Path) -> None:
    assert "There is no" in refused(tmp_path / "gone") and "reports/README.md" in refused(tmp_path)
    written(tmp_path / "README.md", "# Project\n")
    assert "has no 'Answer:'" in refused(tmp_path)
    for name in ("a.md", "b.md"):
        written(tmp_path / name, report())
    assert "Several files have 31 answers" in refused(tmp_path)


def test_what_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "utf16.md").write_bytes("a\nb".encode("utf-16"))
    (tmp_path / "latin.md").write_bytes(b"a\n\xe6")
    assert "line 1 has a byte" in refused(tmp_path / "utf16.md")
    assert "line 2 has a byte" in refused(tmp_path / "latin.md")
    (tmp_path / "large.md").touch()
    os.truncate(tmp_path / "large.md", 10**9)
    assert "has 1,000,000,000 bytes" in refused(tmp_path / "large.md")
    assert "is not a file" in refused(Path(os.devnull))
