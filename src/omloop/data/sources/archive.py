"""Reading the members of a zip archive that somebody else packed, within bounds.

A member may be a link to anywhere, lie about its size, or unpack to a thousand times its size.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omloop.core import DataError

if TYPE_CHECKING:
    from pathlib import Path

MOST_MEMBERS = 1_000_000
MOST_BYTES = 64 << 20
"""Of one member, unpacked: more than any picture that a server takes."""


def zip_members(path: Path, *, most: int = MOST_BYTES) -> dict[str, Callable[[], bytes]]:
    """The files in the archive at `path`, each with a function that reads it.

    Raises DataError for anything but an archive, and for an archive with too many members. Raises it too for a member
    that is a link or leads out of the archive. Reading a member raises it for more than `most` bytes, declared or
    actual, and for a damaged or encrypted one.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{path} is not a zip archive, or was cut. Fetch it again.") from error
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise DataError(f"{path} holds {len(members):,} files; at most {MOST_MEMBERS:,} are read.")
    for member in members:
        if stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(f"{path}: {member.filename:.80} is a link. Pack the file itself.")
        if member.filename.startswith("/") or ".." in PurePosixPath(member.filename.replace("\\", "/")).parts:
            raise DataError(f"{path}: the member '{member.filename:.80}' leads out of the archive. Pack it again.")
    return {member.filename: partial(_read, archive, member, path, most) for member in members}


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, most: int) -> bytes:
    name = f"{path}: {member.filename:.80}"
    if member.file_size > most:
        raise DataError(f"{name} unpacks to {member.file_size:,} bytes; at most {most:,} are read.")
    try:
        with archive.open(member) as file:
            content = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{name} cannot be unpacked: {error}. Pack it again, without a password.") from error
    if len(content) > most:
        raise DataError(f"{name} unpacks to more than {most:,} bytes.")
    return content
