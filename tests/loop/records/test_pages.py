"""Pages about measurements are kept, the newest of each kind, and what is no page is none."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from omloop.loop import Workspace
from omloop.loop.records import pages
from omloop.loop.records.pages import keep_page, kept_pages

NOW = 1_800_000_000.0


def keep(workspace: Workspace, kind: str = "load", *, at: float = NOW, title: str = "a test") -> Path | None:
    moved = replace(workspace, clock=lambda: at)
    return keep_page("tiny", moved, kind, "<h1>page</h1>", title=title, record={"score": float("nan")})


def test_a_page_is_kept_beside_what_it_says_as_json(workspace: Workspace) -> None:
    path = keep(workspace)
    assert path == workspace.root / "pages" / "tiny" / "load-20270115-080000.html"
    assert path.read_text() == "<h1>page</h1>"
    about = orjson.loads(path.with_suffix(".json").read_bytes())
    assert about == {"kind": "load", "title": "a test", "made": NOW, "record": {"score": None}}
    (found,) = kept_pages("tiny", workspace)
    assert (found.name, found.title, found.kind, found.made) == (path.name, "a test", "load", NOW)


def test_two_of_one_second_are_both_kept(workspace: Workspace) -> None:
    first, second = keep(workspace), keep(workspace)
    assert first != second and len(list(kept_pages("tiny", workspace))) == 2


def test_of_many_of_a_kind_the_oldest_go(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "KEPT", 2)
    keep(workspace, "backtest", at=NOW - 900)
    for minute in range(4):
        keep(workspace, at=NOW + 60 * minute)
    found = {(one.kind, one.made) for one in kept_pages("tiny", workspace)}
    assert found == {("backtest", NOW - 900), ("load", NOW + 120), ("load", NOW + 180)}
    assert len(list(workspace.pages("tiny").iterdir())) == 6


def test_what_cannot_be_kept_is_a_warning(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    workspace.root.mkdir(parents=True)
    (workspace.root / "pages").write_text("no folder")
    assert keep(workspace) is None
    assert "was not kept" in caplog.text


def test_a_page_without_its_record_or_of_another_name_is_not_listed(workspace: Workspace) -> None:
    kept = keep(workspace)
    assert kept is not None
    folder = kept.parent
    (folder / "load-20270115-090000.html").write_text("its record is missing")
    (folder / "load-20270115-090001.html").write_text("its record is damaged")
    (folder / "load-20270115-090001.json").write_text('{"kind": 7}')
    (folder / "notes.html").write_text("somebody's own")
    assert [one.name for one in kept_pages("tiny", workspace)] == [kept.name]


def test_profiles_and_the_verdict_are_listed_from_where_they_lie(workspace: Workspace) -> None:
    for path in (workspace.root / "profiles" / "tiny-train.html", workspace.watch("tiny") / "verdict.html"):
        path.parent.mkdir(parents=True)
        path.write_text("page")
    found = {(one.name, one.kind) for one in kept_pages("tiny", workspace)}
    assert found == {("profile-train.html", "profile"), ("verdict.html", "verdict")}
