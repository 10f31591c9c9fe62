"""`omloop explain`: what one answer hangs on, of whatever a project reads, and what cannot be explained."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from omloop.bundle import Bundle
from omloop.loop import Workspace
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle

Say = Callable[..., tuple[int, str, str]]
ROW = {"hours": 1, "age": 20, "sex": "m"}


def champion(workspace: Workspace, bundle: Bundle) -> str:
    registry = workspace.registry("tiny")
    version = registry.add(bundle, by="test")
    registry.promote(version, expected=registry.champion(), by="test", reason="a test", insist=True)
    return version


def test_a_row_is_explained_as_json_as_a_table_and_from_a_file(
    omloop: Say, omloop_json: Callable[..., Any], workspace: Workspace, tmp_path: Path
) -> None:
    version = champion(workspace, tiny_bundle())
    (tmp_path / "row.json").write_text(json.dumps({"rows": [ROW]}))
    found = omloop_json("explain", "tiny", json.dumps(ROW))
    assert found == omloop_json("explain", "tiny", "--file", tmp_path / "row.json") and found["version"] == version
    told = found["explanation"]
    assert found["answer"]["value"] == told["answer"] == 44 and abs(told["residual"]) < 1e-6
    status, out, _ = omloop("explain", "tiny", json.dumps(ROW))
    assert status == 0 and "expected, over 11 rows" in out and "score points" in out and "exact; the model" in out
    assert out.index("sex") > 0 and "the answer" in out


def test_a_logged_prediction_is_explained_by_the_version_that_gave_it(
    omloop: Say, omloop_json: Callable[..., Any], workspace: Workspace, tmp_path: Path
) -> None:
    first = champion(workspace, tiny_bundle(2.0))
    (tmp_path / "rows.json").write_text(json.dumps({"rows": [ROW]}))
    id = omloop_json("predict", "tiny", "--rows", tmp_path / "rows.json", "--record")["predictions"][0]["id"]
    now = champion(workspace, tiny_bundle(3.0))
    found = omloop_json("explain", "tiny", "--id", id)
    assert found["version"] == first and found["explanation"]["answer"] == 88
    assert omloop_json("explain", "tiny", "--id", id, "--version", now)["explanation"]["answer"] == 132
    assert omloop("explain", "tiny", "--id", "nobody")[2].startswith("omloop: No prediction of tiny is called 'nobody'")


def test_an_input_that_was_not_kept_cannot_be_explained(omloop: Say, workspace: Workspace, tmp_path: Path) -> None:
    champion(workspace, tiny_text_bundle())
    (tmp_path / "rows.json").write_text(json.dumps({"rows": [{"review": "good"}]}))
    line = ("predict", "tiny", "--rows", tmp_path / "rows.json", "--record", "--json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMLOOP_LOG_INPUTS", "observed")
        id = json.loads(omloop(*line)[1])["predictions"][0]["id"]
    assert "keeps only what was observed" in omloop("explain", "tiny", "--id", id)[2]


def test_another_class_is_explained_when_it_is_named(
    omloop: Say, omloop_json: Callable[..., Any], workspace: Workspace
) -> None:
    champion(workspace, tiny_bundle(0.05, classes=("sad", "happy")))
    assert omloop_json("explain", "tiny", json.dumps(ROW))["explanation"]["of"] == "happy"
    assert omloop_json("explain", "tiny", json.dumps(ROW), "--class", "sad")["explanation"]["of"] == "sad"
    assert "probability of happy" in omloop("explain", "tiny", json.dumps(ROW))[1]
    told = omloop("explain", "tiny", json.dumps(ROW), "--class", "hapy")[2]
    assert told.startswith("omloop: No class is called 'hapy'. Did you mean 'happy'?")


def test_a_picture_and_a_text_are_explained_by_their_parts(
    omloop_json: Callable[..., Any], workspace: Workspace, tmp_path: Path
) -> None:
    PIL.Image.effect_noise((20, 10), 60).save(tmp_path / "a.png")
    champion(workspace, tiny_image_bundle())
    found = omloop_json("explain", "tiny", "--file", tmp_path / "a.png")["explanation"]
    assert len(found["contributions"]) == 16 and found["contributions"][0]["name"].startswith("row ")
    (tmp_path / "a.txt").write_text("good bad good day")
    champion(workspace, tiny_text_bundle())
    found = omloop_json("explain", "tiny", "--file", tmp_path / "a.txt")["explanation"]
    assert [one["name"] for one in found["contributions"]][-1] == "day"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (['{"hours": 99, "age": 20, "sex": "m"}'], "rows[0].hours: 99 is not accepted"),
        (['{"hours": 1, "age": 20, "sex": "x"}'], "rows[0].sex: 'x' is not accepted"),
        (['{"hours": 1}'], "rows[0].age: is missing"),
        (['{"rows": []}'], "one answer is explained at a time"),
        (["{"], "is no JSON"),
        (["{}", "--id", "1"], "One answer is explained at a time: give a row, --file or --id"),
        (["--class", "happy"], "--class is of one answer"),
        (["--file", "nowhere.png"], "There is no file nowhere.png"),
        (["--file", "nowhere.json"], "nowhere.json"),
        (["--version", "000000000000"], "000000000000"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(omloop: Say, workspace: Workspace, words: list[str], reason: str) -> None:
    champion(workspace, tiny_bundle())
    status, out, told = omloop("explain", "tiny", *words)
    assert status == 1 and not out and reason in told and told.count("\n") == 1 and "Traceback" not in told


def test_without_the_extra_it_says_which(omloop: Say, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    champion(workspace, tiny_bundle())
    monkeypatch.delitem(sys.modules, "omloop.explain.lightshap", raising=False)
    monkeypatch.setitem(sys.modules, "lightshap", None)
    told = omloop("explain", "tiny", json.dumps(ROW))[2]
    assert "Explaining an answer needs 'lightshap', which is not installed" in told and "[explain]" in told
