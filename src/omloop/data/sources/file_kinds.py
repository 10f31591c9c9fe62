"""What a data file is, by its first bytes: its name may say anything."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from omloop.core import DataError

if TYPE_CHECKING:
    from pathlib import Path

PARQUET, ARROW, EXCEL, TEXT = "parquet", "arrow", "excel", "text"
JSON_LINES, JSON_ARRAY = "json lines", "json array"
START = 4096
"""Bytes that are looked at."""

_OTHERS = {
    b"\xff\xfe": "is UTF-16, not UTF-8; save it as UTF-8, or read it with encoding='utf-16'",
    b"\xfe\xff": "is UTF-16, not UTF-8; save it as UTF-8, or read it with encoding='utf-16'",
    b"\x1f\x8b": "is compressed twice; unpack it first",
    b"BZh": "is compressed with bzip2; unpack it first",
    b"\xfd7zXZ": "is compressed with xz; unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; unpack it first",
    b"7z\xbc\xaf": "is a 7-Zip archive; unpack it and name the table in it",
    b"SQLite format 3": "is an SQLite database; export one table of it as CSV or Parquet",
    b"\x89HDF": "is an HDF5 file; save its table as Parquet",
    b"ORC": "is an ORC file; save its table as Parquet",
    b"Obj\x01": "is an Avro file; save its table as Parquet",
    b"\x80\x02": "is a pickle, which runs code when it is read; save its table as Parquet",
    b"\x80\x03": "is a pickle, which runs code when it is read; save its table as Parquet",
    b"\x80\x04": "is a pickle, which runs code when it is read; save its table as Parquet",
    b"\x80\x05": "is a pickle, which runs code when it is read; save its table as Parquet",
    b"%PDF": "is a PDF; save its table as CSV",
}


def kind_of(path: Path, content: bytes | None = None, *, suffix: str = "") -> str:
    """`PARQUET`, `ARROW`, `EXCEL`, `JSON_LINES`, `JSON_ARRAY` or `TEXT`, of a file or of its unpacked content.

    `suffix` is that of the unpacked name. Raises DataError that names what else a file is, and what to do. Raises
    OSError for an unreadable file.
    """
    if content is None:
        with path.open("rb") as file:
            start = file.read(START)
    else:
        start = content[:START]
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith(b"ARROW1"):
        return ARROW
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return EXCEL
    if start.startswith(b"FEA1"):
        raise DataError(f"{path} is a Feather file of version 1; save it as version 2 or as Parquet.")
    if start.startswith(b"PK\x03\x04"):
        return _archive(path, content)
    for signature, words in _OTHERS.items():
        if start.startswith(signature):
            raise DataError(f"{path} {words}.")
    return _text(path, start, suffix or path.suffix.lower())


def _archive(path: Path, content: bytes | None) -> str:
    try:
        with zipfile.ZipFile(path if content is None else io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is a zip archive that is damaged or cut; fetch it again.") from error
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return EXCEL
    what = "a Word or PowerPoint file" if "[Content_Types].xml" in names else "a zip archive in another archive"
    raise DataError(f"{path} is {what}; save its table as CSV.")


def _text(path: Path, start: bytes, suffix: str) -> str:
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith(b"{"):
        return JSON_LINES
    if first.startswith(b"["):
        return JSON_ARRAY
    if first[:100].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(f"{path} is a web page or XML, not a table; was it fetched from the page about the data?")
    if suffix in (".parquet", ".pq", ".feather", ".arrow") and first:
        raise DataError(f"{path} cannot be read as a table: it is called {suffix} and is none; fetch it again.")
    if b"\0" in start:
        raise DataError(f"{path} is no text: byte {start.index(0)} is 0. Save the table as CSV (UTF-8) or Parquet.")
    return TEXT
