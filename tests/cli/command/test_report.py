"""`omloop report` judges a report as the course does, and makes a page of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.report.course.oracle import oracle
from tests.report.course.synthetic import PICTURE, report, words

from omloop import OmloopError
from omloop import Workspace as Verbs
from omloop.loop import Workspace

Say = Callable[..., tuple[int, str, str]]
BLANK = {number: f"--- question {number} fill here ---" for number in range(1, 32)}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the command runs."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_a_report_that_passes_ends_with_zero(omloop: Say, here: Path) -> None:
    (here / "README.md").write_text(report(ticked=20))
    code, out, err = omloop("report", "check")
    assert code == 0 and err.endswith("- Total number of questions passed: 31/31\n") and "WARNING" not in err
    for told in ("verdict    31 of 31", "check-list 20 of 53", "template   2026", "figures/seen.png' is not there"):
        assert told in out


def test_an_untouched_template_tells_what_the_course_tells(omloop: Say, here: Path) -> None:
    (here / "README.md").write_text(report({**BLANK, 14: PICTURE}))
    warnings, passed = oracle(here / "README.md")
    code, out, err = omloop("report", "check", "README.md")
    *told, last = err.splitlines()
    assert code == 3 and [line.partition(" - ")[2] for line in told] == warnings
    assert last.endswith(f"Total number of questions passed: {passed}/31")
    look = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \| WARNING  \| __main__:check:\d+ - Question \d+ failed check\. .*"
    assert all(re.fullmatch(look, line) for line in told)
    assert out.count("failed") == 27 and out.count("the placeholder of the template") == 1


def test_placeholders_are_one_row_that_lists_the_questions(
    omloop: Say, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (here / "README.md").write_text(report({one: BLANK[one] * 2 + "\n" + BLANK[one] for one in (4, 8, 30)}))
    rows = [line.split(None, 2) for line in omloop("report", "check")[1].splitlines() if "placeholder" in line]
    assert [row[1:] for row in rows] == [["4", "the placeholder of the template is still here, and in 2 more: 8, 30"]]


def test_a_script_gets_it_as_json(omloop: Say, here: Path) -> None:
    (here / "README.md").write_text(report({5: words(99), 9: f"{words(100)}\n## More\nwords"}, year="2025"))
    code, out, err = omloop("report", "check", here, "--json")
    found = json.loads(out)
    assert code == 3 and err.count("WARNING") == 1
    assert (found["passed"], found["total"], found["template"]["name"]) == (30, 31, "2025")
    fifth, ninth = found["questions"][4], found["questions"][8]
    assert fifth["failures"] == [
        "Question 5 failed check. Expected number of words to be between 100 and 200 but got 99"
    ]
    assert not fifth["passed"] and fifth["words"] == 99 and fifth["limits"]["words"] == [100, 200]
    assert ninth["passed"] and "cuts it off here" in ninth["notes"][0]["text"]


def test_the_limits_of_another_year_can_be_taken(omloop: Say, here: Path) -> None:
    (here / "README.md").write_text(report({3: "none"}))
    assert omloop("report", "check")[0] == 0
    code, out, err = omloop("report", "check", "--template", "2025")
    assert code == 3 and "Question 3 failed check" in err and "the limits are those of 2025" in out


def test_a_report_that_the_course_does_not_collect_is_told(omloop: Say, here: Path) -> None:
    (here / ".git").mkdir()
    (here / "Project_report.md").write_text(report())
    assert "collects reports/README.md" in omloop("report", "check")[1]
    (here / "reports").mkdir()
    (here / "Project_report.md").rename(here / "reports" / "README.md")
    assert "collects" not in omloop("report", "check")[1]


def test_a_page_is_written(omloop: Say, here: Path) -> None:
    (here / "README.md").write_text(report())
    code, out, _ = omloop("report", "html", "--output", "out/page.html")
    assert code == 0 and out.startswith("wrote      out/page.html (")
    assert json.loads(omloop("report", "html", "--json")[1]) == {"page": "report.html"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check",), "There is no report in this folder"),
        (("html",), "There is no report in this folder"),
        (("check", "gone.md"), "There is no 'gone.md'"),
        (("check", "few.md"), "'few.md' has 30 answers"),
        (("check", "binary"), "'binary' is no text in UTF-8: line 2"),
        (("check", "empty.md"), "'empty.md' has no answers"),
        (("mend",), "invalid choice: 'mend'"),
        (("check", "--template", "2024"), "invalid choice: '2024'"),
        (("html", "few.md", "--output", "few.md"), "'few.md' is the report itself"),
        (("html", "few.md", "--output", "empty.md/page.html"), "Cannot write 'empty.md/page.html'"),
        (("check", "a" * 300), "File name too long"),
        (("check", "loop.md"), "There is no 'loop.md'"),
        ((), "ACTION"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(omloop: Say, here: Path, words: tuple[str, ...], told: str) -> None:
    (here / "few.md").write_text(report(skip=[7]))
    (here / "binary").write_bytes(bytes(range(256)))
    (here / "empty.md").touch()
    (here / "loop.md").symlink_to("loop.md")
    code, out, err = omloop("report", *words)
    assert code in (1, 2) and not out and told in err and err.count("\n") == 1 and "WARNING" not in err


def test_what_may_not_be_read_or_written_is_told(omloop: Say, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "README.md").write_text(report())

    def refuse(path: Path, *words: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        told = omloop("report", "html")[2]
        assert told == "omloop: Cannot read 'README.md': Permission denied. Check who may read it.\n"
    monkeypatch.setattr(Path, "replace", refuse)
    told = "omloop: Cannot write 'report.html': Permission denied. Name another place: --output FILE\n"
    assert omloop("report", "html") == (1, "", told)


def test_from_python(workspace: Workspace, here: Path) -> None:
    (here / "README.md").write_text(report({5: "short"}))
    ws = Verbs(workspace.root)
    found = ws.report(here)
    assert not found.all_passed and repr(found) == "<CheckedReport: passed 30/31, template 2026, ticked 0/53, notes 9>"
    assert ws.report_page(here).name == "report.html"
    with pytest.raises(OmloopError, match="No template is called '2024'"):
        ws.report(here, template="2024")


@pytest.mark.parametrize(("action", "option"), [("check", "--output"), ("html", "--template"), ("build", "--template")])
def test_an_option_of_another_action_is_refused(action: str, option: str, omloop: Say) -> None:
    value = "2026" if option == "--template" else "there"
    code, _, told = omloop("report", action, ".", option, value)
    assert code == 1 and f"takes no {option}. That is for:" in told
