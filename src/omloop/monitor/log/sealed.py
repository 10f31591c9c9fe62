"""Closed segments: omloop cuts off their torn end, compresses them, and reads them like any other.

`X.log` becomes `X.log.gz` (RFC 1952, one member). Both hold the same lines, so a place in one is a place in the other.
If both are there, a kill came between making the one and removing the other.
"""

import contextlib
import gzip
import logging
import os
import secrets
import zlib
from pathlib import Path
from typing import BinaryIO

from omloop.core import as_store_error, sync_folder
from omloop.core._locks import take

PACKED = ".gz"
LEVEL = 3
"""Of zlib's nine: a log becomes 4.7 times smaller at some 100 MB a second; 6 makes it 5.5 times at 45."""
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
_CHUNK = 1_000_000  # bytes that are read at a time, which bounds memory
_log = logging.getLogger("omloop.monitor")


def segment_files(folder: Path) -> list[Path]:
    """The segments in `folder`, by the time of their beginning; none if there is no such folder."""
    with as_store_error("read", folder):
        plain = {path.name: path for path in folder.glob("*.log")}
        # Looked for second: what is compressed meanwhile is there before its original goes.
        packed = {name_of(path): path for path in folder.glob(f"*.log{PACKED}")}
    found = {**packed, **plain}
    return [found[name] for name in sorted(found)]


def name_of(path: Path) -> str:
    """A segment's name, compressed or not."""
    return path.name.removesuffix(PACKED)


def packed_of(path: Path) -> Path:
    """The path of a compressed segment."""
    return path.with_name(name_of(path) + PACKED)


def packed_size(path: Path) -> int:
    """Bytes of lines in a compressed segment; 0 for a deleted one."""
    try:
        with path.open("rb") as file:
            file.seek(-4, os.SEEK_END)
            return int.from_bytes(file.read(4), "little")
    except FileNotFoundError:
        return 0
    except OSError:  # too short to have an end: it counts as one byte, so that whoever reads it finds out
        return 1


def segment_size(path: Path) -> int:
    """Bytes of lines in a segment, compressed or not; 0 for a deleted one."""
    if path.suffix != PACKED:
        with contextlib.suppress(FileNotFoundError):
            return path.stat().st_size
    return packed_size(packed_of(path))


def open_segment(path: Path) -> BinaryIO | None:
    """The lines of a segment, compressed or not; None for a deleted one."""
    for there in (path.with_name(name_of(path)), packed_of(path)):
        with contextlib.suppress(FileNotFoundError):
            return gzip.open(there) if there.suffix == PACKED else there.open("rb")  # type: ignore[return-value]
    return None


def seal(path: Path) -> bool:
    """Compress a closed segment, whole lines only; False if a process still writes it. Raises OSError.

    It removes the original after it has read the compressed file back from the disk. Several processes may do so at
    once.
    """
    with path.open("rb") as file:
        if not take(file.fileno()):
            return False
        if os.fstat(file.fileno()).st_nlink == 0:  # another process has just done it
            return True
        size, whole = os.fstat(file.fileno()).st_size, _whole(file)
        if whole < size:
            _log.warning("%s ended within a record; cut off %d bytes that were never answered", path, size - whole)
        if whole:
            _compress(path, file, whole)
        path.unlink()
    return True


def _compress(path: Path, file: BinaryIO, whole: int) -> None:
    staged = path.with_name(f".{path.name}{PACKED}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    times = os.fstat(file.fileno())
    try:
        with staged.open("wb") as target:
            with gzip.GzipFile("", "wb", LEVEL, target, mtime=0) as packed:
                for start in range(0, whole, _CHUNK):
                    packed.write(file.read(min(_CHUNK, whole - start)))
            target.flush()
            os.fsync(target.fileno())
        _check(staged, whole)
        os.utime(staged, ns=(times.st_atime_ns, times.st_mtime_ns))  # its age is that of its last record
        staged.replace(packed_of(path))
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)


def _check(staged: Path, whole: int) -> None:
    """Read it back, checksum included; raises OSError if the content is wrong."""
    try:
        with gzip.open(staged) as packed:
            found = sum(len(chunk) for chunk in iter(lambda: packed.read(_CHUNK), b""))
    except DAMAGED as error:
        raise OSError(f"the compressed copy cannot be read back: {error}") from error
    if found != whole:
        raise OSError(f"the compressed copy holds {found} bytes instead of {whole}")


def _whole(file: BinaryIO) -> int:
    """Bytes up to the last line's end; the file is at its beginning afterwards."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - _CHUNK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        end = start if found < 0 else start + found + 1
        if found >= 0:
            break
    file.seek(0)
    return end
