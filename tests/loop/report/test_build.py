"""A project's own report: every number is from a memory, and what was never done is said to be so."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from omloop.core import UnknownNameError
from omloop.loop.report.build import build_report
from omloop.loop.workspace import Workspace

NAME = "student_performance"


def text_of(folder: Path, name: str = "README.md") -> str:
    return (folder / name).read_text(encoding="utf-8")


def test_the_report_tells_the_champion_its_data_and_the_decisions(turned: Workspace, tmp_path: Path) -> None:
    files = build_report(NAME, turned, tmp_path / "report")
    text, registry = text_of(tmp_path / "report"), turned.registry(NAME)
    champion = registry.champion()
    assert champion is not None
    manifest = registry.manifest(champion)
    assert f"Version `{champion}`" in text and manifest.lineage.data_fingerprint in text
    for name, score in manifest.tested.items():
        assert f"| {name} | {score} |" in text
    assert {path.relative_to(tmp_path / "report").as_posix() for path in files} >= {"README.md", "model-card.md"}
    assert all(path.stat().st_size for path in files)


def test_what_was_never_done_stands_at_the_end_with_its_command(turned: Workspace, tmp_path: Path) -> None:
    build_report(NAME, turned, tmp_path)
    missing = text_of(tmp_path).partition("## Not done yet")[2]
    assert f"`omloop load {NAME}`" in missing and f"`omloop watch {NAME} --once`" in missing
    assert "omloop turn" not in missing


def test_a_project_that_has_done_nothing_has_a_report_too(workspace: Workspace, tmp_path: Path) -> None:
    build_report(NAME, workspace, tmp_path)
    text = text_of(tmp_path)
    assert text.count("\n- ") == 9 and "None" not in text and "nan" not in text
    assert not (tmp_path / "model-card.md").exists()


def test_pictures_are_there_and_the_circuit_is_drawn(turned: Workspace, tmp_path: Path) -> None:
    build_report(NAME, turned, tmp_path)
    text = text_of(tmp_path)
    for path in (tmp_path / "figures").iterdir():
        assert f"(figures/{path.name})" in text
    drawn = fromstring(text_of(tmp_path, "figures/circle.svg"))  # noqa: S314  a file of our own
    assert len([one for one in drawn.iter() if one.get("class") == "stage"]) == 8


def test_an_unknown_project_is_refused_and_no_folder_is_made(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        build_report("student_performanse", workspace, tmp_path / "report")
    assert not (tmp_path / "report").exists()
