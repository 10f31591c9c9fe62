"""A cache of encoded examples: a second turn over the same records need not decode every picture again.

It keeps an array as `.npy`, with its own digest behind it. The name is the digest of the records and of all that
encoding depends on. It maps the array into memory, and reads pages when a batch needs them. You may empty the folder at
any time. It makes a damaged file, or one of another version, again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ExampleArray, Kind, StoreError, write_whole

LOG = logging.getLogger("omloop.data")
FORMAT = 2
"""Counts up when an encoded example takes another form."""
MOST = 8
WORTH = 1 << 20
_DIGEST = 32
# What turns a file into pixels: another release of it may turn the same file into others.
_MAKERS = ("omloop", "numpy", "pillow")


def encode_cached(kind: Kind, records: Columns, keys: NDArray[np.str_], folder: Path | None) -> ExampleArray:
    """`kind.encode(records)`, from `folder` if it is there; `keys` name the records' content, in order."""
    path = folder / f"{_name(kind, keys)}.npy" if folder else None
    known = _load(path) if path else None
    if known is not None and len(known) == len(keys):
        return known
    examples = kind.encode(records)
    # Objects would need pickle, which runs what it reads; and what is small is encoded faster than it is found.
    if path is None or examples.dtype.hasobject or examples.nbytes < WORTH:
        return examples
    _keep(path, examples)
    kept = _load(path)
    return examples if kept is None else kept


def _name(kind: Kind, keys: NDArray[np.str_]) -> str:
    how = json.dumps([FORMAT, kind.describe(), [version(name) for name in _MAKERS]], sort_keys=True)
    return hashlib.sha256("\n".join([how, *keys.tolist()]).encode()).hexdigest()[:32]


def _keep(path: Path, examples: ExampleArray) -> None:
    """Write the array in one step, and remove the oldest beyond MOST; without room it keeps nothing."""
    file = io.BytesIO()
    np.save(file, examples, allow_pickle=False)
    try:
        write_whole(path, file.getvalue() + hashlib.sha256(file.getbuffer()).digest())
    except StoreError as error:
        LOG.warning("prepared examples are not kept: %s", error)
        return
    others = sorted(path.parent.glob("*.npy"), key=_age)
    for old in others[MOST:]:
        with contextlib.suppress(OSError):
            old.unlink()


def _age(path: Path) -> float:
    """Newest first; what another process removed meanwhile comes last."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _load(path: Path) -> ExampleArray | None:
    """The array, copied on write; None if it is missing or incomplete."""
    try:
        content = np.memmap(path, np.uint8, "r")
        if hashlib.sha256(content[:-_DIGEST].data).digest() != content[-_DIGEST:].tobytes():
            raise ValueError("its digest does not match")
        kept: ExampleArray = np.load(path, mmap_mode="c", allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        LOG.warning("%s is damaged and is made again: %s", path.name, error)
        return None
    return kept
