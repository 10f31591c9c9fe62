"""Versions that are made again, in a checkout with a project of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

import omloop
from omloop.loop.version import reproduce as reproducing

ROOT = Path(__file__).parents[3]
NAME = "student_performance"
SMALL = ("model=linear", "model.knots=0", "data.rows=300")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def git(folder: Path, *words: str) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> omloop.Workspace:
    """A workspace beside a checkout whose project is changed and not committed."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "projects" / NAME, checkout / "projects" / NAME)
    git(checkout, "init")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-m", "one")
    write(checkout, "linear(knots=2)")
    monkeypatch.chdir(checkout)
    return omloop.Workspace(tmp_path / "ws", projects=checkout / "projects")


def write(checkout: Path, model: str) -> None:
    path = checkout / "projects" / NAME / "project.py"
    text = path.read_text()
    begin, end = text.index('"linear": models.') + len('"linear": models.'), text.index('"boosting"')
    path.write_text(f"{text[:begin]}{model},\n        {text[end:]}")


def test_a_version_is_made_again_to_the_last_byte_whatever_was_done_to_the_code_since(
    ws: omloop.Workspace, tmp_path: Path
) -> None:
    version = ws.turn(NAME, *SMALL).version
    paces = tmp_path / "ws/cache/pace"  # what networks found their threads to be is lent to the turn
    paces.mkdir(parents=True)
    write(tmp_path / "checkout", "linear(balance=0.5, knots=4)")
    found = ws.reproduce(NAME)
    assert found.same_bytes and found.equal and found.differs == () and found.version == version
    assert ws.versions(NAME) == (version,)
    assert paces.is_dir()


def test_data_that_is_not_what_it_was_is_named(ws: omloop.Workspace, tmp_path: Path) -> None:
    rows = [",".join(row) for row in _records(ws)]
    path = tmp_path / "students.csv"
    path.write_text("\n".join(rows) + "\n")
    ws.turn(NAME, *SMALL[:2], data=path)
    path.write_text("\n".join(rows[:-40]) + "\n")
    found = ws.reproduce(NAME)
    assert not found.equal and found.verdict.startswith("not equal: ") and " r2 0." in found.verdict
    assert any(one.startswith("data: fingerprint") for one in found.differs)


def test_packages_that_cannot_be_had_are_told_and_passed_over_on_demand(
    ws: omloop.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.turn(NAME, *SMALL)
    wanted = reproducing.differing_packages
    monkeypatch.setattr(reproducing, "differing_packages", lambda text: wanted(f"{text}no-such-package==1.0\n"))
    locked = reproducing.locked_environment
    monkeypatch.setattr(
        reproducing, "locked_environment", lambda text, *rest: locked("no-such-package-of-anybody==1.0\n", *rest)
    )
    with pytest.raises(omloop.OmloopError, match="no-such-package-of-anybody.*--here"):
        ws.reproduce(NAME)
    assert ws.reproduce(NAME, here=True).same_bytes


def _records(ws: omloop.Workspace) -> list[list[str]]:
    from omloop.loop.project.plan import Plan
    from omloop.loop.records.records import gather

    columns = gather(Plan.of(NAME, ["data.rows=300"], ws.places)).columns
    return [[*columns], *([str(value) for value in row] for row in zip(*columns.values(), strict=True))]
