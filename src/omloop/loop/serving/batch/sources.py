"""What a path to many rows names: tables, or pictures and texts that are files of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from omloop.core import Kind, OmloopError, SourceError, some
from omloop.data.sources.file_kinds import JSON_LINES, PARQUET, TEXT, kind_of
from omloop.loop.serving.batch.block import BlockSource
from omloop.loop.serving.batch.bodies import Bodies
from omloop.loop.serving.batch.csv_file import CsvFile
from omloop.loop.serving.batch.json_lines import JsonLines
from omloop.loop.serving.batch.parquet_file import ParquetFile

TABLES = frozenset({".csv", ".parquet", ".pq", ".jsonl", ".ndjson"})
"""The suffixes of files of rows; a single file shows its format by its content."""
_ROWS = {"application/json", "text/csv", "multipart/form-data"}
_ZIP = b"PK\x03\x04", b"PK\x05\x06"


def find_sources(given: str, kind: Kind, keep: Sequence[str], rows: int) -> list[BlockSource]:
    """The sources that a path or a pattern such as `part-*.csv` names, in the order of their names.

    A folder holds tables, or else each of its files is a picture or a text. Raises SourceError if there is nothing, and
    OmloopError for input that does not come in blocks.
    """
    found = _sources(given, kind, keep, rows)
    for other in found[1:]:
        if other.kept_types != found[0].kept_types:
            raise OmloopError(
                f"A column to keep is not of one type in {found[0].name} and {other.name}. Write it alike in all files."
            )
    return found


def _sources(given: str, kind: Kind, keep: Sequence[str], rows: int) -> list[BlockSource]:
    path = Path(given)
    if path.is_dir():
        return _in_folder(path, kind, keep, rows)
    if path.is_file():
        return [_in_file(path, path.name, kind, keep, rows)]
    found = _matching(given)
    if not found:
        raise SourceError(f"There is no file, folder or pattern of files '{given}'.")
    return [_in_file(one, one.as_posix(), kind, keep, rows) for one in found]


def identify(given: str) -> str:
    """What the files looked like, by their names, sizes and times: whether it is the same input as before."""
    path = Path(given)
    files = path.rglob("*") if path.is_dir() else [path] if path.is_file() else _matching(given)
    seen = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        about = file.stat()
        seen.update(f"{file}\0{about.st_size}\0{about.st_mtime_ns}\n".encode(errors="backslashreplace"))
    return seen.hexdigest()


def _matching(pattern: str) -> list[Path]:
    """The files that a pattern names."""
    parts = Path(pattern).parts
    fixed = next((place for place, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    below = Path(*parts[:fixed]).glob("/".join(parts[fixed:])) if fixed < len(parts) else []
    return sorted(file for file in below if file.is_file())


def _in_folder(path: Path, kind: Kind, keep: Sequence[str], rows: int) -> list[BlockSource]:
    files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    tables = [file for file in files if file.suffix.lower() in TABLES]
    if tables and (len(tables) == len(files) or not _own_types(kind)):
        return [_in_file(file, file.relative_to(path).as_posix(), kind, keep, rows) for file in tables]
    if not files or not _own_types(kind):
        raise SourceError(f"{path} holds no file of rows. Their names end in {', '.join(sorted(TABLES))}.")
    return [_of_bodies(Bodies.of_folder(path, kind, rows), keep)]


def _in_file(path: Path, name: str, kind: Kind, keep: Sequence[str], rows: int) -> BlockSource:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if start in _ZIP and _own_types(kind):
        return _of_bodies(Bodies.of_zip(path, kind, rows), keep)
    if path.suffix.lower() not in TABLES and _own_types(kind):
        return _of_bodies(Bodies.of_file(path, kind, rows), keep)
    found = kind_of(path)
    if found == PARQUET:
        return ParquetFile.of(path, name, kind, keep, rows)
    if found == JSON_LINES:
        return JsonLines.of(path, name, kind, keep, rows)
    if found == TEXT:
        return CsvFile.of(path, name, kind, keep, rows)
    raise OmloopError(f"{path} is read as a whole ({found}). Save it as CSV, Parquet or JSON lines to answer it.")


def _own_types(kind: Kind) -> set[str]:
    """Content types of files that are one example each."""
    return set(kind.media_types) - _ROWS


def _of_bodies(bodies: Bodies, keep: Sequence[str]) -> Bodies:
    if keep:
        raise OmloopError(f"There is no column to keep beside files ({some(keep)}): their names are kept anyway.")
    return bodies
