"""The one table in a compressed file, unpacked in memory within bounds."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path, PurePosixPath

from omloop.core import DataError
from omloop.data.sources.archive import zip_members

MOST_BYTES = 8 << 30
"""Of a table, unpacked: more does not fit into the memory of the machines that we know."""
_TABLES = {".csv", ".tsv", ".tab", ".parquet", ".pq", ".feather", ".arrow", ".json", ".jsonl", ".ndjson", ".xlsx"}
_TEXTS = {".txt", ".data", ".dat"}


def unpack(path: Path) -> tuple[str, bytes] | None:
    """The name and the content of the one table in a gzip or zip file; None for a file that is neither.

    Raises DataError for a damaged archive, for an archive without a table or with several, and for a member that leads
    out of the archive. A workbook is a zip file too; it stays as it is.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"\x1f\x8b"):
        return path.name.removesuffix(".gz"), _gunzip(path)
    if start == b"PK\x03\x04":
        return _unzip(path)
    return None


def _gunzip(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is a gzip file that is damaged or cut: {error}. Fetch it again.") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path} unpacks to more than {MOST_BYTES:,} bytes. Give a part of it.")
    return content


def _unzip(path: Path) -> tuple[str, bytes] | None:
    members = zip_members(path, most=MOST_BYTES)
    if "[Content_Types].xml" in members:
        return None
    files = [name for name in members if not name.startswith("__MACOSX/") and PurePosixPath(name).name[:1] != "."]
    of = {name: PurePosixPath(name).suffix.lower() for name in files}
    tables = [name for name in files if of[name] in _TABLES] or [name for name in files if of[name] in _TEXTS] or files
    if len(tables) != 1:
        told = ", ".join(f"{name:.40}" for name in tables[:3])
        what = f"{len(tables)} tables ({told})" if tables else "no file"
        raise DataError(f"{path} is a zip archive that holds {what}; unpack it and name the table in it.")
    if of[tables[0]] == ".npy":
        raise DataError(f"{path} is a NumPy archive (.npz); save its table as Parquet.")
    return PurePosixPath(tables[0]).name, members[tables[0]]()
