"""Why a report has another number of answers than the course's checker expects."""

from __future__ import annotations

from collections.abc import Iterator

from omloop.core import some
from omloop.report.course.answers import Document
from omloop.report.course.limits import QUESTIONS

FORMER = 27
"""Questions of the template that the course had at first."""


def count_problems(document: Document) -> Iterator[str]:
    """What to mend, in sentences; nothing where the number is right."""
    count = len(document.answers)
    if count == QUESTIONS:
        return
    if not document.pieces:
        yield "There is no 'Answer:' in it"
        return
    last = document.pieces[-1]
    if "###" in last.text:
        line = last.line_at(last.text.find("###"))
        yield f"The last answer holds '###' (line {line}), so that it counts twice: take other headings there"
    highest = max((number for number, _ in document.headings), default=QUESTIONS)
    if highest <= FORMER and count <= FORMER + 1:  # the last answer may count twice
        yield (
            f"No question has a number above {highest}: the templates before 2025 had {FORMER} questions, with limits "
            "of their own. omloop does not know these; use the report.py that came with the template"
        )
        return
    dropped = [str(one.line) for one in document.pieces if one.is_dropped]
    if dropped:
        yield (
            f"The checker passes over the answer at line {some(dropped)}, as no '###' stands between it and the next "
            "'Answer:'. Begin each question with '### Question'"
        )
    if count + len(dropped) != QUESTIONS:
        yield from _of_headings(document)


def _of_headings(document: Document) -> Iterator[str]:
    lines = dict(reversed(document.headings))
    answered = {one.piece.heading for one in document.answers}
    gone = [number for number in range(1, QUESTIONS + 1) if number not in lines]
    if gone and lines:
        yield f"There is no heading '### Question {gone[0]}'" + _others(len(gone) - 1)
    bare = [f"{number} (line {line})" for number, line in sorted(lines.items()) if number not in answered]
    if bare:
        yield f"There is no 'Answer:' below question {some(bare)}"
    more = [f"{one.piece.line}" for one in document.answers if one.piece.heading is None]
    if more and lines:
        yield f"There is an 'Answer:' below no heading of a question at line {some(more)}"
    twice = [f"{one} (line {line})" for one, line in document.headings if line != lines[one]]
    if twice:
        yield f"There is another heading of question {some(twice)}"


def _others(count: int) -> str:
    return f", nor {count} {'other' if count == 1 else 'others'}" if count else ""
