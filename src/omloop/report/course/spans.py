"""The parts of an answer that Markdown does not read as text: code and comments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CODE, COMMENT = "code", "comment"
_BEGIN = re.compile(
    r"^[ >]{0,12}(?:(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})|(?P<block><!--))|(?P<code>(?<!`)`++[^`\n]++`++)|<!--",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Span:
    """Code or a comment, from `start` up to `end`."""

    kind: str
    start: int
    end: int


def spans_in(text: str) -> Iterator[Span]:
    """Code and comments in order, in a time that grows with the text alone.

    A comment that nobody closes hides the rest where it begins a line; elsewhere it is text. `<!-->` is a whole one.

    >>> [one.kind for one in spans_in("`<!-- a -->` <!-- b ` --> <!-- c")]
    ['code', 'comment']
    """
    place, last_end = 0, text.rfind("-->")
    while found := _BEGIN.search(text, place):
        start, place = found.span()
        if fence := found["fence"]:
            end = re.compile(rf"^[ >]{{0,12}}{fence[0]}{{{len(fence)},}}+[ \t]*$", re.MULTILINE).search(text, place)
            place = end.end() if end else len(text)
        elif not found["code"]:
            if place - 2 > last_end and not found["block"]:
                continue
            place = text.index("-->", place - 2) + 3 if place - 2 <= last_end else len(text)
        yield Span(CODE if fence or found["code"] else COMMENT, start, place)


def kind_at(spans: Sequence[Span], place: int) -> str:
    """The kind of the span that a place lies in, or nothing."""
    before = bisect_right(spans, place, key=lambda one: one.start) - 1
    return spans[before].kind if before >= 0 and place < spans[before].end else ""
