"""`omloop audit` as a user types it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.audit.conftest import write
from tests.audit.samples import FOUND, WEAK

Say = Callable[..., tuple[int, str, str]]
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_table_shows_each_item_with_its_place_and_what_to_do(tmp_path: Path, omloop: Say) -> None:
    write(tmp_path, {"a.py": "import torch\ntorch.compile(1)\n"})
    code, out, _ = omloop("audit")
    assert code == 0 and "a.py:2" in out and "omloop load NAME" in out
    assert "1 found" in out and "1 file in this folder." in out and "omloop new NAME" in out


def test_no_full_stop_joins_the_dots_of_a_folder(tmp_path: Path, omloop: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, {"inner/deep/a.py": "", "b.py": ""}) / "inner" / "deep")
    assert omloop("audit", "../..")[1].rstrip().endswith("2 files in ../..")


def test_json_has_items_defects_and_what_was_not_read(tmp_path: Path, omloop_json: Ask) -> None:
    write(tmp_path, {**WEAK, "broken.py": "def (", "x.py": "if f(1) == f(1):\n    pass\n"})
    told = omloop_json("audit", ".")
    assert len(told["items"]) == 53 == sum(told["counts"].values())
    assert told["defects"][0]["path"] == "x.py" and told["unread"][0]["path"] == "broken.py"
    assert {"path", "line"} == set(told["items"][11]["evidence"][0])


def test_markdown_is_written_as_tables_that_hold_any_text(tmp_path: Path, omloop: Say) -> None:
    write(tmp_path, {"README.md": "# A | <b>b</b>\n\n" + "words of it " * 60})
    assert omloop("audit", ".", "--markdown", "audit.md")[0] == 0
    text = Path("audit.md").read_text("utf-8")
    assert "A \\| &lt;b>b&lt;/b>" in text and text.count("\n| ") == 54


@pytest.mark.parametrize(
    ("files", "stops", "code"),
    [
        ({}, "missing", 3),
        (WEAK, "weak", 3),
        ({}, None, 0),
    ],
)
def test_fail_on_stops_a_pipeline(
    tmp_path: Path, omloop: Say, files: dict[str, str], stops: str | None, code: int
) -> None:
    write(tmp_path / "of", files)
    (tmp_path / "of").mkdir(exist_ok=True)
    assert omloop("audit", "of", *(["--fail-on", stops] if stops else []))[0] == code


def test_a_report_is_held_against_the_files(tmp_path: Path, omloop: Say, omloop_json: Ask) -> None:
    write(tmp_path / "of", FOUND, git=True)
    write(tmp_path, {"report.md": "* [x] Load test your application (M24)\n* [ ] Use profiling to optimize (M12)\n"})
    code, out, _ = omloop("audit", "of", "--report", "report.md")
    assert (
        code == 0
        and "found, not ticked" in out
        and "The report ticks 1 of 2 boxes. Of all boxes, ticked or not, the files agree with 1"
        in " ".join(out.split())
    )
    told = omloop_json("audit", "of", "--report", "report.md")["report"]
    assert [(one["item"], one["verdict"]) for one in told] == [
        ("load test", "agrees"),
        ("profiling", "found, not ticked"),
    ]


def test_boxes_of_which_files_cannot_tell_are_told_by_their_lines(tmp_path: Path, omloop: Say) -> None:
    write(tmp_path, {"of/a.py": "", "boxes.md": "- [x] We sang\n- [ ] Load test (M24)\n- [LATER] We danced\n"})
    assert "cannot tell of 2 (lines 1, 3)." in " ".join(omloop("audit", "of", "--report", "boxes.md")[1].split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "There is no folder 'nowhere'"),
        (["a.py"], "'a.py' is a file. Give the folder"),
        ([".", "--report", "nothing.md"], "cannot be read: No such file"),
        ([".", "--report", "a.py"], "has no boxes"),
    ],
)
def test_what_cannot_be_audited_is_refused_in_one_line(
    tmp_path: Path, omloop: Say, words: list[str], said: str
) -> None:
    write(tmp_path, {"a.py": ""})
    code, _, err = omloop("audit", *words)
    assert code == 1 and said in err and err.count("\n") == 1
