"""Which template a report comes from, and how much of its check-list has a tick."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import eq

from omloop.core import some
from omloop.report.course.answers import Answer, Document
from omloop.report.course.limits import BOXES, LIMITS, Limits, Range

_BOX = re.compile(r"^[ \t]*[*+-][ \t]+\[([ xX-]|(?!\^|\d+\])[^\[\]()\n]{2,12})\](?=\s)", re.MULTILINE)
_STATED = re.compile(r"answer length\W{0,9}(\d{1,4})\s{0,3}[-\u2013]\s{0,3}(\d{1,4})\s{0,3}words?", re.IGNORECASE)


@dataclass(frozen=True)
class Checklist:
    """Boxes before the first question, and how many of them have a tick."""

    ticked: int
    boxes: int


@dataclass(frozen=True)
class Template:
    """The year whose limits hold, and how the report differs from that year's template."""

    year: str
    differences: Sequence[str]

    @property
    def name(self) -> str:
        """The year, or `changed`."""
        return "changed" if self.differences else self.year


def checklist_of(document: Document) -> Checklist:
    """The check-list: `[x]` has a tick; `[ ]`, `[-]` and a short word such as `[TODO]` have none."""
    marks = _BOX.findall(document.head)
    return Checklist(sum(mark in ("x", "X") for mark in marks), len(marks))


def template_of(document: Document) -> Template:
    """The template as far as its lengths, its boxes and the numbers of its questions tell; 2026 where nothing does."""
    stated = [stated_words(one) for one in document.answers]
    boxes = checklist_of(document).boxes
    year = _year(stated, boxes)
    differences = (
        *_of_boxes(document, boxes, year),
        *_of_lengths(stated, LIMITS[year]),
        *_of_numbers(document.answers),
    )
    return Template(year, differences)


def stated_words(answer: Answer) -> Range | None:
    """The length that the text of the question recommends."""
    found = _STATED.search(answer.piece.asked)
    return (int(found[1]), int(found[2])) if found else None


def _year(stated: Sequence[Range | None], boxes: int) -> str:
    """The year with most of the stated lengths; among equals the number of boxes tells, then the newest wins."""

    def likeness(year: str) -> tuple[int, bool]:
        return sum(map(eq, stated, (one.words for one in LIMITS[year]))), BOXES[year] == boxes

    return max(LIMITS, key=likeness)


def _of_boxes(document: Document, boxes: int, year: str) -> Iterator[str]:
    if boxes != BOXES[year]:
        yield f"its check-list has {boxes} boxes, where that of {year} has {BOXES[year]}"
    if "-" in _BOX.findall(document.head):
        yield "its check-list has boxes '[-]', which count as not ticked"


def _of_lengths(stated: Sequence[Range | None], limits: Sequence[Limits]) -> Iterator[str]:
    both = list(enumerate(zip(stated, limits, strict=False), 1))
    gone = [str(number) for number, (found, asked) in both if asked.words and not found]
    if gone:
        yield f"the recommended length is gone from {'question' if len(gone) == 1 else 'questions'} {some(gone)}"
    for number, (found, asked) in both:
        if found and asked.words and found != asked.words:
            yield f"question {number} recommends {_text(found)} words, and the checker takes {_text(asked.words)}"


def _of_numbers(answers: Sequence[Answer]) -> Iterator[str]:
    for number, answer in enumerate(answers, 1):
        found = answer.piece.heading
        if found != number:
            under = f"under the heading of question {found}" if found else "under no heading 'Question'"
            yield f"answer {number} (line {answer.line}) stands {under}; only the order counts"


def _text(words: Range) -> str:
    return f"{words[0]}-{words[1]}"
