"""What the course's checker does not see in a report, and a reader does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from omloop.report.course.answers import Answer, Document, Piece
from omloop.report.course.judge import Judgement
from omloop.report.course.limits import Range
from omloop.report.course.picture_notes import picture_notes
from omloop.report.course.setext import setext_notes
from omloop.report.course.spans import COMMENT, spans_in

PLACEHOLDER = "the placeholder of the template is still here"
MOST = 20
"""Notes of one answer to show, at most."""
_PLACEHOLDER = re.compile(
    r"-{3}[ \t]*question[ \t]+\d+[ \t]+fill here[ \t]*-{3}|-{3}[^\n-]{0,80}\bfill\b[^\n-]{0,80}-{3}", re.IGNORECASE
)
_LEFT = re.compile(r"^[ \t>*_]*(?:recommended )?answer length\b|^[ \t]*>[ \t*_]*example:", re.IGNORECASE)
_SECTION = re.compile(r"^ {0,3}##[ \t]")
_HEADING_LINE = re.compile(r"^ {0,3}#{2,6}(?:[ \t]|$)")
_QUESTION_LINE = re.compile(r"^ {0,3}#{1,6}[ \t]*question[ \t]+\d+", re.IGNORECASE)
_EXAMPLE = re.compile(r"[ \t>]*[*_](?=\S)")
_MARKS = re.compile(
    r"(?<!\S)(?:>+|[+|]|\*+|_+|=+|`{3,}\w*|\|?:?-+:?(?:\|:?-+:?)*\|?|<br/?>?|/>)(?!\S)|^[ \t]*+\d{1,9}[.)](?!\S)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Note:
    """Something to look at: the answer that it is about, the line of the report, and what is there."""

    question: int
    line: int
    text: str


def notes_of(
    document: Document, judgements: Sequence[Judgement], problem: Callable[[str], str] = lambda _: ""
) -> Sequence[Note]:
    """What to look at, in order; `problem` says what is wrong with the picture at a path, or nothing."""
    found: list[Note] = []
    numbers = {id(answer.piece): number for number, answer in enumerate(document.answers, 1)}
    lost: list[Piece] = []
    for piece in document.pieces:
        if piece.is_dropped:
            lost.append(piece)
            continue
        number = numbers[id(piece)]
        answer, judgement = document.answers[number - 1], judgements[number - 1]
        told = (*_lost(lost), *_text_notes(answer, judgement), *picture_notes(answer, problem), *_cut(piece))
        found += (Note(number, line, text) for line, text in islice(sorted(told), MOST))
        if len(told) > MOST:
            found.append(Note(number, answer.line, f"and {len(told) - MOST:,} more of this answer"))
        lost = []
    return tuple(found)


def _lost(pieces: Sequence[Piece]) -> Iterator[tuple[int, str]]:
    for piece in pieces:
        words = len(piece.text.split())
        if words:
            yield piece.line_at(len(piece.text)), f"'Answer:' inside the answer: {_words(words)} before it do not count"


def _text_notes(answer: Answer, judgement: Judgement) -> Iterator[tuple[int, str]]:
    yield from _lines(answer, _is_placeholder, PLACEHOLDER)
    yield from _lines(answer, _is_left, "text of the template is inside the answer, and counts")
    if not judgement.words and judgement.passed:
        yield answer.line, "the answer is empty, and passes"
    yield from _marks(answer, judgement)
    yield from _comments(answer, judgement)
    yield from setext_notes(answer)


def _marks(answer: Answer, judgement: Judgement) -> Iterator[tuple[int, str]]:
    """Marks of Markdown, where the verdict hangs on them."""
    marks, asked = len(_MARKS.findall(answer.text)), judgement.limits.words
    if asked and _fits(judgement.words, asked) != _fits(judgement.words - marks, asked):
        would = "fail" if _fits(judgement.words, asked) else "pass"
        told = f"{marks} of its {_words(judgement.words)} are marks such as '>', '-' or '---'"
        yield answer.line, f"{told}: without them it would {would}"


def _comments(answer: Answer, judgement: Judgement) -> Iterator[tuple[int, str]]:
    comments = [one for one in spans_in(answer.text) if one.kind == COMMENT]
    if comments and judgement.limits.words:
        words = sum(len(answer.text[one.start : one.end].split()) for one in comments)
        yield answer.piece.line_at(comments[0].start), f"a comment: {_words(words)} count, and nobody sees them"


def _fits(count: int, asked: Range) -> bool:
    return asked[0] <= count <= asked[1]


def _lines(answer: Answer, holds: Callable[[str], bool], told: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(answer.text.split("\n"), answer.piece.line):
        if holds(line):
            yield number, told


def _is_placeholder(line: str) -> bool:
    return bool(_PLACEHOLDER.search(line))


def _is_left(line: str) -> bool:
    """Also an example, which begins in italics and leaves several words open."""
    return bool(_LEFT.search(line)) or (bool(_EXAMPLE.match(line)) and line.count(" ... ") > 1)


def _cut(piece: Piece) -> Iterator[tuple[int, str]]:
    """A heading, or any `##`, before the answer is over."""
    if piece.is_last or "###" not in piece.text:
        return
    rest = piece.rest.split("\n")
    is_inside_line = piece.text[: piece.end].rpartition("\n")[2].strip() != ""
    between = rest[: _next_question(rest)]
    lost = [
        line for line in between if line.strip() and not _HEADING_LINE.match(line) and not line.lstrip().startswith(">")
    ]
    deeper = [line for line in between if _HEADING_LINE.match(line) and not _SECTION.match(line)]
    if is_inside_line or lost or deeper:
        words = sum(len(line.split()) for line in between)
        told = f"a heading inside the answer, or a '##', cuts it off here: {_words(words)} do not count"
        yield piece.line_at(piece.end), told


def _next_question(lines: Sequence[str]) -> int:
    """The line with the heading of the next question: one that says so, else the last heading."""
    for pattern in (_QUESTION_LINE, _HEADING_LINE):
        found = [number for number, line in enumerate(lines) if pattern.match(line)]
        if found:
            return found[-1]
    return len(lines)


def _words(count: int) -> str:
    return f"{count:,} word" if count == 1 else f"{count:,} words"
