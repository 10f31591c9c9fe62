"""Which template it is, and how much of its check-list is ticked."""

import pytest
from tests.report.course.synthetic import report

from omloop.report.course import Checklist, checklist_of, document_of, template_of
from omloop.report.course.limits import BOXES, LIMITS


def named(text: str) -> tuple[str, str]:
    found = template_of(document_of(text))
    return found.name, found.year


@pytest.mark.parametrize("year", LIMITS)
def test_each_year_is_known_by_its_text(year: str) -> None:
    assert named(report(year=year)) == (year, year)


def test_without_recommended_lengths_the_boxes_tell_the_year() -> None:
    for year in LIMITS:
        text = report(year=year).replace("Recommended answer length", "Once")
        assert named(text) == ("changed", year.partition("-")[0])
        assert "is gone from questions 3, 4, 5" in template_of(document_of(text)).differences[0]


@pytest.mark.parametrize(
    ("stated", "year"),
    [({31: "50-200"}, "2025-first"), ({3: "0-200"}, "2026"), ({31: "50-300"}, "2025"), ({3: "100-200"}, "2025")],
)
def test_one_stated_length_is_enough_and_the_boxes_tell_the_rest(stated: dict[int, str], year: str) -> None:
    boxes = "* [ ] a\n" * BOXES[year]
    lines = [f"### Question {n}\n> Answer length: {stated.get(n, 'short')} words\nAnswer: a\n" for n in range(1, 32)]
    assert named(boxes + "".join(lines)) == ("changed", year)


def test_other_lengths_boxes_and_numbers_are_told() -> None:
    text = report(ticked=3).replace("* [ ] Task 50", "* [-] Task 50").replace("* [ ] Task 51 (M1)\n", "")
    text = text.replace("length: 50-100 words", "length: 50-120 words", 1).replace(
        "### Question 9\n", "### Question 8\n"
    )
    differences = template_of(document_of(text)).differences
    assert [one.partition(" (line")[0] for one in differences] == [
        "its check-list has 52 boxes, where that of 2026 has 53",
        "its check-list has boxes '[-]', which count as not ticked",
        "question 7 recommends 50-120 words, and the checker takes 50-100",
        "answer 9",
    ]
    assert "under the heading of question 8" in differences[-1]


def test_boxes_of_any_bullet_are_counted_before_the_first_answer_alone() -> None:
    text = "* [x] a\n- [X] b\n+ [ ] c\n  * [-] d\n*[x] no\n* [x](link)\n* [y] no\n* [LATER] e\n* [^1] no\n"
    assert checklist_of(document_of(f"{text}Answer:\n* [x] no\n")) == Checklist(2, 5)
