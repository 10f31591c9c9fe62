"""Runs as a user sees them: listed, tagged, compared."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omloop.loop import Workspace

NAME = "student_performance"
Say = Callable[..., tuple[int, str, str]]
SayJson = Callable[..., Any]


@pytest.fixture
def three(workspace: Workspace) -> list[str]:
    """A finished, a failed and a running run, oldest first; their names."""
    tracker, names = workspace.tracker(), []
    score = {"metric": "r2", "metrics": {"r2": {"value": 0.5, "low": 0.4, "high": 0.6}}, "part": "test"}
    for status in ("finished", "failed", ""):
        run = tracker.start(NAME, "seed: 1\n", {})
        names.append(run.name)
        if status:
            run.finish(status, {"kind": "turn", "model": "linear", "version": f"v-{status}", **score})
    return sorted(names)


def test_a_training_is_tagged_as_it_begins_and_listed_with_its_score(
    omloop: Say, omloop_json: SayJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    words = (
        "train",
        NAME,
        "data.rows=300",
        "model=linear",
        "--tag",
        "for=paper [b]",
        "--tag",
        "f=a=b",
        "--note",
        "x\x1b",
    )
    assert omloop(*words)[0] == 0
    (found,) = omloop_json("runs", NAME)
    assert found["tags"] == {"for": "paper [b]", "f": "a=b"} and found["kind"] == "train"
    assert found["metrics"]["r2"]["low"] < found["metrics"]["r2"]["value"]
    code, out, _ = omloop("runs", NAME, "--tag", "for=paper [b]")
    assert code == 0
    for word in ("finished, train", "linear", "f=a=b for=paper", "[b]", "x\\x1b", " cv"):
        assert word in " ".join(out.split())
    assert "None of 1 runs has this tag" in omloop("runs", NAME, "--tag", "for=thesis")[1]


@pytest.mark.parametrize("tag", ["paper", "=x", " =x"])
def test_a_tag_without_a_key_and_a_value_is_refused_before_anything_is_done(omloop: Say, tag: str) -> None:
    code, _, err = omloop("turn", NAME, "data.rows=300", "--tag", tag)
    assert code == 1 and "is no tag" in err
    assert "has no run yet" in omloop("runs", NAME)[1]


def test_runs_are_shown_as_what_they_are_newest_first(
    omloop: Say, omloop_json: SayJson, three: list[str], workspace: Workspace
) -> None:
    found = omloop_json("runs", NAME)
    assert [one["run"] for one in found] == three[::-1]
    assert sorted(one["status"] for one in found) == ["failed", "finished", "running"]
    (folder,) = (workspace.root / "runs" / NAME / one["run"] for one in found if one["status"] == "running")
    about = json.loads((folder / "run.json").read_text())
    about["process"]["since"] = 0
    (folder / "run.json").write_text(json.dumps(about))
    assert "killed" in omloop("runs", NAME)[1]


def test_of_many_runs_the_best_are_shown_in_a_narrow_terminal(
    omloop: Say, omloop_json: SayJson, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in range(30):
        run = workspace.tracker().start(NAME, "", {})
        run.finish("finished", {"metrics": {"r2": value / 30}, "version": f"{value:012d}"})
    monkeypatch.setenv("COLUMNS", "60")
    out = omloop("runs", NAME, "--sort", "r2", "--limit", "2")[1]
    assert "000000000029" in out and "28 more" in out and max(map(len, out.splitlines())) <= 60
    assert len(omloop_json("runs", NAME)) == 30
    assert "10 more; --limit 0 shows all" in omloop("runs", NAME)[1]
    assert omloop("runs", NAME, "--limit", "-1")[0] == 1
    code, _, err = omloop("runs", NAME, "--sort", "r3")
    assert code == 1 and "No metric is called 'r3'" in err


def test_tags_and_the_note_can_be_changed_afterwards(omloop: Say, omloop_json: SayJson, three: list[str]) -> None:
    short = three[0].rpartition("-")[2]
    omloop_json("tag", NAME, short, "for=paper", "by=ada", "--note", "see [/docs]")
    assert omloop_json("tag", NAME, three[0], "by=")["tags"] == {"for": "paper"}
    assert "see [/docs]" in omloop("tag", NAME, short, "by=")[1]
    assert omloop_json("tag", NAME, short, "--note", "")["note"] == ""
    code, _, err = omloop("tag", NAME, short)
    assert code == 1 and "--note TEXT" in err
    code, _, err = omloop("tag", NAME, "zzz", "a=b")
    assert code == 1 and f"See: omloop runs {NAME}" in err


def test_two_trainings_are_compared_and_a_page_is_written(omloop: Say, omloop_json: SayJson, tmp_path: Path) -> None:
    train = ("train", NAME, "data.rows=300", "model=linear")
    old, new = (omloop_json(*train, f"model.alpha={alpha}")["run"] for alpha in ("1.0", "50.0"))
    found = omloop_json("compare", NAME, old, new, "--html", tmp_path / "new folder" / "page.html")
    assert found["configuration"] == {"model.alpha": ["1.0", "50.0"]}
    assert found["packages"] == {} and found["data"]["fingerprint"][0] == found["data"]["fingerprint"][1]
    assert len(found["metrics"]["r2"]) == 2 and len(found["differences"]["r2"]) == 1
    page = (tmp_path / "new folder" / "page.html").read_text().replace("<wbr>", "")
    assert old in page and new in page and "model.alpha" in page
    code, out, _ = omloop("compare", NAME, old, new)
    for word in ("model.alpha", "fingerprint", "Packages that differ: nothing", "r2"):
        assert word in out
    assert code == 0


def test_one_run_is_told_in_full(omloop: Say, omloop_json: SayJson, three: list[str]) -> None:
    found = omloop_json("runs", NAME, three[0])
    assert found["run"] == three[0] and found["config"] == "seed: 1\n"
    assert "config.yaml" in found["files"]
    code, out, _ = omloop("runs", NAME, three[0].rpartition("-")[2])
    assert code == 0 and "seed: 1" in out and three[0] in out and "0.500 [0.400, 0.600]" in out
    code, _, err = omloop("runs", NAME, "nosuch")
    assert code == 1 and "No run is called 'nosuch'" in err
