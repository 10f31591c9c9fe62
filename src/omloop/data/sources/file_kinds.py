"""What a data file is, by its first bytes: its name may say anything."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from omloop.core import DataError

if TYPE_CHECKING:
    from pathlib import Path

PARQUET, ARROW, JSON_LINES, TEXT = "parquet", "arrow", "json lines", "text"

_OTHERS = {
    b"\xff\xfe": "is UTF-16, not UTF-8; save it as UTF-8",
    b"\xfe\xff": "is UTF-16, not UTF-8; save it as UTF-8",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook (.xls); save its sheet as CSV",
    b"\x1f\x8b": "is compressed with gzip; unpack it first",
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


def kind_of(path: Path) -> str:
    """`PARQUET`, `ARROW`, `JSON_LINES` or `TEXT`; raises DataError that names what else a file is, and what to do.

    Raises OSError for a file that cannot be read.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder; name one file in it, or give the project a `read` of its own.")
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith(b"ARROW1"):
        return ARROW
    if start.startswith(b"FEA1"):
        raise DataError(f"{path} is a Feather file of version 1; save it as version 2 or as Parquet.")
    if start.startswith(b"PK\x03\x04"):
        raise DataError(f"{path} {_archive(path)}.")
    for signature, words in _OTHERS.items():
        if start.startswith(signature):
            raise DataError(f"{path} {words}.")
    return _text(path, start)


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "is a zip archive that is damaged or cut; fetch it again"
    if "[Content_Types].xml" in names:
        return "is an Excel workbook (.xlsx); save its sheet as CSV"
    if names and all(name.endswith(".npy") for name in names):
        return "is a NumPy archive (.npz); save its table as Parquet"
    return f"is a zip archive ({', '.join(name[:40] for name in names[:3])}); unpack it and name the table in it"


def _text(path: Path, start: bytes) -> str:
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith(b"{"):
        return JSON_LINES
    if first.startswith(b"["):
        raise DataError(f"{path} is one JSON list; write an object a line (JSON Lines), or save it as CSV.")
    if first[:100].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(f"{path} is a web page or XML, not a table; was it fetched from the page about the data?")
    if path.suffix.lower() in (".parquet", ".pq", ".feather", ".arrow") and first:
        raise DataError(f"{path} cannot be read as a table: it is called {path.suffix} and is none; fetch it again.")
    if b"\0" in start:
        raise DataError(f"{path} is no text: byte {start.index(0)} is 0. Save the table as CSV (UTF-8) or Parquet.")
    return TEXT
