"""Vectors of texts, kept on disk by content: what was embedded once need not be embedded again.

One SQLite file an encoder, so several processes may read and write at once and a process that dies leaves nothing half
written. Each vector carries a check of its own. A cache never stops a training: what cannot be read is made again.
"""

import contextlib
import hashlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

LOG = logging.getLogger("omloop.train")
_CHECK = 4
_WAIT_S = 60.0
_ASK = 500  # names in one question: SQLite takes 999 at least


class EmbeddingCache:
    """The vectors of one encoder, float32 of shape (width,) each, in `folder`; `digest` says what made them."""

    def __init__(self, folder: Path, digest: str, width: int) -> None:
        self.path = folder / f"{digest}.sqlite"
        self.width = width

    def find(self, texts: Sequence[str]) -> dict[int, NDArray[np.float32]]:
        """The vectors that are known, by position."""
        keys = [_key(text) for text in texts]
        known: dict[bytes, bytes] = {}
        if self.path.is_file():
            with self._trouble("read"), self._open() as store:
                for start in range(0, len(keys), _ASK):
                    some = keys[start : start + _ASK]
                    marks = ",".join("?" * len(some))
                    known.update(store.execute(f"SELECT key, value FROM vectors WHERE key IN ({marks})", some))  # noqa: S608
        vectors = {index: self._vector(known[key]) for index, key in enumerate(keys) if key in known}
        return {index: vector for index, vector in vectors.items() if vector is not None}

    def keep(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Remember the vectors of some texts."""
        rows = [(_key(text), _checked(vector.tobytes())) for text, vector in zip(texts, vectors, strict=True)]
        with self._trouble("written"), self._open() as store:
            store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(self.path, timeout=_WAIT_S)
        try:
            with store:
                store.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
                yield store
        finally:
            store.close()

    @contextlib.contextmanager
    def _trouble(self, done: str) -> Iterator[None]:
        """Go on without the cache; a file that was cut or is none is left aside for the next time."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            LOG.warning("the cache %s cannot be %s, so texts are embedded again: %s", self.path, done, error)
            if not isinstance(error, sqlite3.OperationalError):
                self.path.unlink(missing_ok=True)
        except OSError as error:
            LOG.warning("the cache %s cannot be %s, so texts are embedded again: %s", self.path, done, error)

    def _vector(self, value: bytes) -> NDArray[np.float32] | None:
        content, check = value[:-_CHECK], value[-_CHECK:]
        if len(content) != 4 * self.width or crc32(content).to_bytes(_CHECK, "big") != check:
            return None
        return np.frombuffer(content, np.float32)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _checked(content: bytes) -> bytes:
    return content + crc32(content).to_bytes(_CHECK, "big")
