"""What the checker does not see is told, with the line where it is."""

import pytest
from tests.report.course.synthetic import PICTURE, report, words

from omloop.report.course import LIMITS, document_of, judge, notes_of
from omloop.report.course.unseen import MOST


def notes(answers: dict[int, str]) -> list[tuple[int, str, str]]:
    """The question, the text of the line and what is told of it."""
    text = report({1: "7", 2: "s1", 3: "none", 28: "none", **answers})
    document = document_of(text)
    found = notes_of(document, judge(document.answers, LIMITS["2026"]), lambda path: "gone" if "gone" in path else "")
    return [(one.question, document.text.split("\n")[one.line - 1], one.text) for one in found]


def test_a_good_report_has_nothing_to_tell() -> None:
    assert notes({}) == []


@pytest.mark.parametrize(
    ("answer", "line", "told"),
    [
        ("--- question 5 fill here ---", "--- question 5 fill here ---", "placeholder"),
        (f"{words(99)}\n--- question 5 fill here ---", "--- question 5 fill here ---", "placeholder"),
        ("Recommended answer length: 3-4 words\nx", "Recommended answer length: 3-4 words", "text of the template"),
        ("> *Example:*\nx", "> *Example:*", "text of the template"),
        ("x\n*We used ... for ... and more*", "*We used ... for ... and more*", "text of the template"),
        ("a\n## Sub\nb c", "## Sub", "cuts it off here: 4 words do not count"),
        ("a\n### Sub\n", "### Sub", "cuts it off here"),
        ("a\n```\n## remark\n```", "## remark", "cuts it off here"),
        ("issue ##12 is", "issue ##12 is", "cuts it off here"),
        ("mended ## bugs", "mended ## bugs", "cuts it off here: 2 words do not count"),
        ("b c Answer: d", "b c Answer: d", "2 words before it do not count"),
        (
            f"> {words(99)}",
            f"> {words(99)}",
            "1 of its 100 words are marks such as '>', '-' or '---': without them it would fail",
        ),
        (f"- {words(200)}", f"- {words(200)}", "without them it would pass"),
        ("![a](gone.png)", "![a](gone.png)", "gone"),
        ('![a](gone.png "with a title")', '![a](gone.png "with a title")', "gone"),
        ("`![a](gone.png)`", "`![a](gone.png)`", "shown as code"),
        ("```\n![a](gone.png)\n```", "![a](gone.png)", "shown as code"),
        ("~~~\n![a](b.png)\n~~~", "![a](b.png)", "shown as code"),
        ("```\n![a](gone.png)\n```", "![a](gone.png)", "shown as code; gone"),
        ("a\n* x\nmore\n\nlast\n  --", "  --", "a '--' right below text makes it a heading; leave a blank line"),
        ("one\ntwo\n=====", "=====", "a '===' right below text makes it a heading"),
        ("```\na\n```\nb\n---", "---", "makes it a heading"),
        ("a <!-- b -->", "a <!-- b -->", "a comment: 3 words count, and nobody sees them"),
        ("a\n\n<!-- b\n\n`c\nd -->", "<!-- b", "a comment: 5 words count"),
        ("`<!--` a <!-- b `-->", "`<!--` a <!-- b `-->", "a comment: 3 words"),
        ("a\n<!-- never\nclosed", "<!-- never", "a comment: 3 words"),
        ("__It was ... and ... by us__", "__It was ... and ... by us__", "text of the template"),
        ("```to do```\n![a](gone.png)", "![a](gone.png)", "gone"),
        ("x <img src=a.png>", "x <img src=a.png>", "an <img> does not count"),
        ("x ![a\nb](c.png)", "x ![a", "over two lines does not count"),
    ],
)
def test_each_is_told_at_its_line(answer: str, line: str, told: str) -> None:
    found = notes({5: answer})
    assert [(number, at) for number, at, _ in found] == [(5, line)]
    assert told in found[0][2]


@pytest.mark.parametrize(
    "answer",
    [
        "- a\nb\n---", "> a\n---", "a\n\n---\nb", "```\na\n---\n```", "# a\n---", "|a|\n---",
        "***\n---", "1. a\n---", "a\n- - -", "    a\n---",
        "* from 1 ... 2 ... 3 in turn", "+ x ... y ... z", "`<!-- a -->`",
        "```\n<!-- a -->\n```", "a <!-- never", "a --> b",
    ],
)  # fmt: skip
def test_what_a_reader_sees_as_meant_is_not_told(answer: str) -> None:
    assert notes({5: f"{answer}\n\n{words(110)}"}) == []


def test_a_picture_in_a_comment_is_told_with_its_file() -> None:
    assert [one[2] for one in notes({19: f"<!--\n![a](gone.png)\n{PICTURE}\n-->"})] == [
        "counts as a picture, but lies in a comment, which nobody sees; gone",
        "counts as a picture, but lies in a comment, which nobody sees",
    ]


@pytest.mark.parametrize(
    "mark", ["12.", "3)", "|:--|--:|", "--|:-:", "====", "**", "__", "<br>", "<br/>", "***", "```sh\n```"]
)
def test_a_mark_that_saves_an_answer_is_told(mark: str) -> None:
    count = len(mark.split())
    assert f"{count} of its 100 words are marks" in notes({5: f"{words(100 - count)}\n\n{mark}"})[-1][2]


@pytest.mark.parametrize(
    "part", ["<!-- ", "x <!-- ", "`", "`` ", "```\n", "<!-- -->", "1. ", "-", "-|", "a\n---\n", "> "]
)
def test_a_long_hostile_answer_is_looked_at(part: str) -> None:
    assert len(notes({5: part * 300_000})) <= MOST + 2


def test_a_section_behind_an_answer_cuts_nothing() -> None:
    assert notes({6: words(100), 3: "x", 22: words(100)}) == []  # a new section begins behind each


@pytest.mark.parametrize("number", [1, 2, 3, 28])
def test_an_empty_answer_that_passes_is_told(number: int) -> None:
    ((found, _, told),) = notes({number: ""})
    assert found == number and told == "the answer is empty, and passes"


def test_the_last_answer_is_looked_at_too() -> None:
    assert [one[2] for one in notes({31: f"{words(60)}\n![a](gone.png)\n## More\n"})] == ["gone"]


def test_of_thousands_the_first_are_told() -> None:
    found = notes({5: "![a](gone.png)\n" * 5000, 6: "--- fill me in ---\n" * 5000})
    assert [sum(one[0] == number for one in found) for number in (5, 6)] == [MOST + 1, MOST + 1]
    assert found[-1][2] == f"and {5000 - MOST:,} more of this answer"


def test_pictures_of_other_answers_are_left_alone() -> None:
    assert notes({19: f"{PICTURE}\n![b](https://example.org/gone)"})[0][:2] == (19, "![b](https://example.org/gone)")
