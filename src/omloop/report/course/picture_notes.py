"""Pictures of an answer that a reader misses, though the course's checker counts them, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from omloop.report.course.answers import Answer
from omloop.report.course.pictures import Picture, pictures_in

MOST = 100
"""Pictures of one answer to look at, at most: the checker lets three at most pass."""
_TAG = re.compile(r"<img\b", re.IGNORECASE)
_OVER_LINES = re.compile(r"!\[[^\[\]]{0,300}\]\([^()]{0,500}\)")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_TITLE = re.compile(r"""\s+(?:"[^"]*"|'[^']*'|\([^()]*\))\s*$""")


def picture_notes(answer: Answer, problem: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """The line and what is there; `problem` says what is wrong with the picture at a path, or nothing."""
    text, line_at = answer.text, answer.piece.line_at
    for picture in islice(pictures_in(text), MOST):
        if _is_code(text, picture.place):
            yield line_at(picture.place), "counts as a picture, but is shown as code"
        elif told := problem(picture_path(picture)):
            yield line_at(picture.place), told
    for tag in islice(_TAG.finditer(text), MOST):
        if not _is_code(text, tag.start()):
            yield line_at(tag.start()), "an <img> does not count; write ![words](figures/picture.png)"
    for over in islice(_OVER_LINES.finditer(text), MOST):
        if "\n" in over[0]:
            yield line_at(over.start()), "a picture over two lines does not count; write it in one"


def picture_path(picture: Picture) -> str:
    """The path of a picture, without a title and without angle brackets.

    >>> picture_path(Picture("", ' <a b.png> "a title"', 0))
    'a b.png'
    """
    path = _TITLE.sub("", picture.target[:4096]).strip()
    return path[1:-1] if path.startswith("<") and path.endswith(">") else path


def _is_code(text: str, place: int) -> bool:
    """Whether a place lies in a fenced block, or between back-ticks of its line."""
    begin = text.rfind("\n", 0, place) + 1
    return len(_FENCE.findall(text, 0, begin)) % 2 == 1 or text.count("`", begin, place) % 2 == 1
