"""A report cut into answers as the course's checker cuts it, and what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

MARK = "Answer:"
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]*question[ \t]+(\d+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """What stands behind one `Answer:`, up to the next one or the end.

    `asked` is the text between the previous answer and this one, with the question. `line` is where the piece begins in
    the report, from 1.
    """

    text: str
    line: int
    asked: str
    is_last: bool

    @cached_property
    def end(self) -> int:
        """Where the checker cuts: at the first `###`, or at a `##` before it."""
        return self.text.find("##") if "###" in self.text else len(self.text)

    @property
    def is_dropped(self) -> bool:
        """Whether the checker passes over it, as it does where no heading follows."""
        return not self.is_last and "###" not in self.text

    @property
    def rest(self) -> str:
        """What stands behind the cut."""
        return self.text[self.end :]

    @property
    def heading(self) -> int | None:
        """The number in the heading that it stands under."""
        found = _HEADING.findall(self.asked)
        return int(found[-1][:9]) if found else None

    def line_at(self, place: int) -> int:
        """The line of the report at a place of the text."""
        return self.line + self.text.count("\n", 0, place)


@dataclass(frozen=True)
class Answer:
    """An answer as the checker counts it, and the piece that it comes from."""

    text: str
    piece: Piece

    @property
    def line(self) -> int:
        """Where its first word stands, or its `Answer:` where it has none."""
        blank = len(self.text) - len(self.text.lstrip())
        return self.piece.line_at(blank) if blank < len(self.text) else self.piece.line


@dataclass(frozen=True)
class Document:
    """The text of a report, with ends of lines as Python reads them: `\\n` alone."""

    text: str

    @cached_property
    def head(self) -> str:
        """What stands before the first `Answer:`."""
        return self.text.partition(MARK)[0]

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """What stands behind each `Answer:`."""
        return tuple(_pieces(self.text))

    @cached_property
    def answers(self) -> Sequence[Answer]:
        """The answers in order, as the checker has them.

        The checker passes over a piece without `###`, and counts the last piece whole: twice where it holds a `###`.

        >>> [one.text for one in Document("Answer: a ## b ### c Answer: d Answer: e").answers]
        [' a ', ' e']
        """
        cut = [Answer(one.text[: one.end], one) for one in self.pieces if "###" in one.text]
        return (*cut, *(Answer(one.text, one) for one in self.pieces[-1:]))

    @cached_property
    def headings(self) -> Sequence[tuple[int, int]]:
        """The number and the line of each heading that names a question."""
        lines, place, found = 1, 0, []
        for one in _HEADING.finditer(self.text):
            lines, place = lines + self.text.count("\n", place, one.start()), one.start()
            found.append((int(one[1][:9]), lines))
        return tuple(found)


def document_of(text: str) -> Document:
    """The document of a text with any ends of lines."""
    return Document(text.replace("\r\n", "\n").replace("\r", "\n"))


def _pieces(text: str) -> Iterator[Piece]:
    asked, *texts = text.split(MARK)
    line = 1 + asked.count("\n")
    for number, one in enumerate(texts, 1):
        piece = Piece(one, line, asked, number == len(texts))
        yield piece
        line += one.count("\n")
        if not piece.is_dropped:
            asked = piece.rest
