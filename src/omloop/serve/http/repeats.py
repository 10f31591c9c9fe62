"""`Idempotency-Key`: a repeated request gets the answer of the first, and is recorded once.

After draft-ietf-httpapi-idempotency-key-header: it keeps no failures, so that a client may try again. Answers live as
long as the server, at most `KEPT_S`; its workers share them through a file.
"""

import asyncio
import hashlib
import logging
import re
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from omloop.serve.answer.work import Work
from omloop.serve.refusal import Refusal

HEADER = "idempotency-key"
REPEATED = "Idempotent-Replayed"
"""The header of a repeated answer, with the value `true`; Stripe's API uses the same name."""
MOST_CHARACTERS = 255  # of a key, as many as Stripe's API takes
KEPT_S = 86_400.0  # Stripe keeps them for a day at least
CLAIMED_S = 60.0
"""A request that has no answer after so long died with its worker; its key is free again."""
MOST_BYTES, MOST_KEYS = 64 << 20, 100_000
"""The most bytes of all answers, and the most answers; beyond either it drops the oldest."""

_WAIT_S = 5.0  # for another worker's write
_log = logging.getLogger("omloop.serve")
_KEY = re.compile(rf'"([!#-\[\]-~]{{1,{MOST_CHARACTERS}}})"|([!#-\[\]-~]{{1,{MOST_CHARACTERS}}})')
_TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, digest BLOB, time REAL, answer BLOB, bytes INTEGER)"
_OLD = "DELETE FROM answers WHERE time < CASE WHEN answer IS NULL THEN ? ELSE ? END"
_MANY = """DELETE FROM answers WHERE answer IS NOT NULL AND time <= (SELECT max(time) FROM (
    SELECT time, sum(bytes) OVER newest AS total, row_number() OVER newest AS place
    FROM answers WHERE answer IS NOT NULL WINDOW newest AS (ORDER BY time DESC, key)) WHERE total > ? OR place > ?)"""


class Repeats:
    """Answers by the key of their request, in a file that workers share, or in memory; safe from several threads."""

    def __init__(self, path: Path | None = None, *, most_bytes: int = MOST_BYTES, most_keys: int = MOST_KEYS) -> None:
        self._path = path
        self._most = most_bytes, most_keys
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    async def once(
        self, headers: Mapping[str, str], asked: tuple[bytes, ...], ask: Callable[[], Awaitable[Work]]
    ) -> Work:
        """The result of `ask`, or its earlier result for the same request; `asked` is all that an answer depends on.

        Raises Refusal: 400 for a malformed key, 409 while the first request has no answer, 422 for the key of another
        request.
        """
        given = headers.get(HEADER)
        if given is None:
            return await ask()
        key, digest = _key(given), hashlib.sha256(b"\0".join(asked)).digest()
        try:
            before = await asyncio.to_thread(self.claim, key, digest, time.time())
        except sqlite3.Error as error:
            _log.warning("an Idempotency-Key could not be looked up: %s", error)
            raise Refusal(503, "the Idempotency-Key cannot be looked up now; try again later") from error
        if before is not None:
            return Work(b"", "", _nobody, 0.0, status=200, answer=before, headers={REPEATED: "true"})
        answer = None
        try:
            work = await ask()
            answer = work.answer if work.status == 200 else None
        finally:
            await asyncio.to_thread(self._settle, key, answer)
        return work

    def _settle(self, key: str, answer: bytes | None) -> None:
        try:
            self.settle(key, answer, time.time())
        except sqlite3.Error as error:  # the answer is given all the same; the key is free after `CLAIMED_S`
            _log.warning("the answer to an Idempotency-Key could not be kept: %s", error)

    def claim(self, key: str, digest: bytes, now: float) -> bytes | None:
        """The answer to the request of this key and digest; if there is none, it claims the key and gives None."""
        with self._lock, self._store() as store:
            store.execute("BEGIN IMMEDIATE")
            store.execute(_OLD, (now - CLAIMED_S, now - KEPT_S))
            found = store.execute("SELECT digest, answer FROM answers WHERE key = ?", (key,)).fetchone()
            if found is None:
                store.execute("INSERT INTO answers VALUES (?, ?, ?, NULL, 0)", (key, digest, now))
                return None
        # Behind the `with`: the lock is given back before anything is refused.
        known, answer = found
        if known != digest:
            told = "this Idempotency-Key was sent with another request; give each request a key of its own"
            raise Refusal(422, told, code="idempotency_key_reused")
        if answer is None:
            told = "the request of this Idempotency-Key is being answered; ask again in a moment"
            raise Refusal(409, told, code="idempotency_key_in_use", headers={"Retry-After": "1"})
        return bytes(answer)

    def settle(self, key: str, answer: bytes | None, now: float) -> None:
        """Keep the answer to the request that claimed the key, or release the key without one."""
        with self._lock, self._store() as store:
            store.execute("BEGIN IMMEDIATE")
            if answer is None:
                store.execute("DELETE FROM answers WHERE key = ? AND answer IS NULL", (key,))
            else:
                values = (answer, len(answer), now, key)
                store.execute("UPDATE answers SET answer = ?, bytes = ?, time = ? WHERE key = ?", values)
                store.execute(_MANY, self._most)

    def _store(self) -> sqlite3.Connection:
        if self._opened is None:
            path = str(self._path) if self._path is not None else ":memory:"
            self._opened = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_WAIT_S)
            self._opened.execute("PRAGMA synchronous = OFF")  # it need not outlive the server
            self._opened.execute(_TABLE)
        return self._opened


def _key(given: str) -> str:
    """The key, which may stand in quotes.

    >>> _key('"8e03978e"') == _key("8e03978e")
    True
    """
    found = _KEY.fullmatch(given.strip())
    if found is None:
        told = f"Idempotency-Key is '{given:.40}'; send 1 to {MOST_CHARACTERS} printable ASCII characters, as of a UUID"
        raise Refusal(400, told, code="invalid_header")
    return found[1] or found[2]


def _nobody(work: Work) -> None:
    """Nobody waits for earlier answers."""
