"""Writing files so that a reader, or the next process after a crash, sees all of one or none of it."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from omloop.core._errors import ConflictError, StoreError

_MISNAMED = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP}
"""Errors that come from the path, and not from the disk or from rights."""
_CROWDED = {errno.EMFILE, errno.ENFILE}
"""Errors of a process, or of a machine, that has as many files and connections open as it may."""


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path`, replacing what stood there in one step.

    Raises StoreError if it cannot write the folder or the disk is full; the old content then stays.
    """
    with _staged(path, content) as staged:
        staged.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Write `content` to `path`, which must not exist yet: the compare-and-swap of a file system.

    Raises ConflictError if the path exists, however close the race, and StoreError if writing fails.
    """
    with _staged(path, content) as staged:
        try:
            os.link(staged, path)
        except FileExistsError as error:
            raise ConflictError(f"{path.name} was written by somebody else a moment ago; read it again.") from error


def leftovers(folder: Path, *, before: float) -> list[Path]:
    """Files under `folder` that a killed writer left, last changed before that moment (seconds since 1970)."""
    return sorted(path for path in folder.rglob(".*.tmp") if _changed(path) < before)


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` survive a power cut, where the system can (Windows cannot open a folder)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def as_store_error(what: str, path: Path) -> Iterator[None]:
    """Turn an OSError into a StoreError of one line that says what failed, and where."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"Cannot {what} {path}: {reason}. {_advice(what, error.errno)}.") from error


def _advice(what: str, number: int | None) -> str:
    if number in _CROWDED:
        return "Raise the limit of open files (ulimit -n), or start fewer at once"
    misnamed = number in _MISNAMED
    if misnamed and what == "read":
        return "Check the path"
    advice = "Check the path" if misnamed else "Free some space or check its rights"
    return f"{advice}, or choose another workspace with --workspace, OMLOOP_WORKSPACE or omloop.toml"


@contextlib.contextmanager
def _staged(path: Path, content: bytes) -> Iterator[Path]:
    staged = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with as_store_error("write", path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with staged.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield staged
            sync_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                staged.unlink(missing_ok=True)


def _changed(path: Path) -> float:
    """When the file was last changed; never, if its writer has just taken it away."""
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")
