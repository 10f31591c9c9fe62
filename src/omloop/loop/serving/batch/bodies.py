"""A folder or a zip of pictures or texts, each of them the body of a request: some files at a time."""

from __future__ import annotations

import functools
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import ClassVar, Self

import numpy as np

from omloop.core import DataError, ExampleArray, InputError, Wire, as_store_error
from omloop.loop.serving.batch.block import Block, ReadBlock, Refusal
from omloop.loop.serving.predict import media_type_of, most_bytes_of

MOST_AT_ONCE = 500
"""Files of one block: their pixels, or their texts, are in memory together."""
_ANY = "application/octet-stream"


@dataclass(frozen=True)
class Bodies:
    """Files by their paths below a folder or in a zip, in that order, without hidden ones.

    It sets aside a file that is unreadable, or that the model's kind refuses.
    """

    name: str
    files: Mapping[str, Callable[[int], bytes]]
    kind: Wire
    rows: int
    has_rows: ClassVar[bool] = False

    @classmethod
    def of_folder(cls, path: Path, kind: Wire, rows: int) -> Self:
        """All files below a folder."""
        path = path.absolute()  # blocks are read elsewhere, too
        with as_store_error("read", path):
            found = [Path(folder, file) for folder, _, files in os.walk(path) for file in files]
        names = {file.relative_to(path).as_posix(): partial(_read_file, file) for file in found}
        return cls._of(path, names, kind, rows)

    @classmethod
    def of_zip(cls, path: Path, kind: Wire, rows: int) -> Self:
        """All members of a zip, without writing any to disk; raises DataError for anything but a zip."""
        try:
            archive = _Archive(path.absolute())
        except (zipfile.BadZipFile, EOFError) as error:
            raise DataError(f"{path} is not a zip archive, or was cut. Fetch it again.") from error
        members = [member for member in archive.infolist() if not member.is_dir()]
        return cls._of(path, {one.filename: partial(_read_member, archive, one) for one in members}, kind, rows)

    @classmethod
    def of_file(cls, path: Path, kind: Wire, rows: int) -> Self:
        """The one file."""
        return cls(path.name, {path.name: partial(_read_file, path.absolute())}, kind, rows)

    @classmethod
    def _of(cls, path: Path, files: Mapping[str, Callable[[int], bytes]], kind: Wire, rows: int) -> Self:
        shown = {_shown(name): files[name] for name in sorted(files) if not _is_hidden(name)}
        return cls(path.name, shown, kind, min(rows, MOST_AT_ONCE))

    @property
    def kept_types(self) -> Mapping[str, str]:
        """All are texts."""
        return {}

    @property
    def size(self) -> int:
        """Files."""
        return len(self.files)

    def blocks(self, begin: int) -> Iterator[Block]:
        """Each of so many files."""
        names = list(self.files)
        for place in range(begin, len(names), self.rows):
            some = names[place : place + self.rows]
            alone = replace(self, files={name: self.files[name] for name in some})
            yield Block(partial(alone._read, some), place + len(some))

    def _read(self, names: Sequence[str]) -> ReadBlock:
        examples: list[ExampleArray] = []
        places: list[int] = []
        refusals: list[Refusal] = []
        for place, name in enumerate(names):
            try:
                examples.append(self._example(name))
                places.append(place)
            except InputError as error:
                refusals.append(Refusal(place, error.reason, file=name))
        kept = {"file": [names[place] for place in places]}
        whole = np.concatenate(examples) if examples else None
        return ReadBlock(len(names), whole, np.array(places, np.int64), kept, refusals)

    def _example(self, name: str) -> ExampleArray:
        media_type = media_type_of(self.kind, PurePosixPath(name))
        if media_type not in self.kind.media_types and _ANY in self.kind.media_types:
            media_type = _ANY  # the bytes decide
        most = most_bytes_of(media_type)
        content = self.files[name](most + 1)
        if len(content) > most:
            raise InputError(f"is longer than {most:,} bytes, as much as one body may have")
        found = self.kind.read(content, media_type)
        if len(found) != 1:
            raise InputError(f"holds {len(found):,} rows; name it by itself, or give each a file of its own")
        return found


class _Archive(zipfile.ZipFile):
    """A zip for another process, which opens the file itself, once."""

    def __reduce__(self) -> tuple[Callable[[str], _Archive], tuple[str]]:
        return _opened, (str(self.filename),)


@functools.lru_cache(maxsize=1)
def _opened(path: str) -> _Archive:
    return _Archive(path)


def _read_file(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    if stat.S_ISLNK(member.external_attr >> 16):
        raise InputError("is a link; pack the file itself")
    if member.filename.startswith("/") or ".." in PurePosixPath(member.filename.replace("\\", "/")).parts:
        raise InputError("has a name that leads out of the archive; pack it again")
    try:
        with archive.open(member) as file:
            return file.read(most)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        raise InputError(f"cannot be unpacked: {error}") from error


def _shown(name: str) -> str:
    """A name that may hold bytes of no encoding, as a text."""
    return name.encode(errors="backslashreplace").decode()


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)
