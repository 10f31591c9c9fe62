"""Vectors of texts, kept on disk by content, so that omloop embeds each text once.

Each encoder has one SQLite file. So several processes may read and write at once, and a dying process leaves nothing
half written. Each vector carries its own checksum. A cache never stops a training: it computes an unreadable vector
again.

Machines that share a bucket share the vectors too. Each sends its new vectors as a piece,
`embeddings/<digest>/<piece>`. A piece is rows of a key and a value; its name is the digest of its content, and it never
changes. The others fetch a piece once.
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

from omloop.core import Bucket, ConflictError, StoreError

LOG = logging.getLogger("omloop.train")
_CHECK = 4
_WAIT_S = 60.0
_KEY = 32
_ASK = 500  # names in one question: SQLite takes 999 at least


class EmbeddingCache:
    """The vectors of one encoder, float32 of shape (width,) each, in `folder`; `digest` says what made them.

    With a `bucket`, those of other machines too.
    """

    def __init__(self, folder: Path, digest: str, width: int, bucket: Bucket | None = None) -> None:
        self.path = folder / f"{digest}.sqlite"
        self.width = width
        self._bucket, self._pieces = bucket, f"embeddings/{digest}"

    def find(self, texts: Sequence[str]) -> dict[int, NDArray[np.float32]]:
        """The known vectors, by position."""
        if self._bucket is not None:
            self._fetch(self._bucket)
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
        if self._bucket is not None:
            self._send(self._bucket, b"".join(key + value for key, value in rows))

    def _fetch(self, bucket: Bucket) -> None:
        """Fetch the new pieces of other machines."""
        with self._trouble("shared"), self._open() as store:
            known = {name for (name,) in store.execute("SELECT name FROM pieces")}
            for name in bucket.list(self._pieces):
                if name in known:
                    continue
                content, step = bucket.read(f"{self._pieces}/{name}"), _KEY + 4 * self.width + _CHECK
                starts = range(0, len(content), step) if len(content) % step == 0 else ()  # else it is no piece of ours
                rows = ((content[start : start + _KEY], content[start + _KEY : start + step]) for start in starts)
                store.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
                store.execute("INSERT OR IGNORE INTO pieces VALUES (?)", (name,))
                store.commit()

    def _send(self, bucket: Bucket, content: bytes) -> None:
        name = hashlib.sha256(content).hexdigest()
        with self._trouble("shared"), self._open() as store:
            with contextlib.suppress(ConflictError):  # another machine embedded the same texts
                bucket.create(f"{self._pieces}/{name}", content)
            store.execute("INSERT OR IGNORE INTO pieces VALUES (?)", (name,))

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(self.path, timeout=_WAIT_S)
        try:
            with store:
                store.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
                store.execute("CREATE TABLE IF NOT EXISTS pieces (name TEXT PRIMARY KEY) WITHOUT ROWID")
                yield store
        finally:
            store.close()

    @contextlib.contextmanager
    def _trouble(self, done: str) -> Iterator[None]:
        """Continue without the cache; it sets a truncated or invalid file aside for the next time."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            LOG.warning("the cache %s cannot be %s, so texts are embedded again: %s", self.path, done, error)
            if not isinstance(error, sqlite3.OperationalError):
                self.path.unlink(missing_ok=True)
        except (OSError, StoreError) as error:
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
