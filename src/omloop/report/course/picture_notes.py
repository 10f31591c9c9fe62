"""Pictures of an answer that a reader misses, though the course's checker counts them, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from omloop.report.course.answers import Answer
from omloop.report.course.pictures import Picture, pictures_in
from omloop.report.course.spans import CODE, COMMENT, kind_at, spans_in

MOST = 100
"""Pictures of one answer to look at, at most: the checker lets three at most pass."""
_UNSEEN = {
    CODE: "counts as a picture, but is shown as code",
    COMMENT: "counts as a picture, but lies in a comment, which nobody sees",
}
_TAG = re.compile(r"<img\b", re.IGNORECASE)
_OVER_LINES = re.compile(r"!\[[^\[\]]{0,300}\]\([^()]{0,500}\)")
_TITLE = re.compile(r"""\s+(?:"[^"]*"|'[^']*'|\([^()]*\))\s*$""")


def picture_notes(answer: Answer, problem: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """The line and what is there; `problem` says what is wrong with the picture at a path, or nothing."""
    text, line_at, spans = answer.text, answer.piece.line_at, list(spans_in(answer.text))
    for picture in islice(pictures_in(text), MOST):
        told = _UNSEEN.get(kind_at(spans, picture.place)), problem(picture_path(picture))
        if any(told):
            yield line_at(picture.place), "; ".join(filter(None, told))
    for tag in islice(_TAG.finditer(text), MOST):
        if not kind_at(spans, tag.start()):
            yield line_at(tag.start()), "an <img> does not count; write ![words](figures/picture.png)"
    for over in islice(_OVER_LINES.finditer(text), MOST):
        if "\n" in over[0] and not kind_at(spans, over.start()):
            yield line_at(over.start()), "a picture over two lines does not count; write it in one"


def picture_path(picture: Picture) -> str:
    """The path of a picture, without a title and without angle brackets.

    >>> picture_path(Picture("", ' <a b.png> "a title"', 0))
    'a b.png'
    """
    path = _TITLE.sub("", picture.target[:4096]).strip()
    return path[1:-1] if path.startswith("<") and path.endswith(">") else path
