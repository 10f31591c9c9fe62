"""Finding and reading a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omloop.core import OmloopError, some
from omloop.report.course import QUESTIONS, Document, document_of

USUAL = ("README.md", "reports/README.md")
"""Where the course wants it, from the folder `reports` and from the repository."""
SEARCHED = (".", "reports")
LARGEST = 32 * 2**20
"""Bytes of a report; one of the course's has 40,000."""


def find_report(given: str | Path) -> Path:
    """The report at a path: a file, or in a folder its README.md, else reports/README.md, else what has all answers.

    A README without any answer is that of something else, and is passed over. Raises OmloopError where there is none.
    """
    with _readable(Path(given)):
        return _find(Path(given))


def _find(path: Path) -> Path:
    if not path.is_dir():
        if not path.exists():
            raise OmloopError(f"There is no '{path}'. Name a report in Markdown, or the folder that it lies in.")
        return path
    usual = [path / name for name in USUAL if (path / name).is_file()]
    for one in usual:
        if read_report(one).pieces:
            return one
    whole = [one for one in _markdown(path) if _is_whole(one)]
    if len(whole) == 1:
        return whole[0]
    raise OmloopError(_nothing(path, usual, whole))


def read_report(path: Path) -> Document:
    """The text of a report. Raises OmloopError for what is no text, and for what cannot be read."""
    with _readable(path):
        content = _content(path)
    try:
        return document_of(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        told = f"'{path}' is no text in UTF-8: line {line} has a byte that is none of it. Save it as UTF-8"
        raise OmloopError(f"{told}; the course's checker stops at it too.") from error


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise OmloopError(f"Cannot read '{where}': {error.strerror}. Check who may read it.") from error


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise OmloopError(f"'{path}' is not a file. Name a report in Markdown, or the folder that it lies in.")
    size = path.stat().st_size
    if size > LARGEST:
        raise OmloopError(f"'{path}' has {size:,} bytes; a report has {LARGEST:,} at most. Name another file.")
    return path.read_bytes()


def _markdown(folder: Path) -> Iterator[Path]:
    for name in SEARCHED:
        if (folder / name).is_dir():
            yield from sorted(one for one in (folder / name).iterdir() if one.suffix.lower() == ".md" and one.is_file())


def _is_whole(path: Path) -> bool:
    try:
        return len(read_report(path).answers) == QUESTIONS
    except OmloopError:
        return False


def _nothing(folder: Path, usual: Sequence[Path], whole: Sequence[Path]) -> str:
    if whole:
        names = some([str(one) for one in whole], quoted=True)
        return f"Several files have {QUESTIONS} answers: {names}. Name the one that is the report."
    where = f"'{folder}'" if str(folder) != "." else "this folder"
    names = some([str(one) for one in usual], quoted=True)
    told = f"{names} has no 'Answer:'" if usual else f"neither {' nor '.join(USUAL)} is there"
    return f"There is no report in {where}: {told}, and no Markdown file there has {QUESTIONS} answers. Name its file."
