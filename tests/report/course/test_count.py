"""A report that the checker stops at is explained."""

import pytest
from tests.report.course.synthetic import report, words

from omloop.report.course import count_problems, document_of


def told(text: str) -> str:
    return ". ".join(count_problems(document_of(text)))


def test_a_whole_report_has_no_problem() -> None:
    assert told(report()) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# A project\n", "There is no 'Answer:' in it"),
        (report(skip=[7]), "There is no heading '### Question 7'"),
        (report(skip=[7, 8, 31]), "There is no heading '### Question 7', nor 2 others"),
        (report(skip=[4, 9]), "There is no heading '### Question 4', nor 1 other"),
        (report({7: "GONE"}).replace("> Answer:\n\nGONE", "GONE"), "There is no 'Answer:' below question 7 (line "),
        (report({31: f"{words(60)}\n### More"}), "The last answer holds '###' (line "),
        (
            report({8: f"{words(60)}\n### More\nAnswer: {words(60)}"}),
            "There is an 'Answer:' below no heading of a question at line ",
        ),
        (
            report({8: f"{words(60)}\n### Question 8\nAnswer: {words(60)}"}),
            "There is another heading of question 8 (line ",
        ),
        (report(skip=range(28, 32)), "No question has a number above 27: the templates before 2025 had 27 questions"),
        (report(skip=[4, *range(26, 32)]), "No question has a number above 25: the templates before 2025"),
    ],
)
def test_why_the_number_is_another(text: str, why: str) -> None:
    assert len(document_of(text).answers) != 31 and why in told(text)


def test_an_older_report_gets_no_advice_towards_the_newest_template() -> None:
    assert told(report({20: "GONE"}, skip=range(28, 32)).replace("Answer:\n\nGONE", "")).count(". ") == 1
    more = report({27: f"{words(60)}\n### Mia\n"}, skip=range(28, 32))
    assert told(more).startswith("The last answer holds '###'") and "There is no heading" not in told(more)


def test_an_answer_that_the_checker_passes_over_is_named_and_nothing_else_blamed() -> None:
    text = report().replace("### Question 12\n", "## Question 12\n").replace("### Question 3\n", "### Our code\n")
    line = 1 + text[: text.index("## Question 12")].rpartition("Answer:")[0].count("\n")
    assert told(text) == (
        f"The checker passes over the answer at line {line}, as no '###' stands between it and the next 'Answer:'. "
        "Begin each question with '### Question'"
    )


def test_a_question_answered_twice_without_a_heading_is_one_answer() -> None:
    assert told(report({8: f"{words(60)} Answer: {words(100)}"})) == ""
