"""Paragraphs of an answer that a line of dashes or equals signs below them makes a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omloop.report.course.answers import Answer
from omloop.report.course.spans import kind_at, spans_in

_UNDERLINE = re.compile(r" {0,3}(?:-+|=+)[ \t]*$")
_OWN_LINE = re.compile(r" {0,3}(?:#{1,6}(?:\s|$)|(?:\*[ \t]*){3,}$|(?:_[ \t]*){3,}$)")
_CONTAINER = re.compile(r" {0,3}(?:[>|]|[*+-](?:\s|$)|\d{1,9}[.)](?:\s|$))|(?: {4}|\t)")


def setext_notes(answer: Answer) -> Iterator[tuple[int, str]]:
    """The line and what is there. A line below a quote, a list or a table makes no heading."""
    spans, place = list(spans_in(answer.text)), 0
    is_text, is_inside = False, answer.piece.asked.rpartition("\n")[2].lstrip().startswith(">")
    for number, line in enumerate(answer.text.split("\n"), answer.piece.line):
        is_markdown, place = not kind_at(spans, place + len(line) - len(line.lstrip())), place + len(line) + 1
        if number == answer.piece.line and is_inside:
            continue
        if not is_markdown or not line.strip() or _OWN_LINE.match(line):
            is_text = is_inside = False
        elif is_text and _UNDERLINE.match(line):
            is_text = False
            yield number, f"a '{line.strip()[:3]}' right below text makes it a heading; leave a blank line"
        elif not is_inside:
            is_inside = bool(_CONTAINER.match(line)) and not (is_text and line.startswith(("    ", "\t")))
            is_text = not is_inside
