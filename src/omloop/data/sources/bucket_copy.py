"""A copy of objects of a bucket on this disk. It fetches only objects that changed, and continues broken downloads."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from omloop.core import SourceError, as_store_error
from omloop.core._locks import hold
from omloop.data.sources.archive import MOST_MEMBERS
from omloop.data.sources.bucket_service import BucketObject, BucketService
from omloop.data.sources.download import LOG, MOST_BYTES, MOST_S

PIECE = 16 << 20
"""Bytes that are asked for at once, and that are lost at most where a transfer breaks off."""
_THREADS = 8


def copy_objects(service: BucketService, objects: Sequence[BucketObject], folder: Path) -> None:
    """Make `folder` hold these objects and nothing else, each file whole or not at all.

    Raises SourceError for more than `MOST_BYTES`, `MOST_MEMBERS` or `MOST_S`, and for an object that changes meanwhile;
    StoreError where the disk refuses to write.
    """
    if len(objects) > MOST_MEMBERS or sum(one.size for one in objects) > MOST_BYTES:
        raise SourceError(
            f"{service.address} holds more than {MOST_BYTES:,} bytes or {MOST_MEMBERS:,} objects. Fetch it by hand "
            "and use data=file data.path=..."
        )
    with as_store_error("write", folder):
        folder.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("ab") as lock:
            hold(lock.fileno())
            _copy(service, objects, folder)


def _copy(service: BucketService, objects: Sequence[BucketObject], folder: Path) -> None:
    journal, parts = folder.with_suffix(".fetched"), folder.with_suffix(".parts")
    known = _read(journal)
    wanted = {one.name: one for one in objects}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            with suppress(OSError):  # it is not empty
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    missing = [one for one in objects if known.get(one.name) != one.mark or _size(folder / one.name) != one.size]
    LOG.info("%d of %d objects are to be fetched into %s", len(missing), len(objects), folder)
    deadline = time.monotonic() + MOST_S
    parts.mkdir(exist_ok=True)
    with journal.open("a", encoding="utf-8") as fetched, ThreadPoolExecutor(_THREADS) as pool:
        for one in missing:  # what is replaced now, and not told, must not be taken for what it was
            fetched.write(json.dumps([one.name, ""]) + "\n")
        fetched.flush()
        futures = [pool.submit(_fetch, service, one, folder / one.name, parts, deadline) for one in missing]
        try:
            for one, future in zip(missing, futures, strict=True):
                future.result()
                fetched.write(json.dumps([one.name, one.mark]) + "\n")
        finally:
            for future in futures:
                future.cancel()
    shutil.rmtree(parts)
    draft = journal.with_suffix(".draft")
    draft.write_text("".join(json.dumps([one.name, one.mark]) + "\n" for one in objects), encoding="utf-8")
    draft.replace(journal)


def _fetch(service: BucketService, one: BucketObject, target: Path, parts: Path, deadline: float) -> None:
    """Fetch one object by pieces, beginning where an earlier try broke off."""
    partial = parts / hashlib.sha256(f"{one.name} {one.mark} {one.size}".encode()).hexdigest()
    pieces = 0
    with partial.open("ab") as file:
        while (done := file.tell()) < one.size:
            if time.monotonic() > deadline:
                raise SourceError(f"{one.path} took more than {MOST_S:g} s. Try again: it goes on where it stopped.")
            file.write(_piece(service, one, done))
            pieces += done + PIECE < one.size or done > 0
    if pieces and service.one(one.path) != one:  # of one piece all bytes are of one moment
        partial.unlink()
        raise SourceError(f"{one.path} changed while it was fetched. Try again.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(target)


def _piece(service: BucketService, one: BucketObject, done: int) -> bytes:
    """The next bytes of an object; raises SourceError where there are fewer or none."""
    end = min(done + PIECE, one.size)
    try:
        piece = service.read(one.path, done, end)
    except FileNotFoundError as error:
        raise SourceError(f"{one.path} vanished while it was fetched. Try again.") from error
    if len(piece) != end - done:
        raise SourceError(f"{one.path} broke off after {done + len(piece)} of {one.size} bytes. Try again.")
    return piece


def _size(path: Path) -> int:
    """Bytes of a file; -1 where there is none."""
    return path.stat().st_size if path.is_file() else -1


def _read(journal: Path) -> dict[str, str]:
    """The mark of each fetched file; the last line of the journal may be incomplete."""
    found: dict[str, str] = {}
    if journal.is_file():
        for line in journal.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                name, mark = json.loads(line)
                found[name] = mark
    return found
