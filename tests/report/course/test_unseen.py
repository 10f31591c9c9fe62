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
        ("x <img src=a.png>", "x <img src=a.png>", "an <img> does not count"),
        ("x ![a\nb](c.png)", "x ![a", "over two lines does not count"),
    ],
)
def test_each_is_told_at_its_line(answer: str, line: str, told: str) -> None:
    found = notes({5: answer})
    assert [(number, at) for number, at, _ in found] == [(5, line)]
    assert told in found[0][2]


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
