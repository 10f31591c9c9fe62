"""The index: an SQLite file made from the segments, for finding and for asking. It can be deleted at any time.

    segments     name, offset (bytes indexed so far), damaged (broken records skipped so far)
    predictions  id, time, version, inputs (JSON), output (JSON), latency_ms
    labels       id, number, label (JSON), time: every label that was received; the highest number counts
    labelled     a view: predictions with the label that counts, as `label` and `label_time`

Times are in seconds since 1970 (UTC). `offset` moves on in the transaction that adds the rows before it, so several
processes may index the same segments at once, and a kill loses nothing.
"""

import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson

from omloop.core import StoreError, saying
from omloop.monitor.feedback import Known
from omloop.monitor.records import PredictionRecord, read_record
from omloop.monitor.segments import segment_files

SCHEMA_VERSION = 1
SCHEMA = f"""
BEGIN;
CREATE TABLE segments (name TEXT PRIMARY KEY, offset INTEGER NOT NULL, damaged INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE predictions (
    id TEXT PRIMARY KEY, time REAL NOT NULL, version TEXT NOT NULL,
    inputs TEXT NOT NULL, output TEXT NOT NULL, latency_ms REAL NOT NULL
);
CREATE INDEX predictions_by_time ON predictions (time, id);
CREATE INDEX predictions_by_version ON predictions (version, time, id);
CREATE TABLE labels (id TEXT NOT NULL, number INTEGER NOT NULL, label TEXT NOT NULL, time REAL NOT NULL);
CREATE INDEX labels_by_id ON labels (id, number);
CREATE VIEW labelled AS
    SELECT p.id, p.time, p.version, p.inputs, p.output, p.latency_ms, l.label, l.time AS label_time
    FROM predictions p JOIN labels l ON l.rowid =
        (SELECT rowid FROM labels WHERE id = p.id ORDER BY number DESC, rowid DESC LIMIT 1);
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""  # noqa: S608 - a constant of ours

_logger = logging.getLogger("omloop.monitor")
_WAIT_SECONDS = 30.0
_PREDICTION = "p.id, p.time, p.version, p.inputs, p.output, p.latency_ms"
_LABEL = "(SELECT label FROM labels WHERE id = p.id ORDER BY number DESC, rowid DESC LIMIT 1)"
_UNUSABLE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY_DBMOVED)

Answer = TypeVar("Answer")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Damage:
    """What could not be read of a log: `broken` records that were skipped, `torn` segments that end within a record.

    A kill in the middle of a write leaves a torn segment; what was torn had not been answered.
    """

    broken: int
    torn: int


class Index:
    """The SQLite file in `folder`, brought up to date with the segments before each answer. Safe for threads.

    It is made again by itself when it is missing, damaged or of another schema. Methods raise StoreError when it
    cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "index.sqlite"
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: int | None = None
        self._unusable: int | None = None
        self._said: set[tuple[str, int]] = set()
        self._closed = False

    def find(self, prediction: str) -> Row | None:
        """(id, time, version, inputs, output, latency_ms, label), JSON as text; the label is None if there is none."""
        query = f"SELECT {_PREDICTION}, {_LABEL} FROM predictions p WHERE p.id = ?"  # noqa: S608 - constants alone
        rows = self._read(lambda connection: connection.execute(query, (prediction,)).fetchone())
        return None if rows is None else tuple(rows)

    def window(self, version: str | None, newest: int | None, *, labelled: bool) -> list[Row]:
        """Rows as of `find`, oldest first."""
        query = (
            f"SELECT {_PREDICTION}, {_LABEL} AS label FROM predictions p "  # noqa: S608 - constants alone
            f"WHERE {'p.version = :version' if version is not None else ':version IS NULL'}"
            f"{' AND label IS NOT NULL' if labelled else ''} "
            "ORDER BY p.time DESC, p.id DESC LIMIT :newest"
        )
        given = {"version": version, "newest": -1 if newest is None else newest}
        return self._read(lambda connection: connection.execute(query, given).fetchall())[::-1]

    def damage(self) -> Damage:
        """What could not be read of the segments."""

        def count(connection: sqlite3.Connection) -> Damage:
            broken = connection.execute("SELECT coalesce(sum(damaged), 0) FROM segments").fetchone()[0]
            return Damage(broken, len(self._behind(connection)))

        return self._read(count)

    def decide(self, ids: Sequence[str], act: Callable[[dict[str, Known]], Answer]) -> Answer:
        """Call `act` with what is known of the labels of `ids`, while no other process can add one; return its answer.

        Ids without a prediction are left out. What `act` appended to the log is indexed before this returns.
        """

        def work(connection: sqlite3.Connection) -> Answer:
            with _transaction(connection):
                for path in self._behind(connection):
                    self._absorb(connection, path)
                answer = act(_known(connection, ids))
                for path in self._behind(connection):
                    self._absorb(connection, path)
            return answer

        self._read(lambda _: None)  # what has piled up is indexed first, so that others need not wait long
        return self._using(work)

    def close(self) -> None:
        """Let go of the file; later calls raise StoreError."""
        with self._lock:
            self._forget()
            self._closed = True

    def _read(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        def caught_up(connection: sqlite3.Connection) -> Answer:
            for path in self._behind(connection):
                with _transaction(connection):
                    self._absorb(connection, path)
            return work(connection)

        return self._using(caught_up)

    def _using(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do `work`; if the index turns out to be unusable, make it again and do `work` once more."""
        with self._lock, _explaining(self._path):
            try:
                return work(self._connected())
            except sqlite3.Error as error:
                if not _is_unusable(error):
                    raise
                _logger.warning("%s cannot be used (%s); making it again from the segments", self._path, error)
                self._unusable = self._opened
                self._forget()
                return work(self._connected())

    def _connected(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError(f"The prediction log {self._folder} was closed; open it again to read.")
        if self._connection is None or _inode(self._path) != self._opened:
            self._forget()
            with saying("write", self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
            with _alone(self._folder / "index.lock"):
                self._connection = self._open()
                self._opened = _inode(self._path)
                self._unusable = None
        return self._connection

    def _open(self) -> sqlite3.Connection:
        """Open the index, or a new one where it is missing or will not do. Only one process at a time is in here."""
        if _inode(self._path) in (None, self._unusable) or _schema_version(self._path) not in (0, SCHEMA_VERSION):
            for name in ("index.sqlite-wal", "index.sqlite-shm", "index.sqlite"):
                with saying("write", self._path):
                    (self._folder / name).unlink(missing_ok=True)
        connection = _connect(self._path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            connection.executescript(SCHEMA)
        return connection

    def _forget(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = self._opened = None

    def _behind(self, connection: sqlite3.Connection) -> list[Path]:
        """Segments that are longer than what was indexed of them."""
        offsets = dict(connection.execute("SELECT name, offset FROM segments"))
        paths = segment_files(self._folder / "segments")
        return [path for path in paths if _size(path) > offsets.get(path.name, 0)]

    def _absorb(self, connection: sqlite3.Connection, path: Path) -> None:
        """Index what is new in a segment: whole lines only, since the rest may still be being written."""
        found = connection.execute("SELECT offset FROM segments WHERE name = ?", (path.name,)).fetchone()
        start = offset = found[0] if found else 0
        damaged = 0
        with saying("read", path), path.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    self._say_torn(path, offset, len(line))
                    break
                damaged += not _insert(connection, line)
                offset += len(line)
        if damaged:
            _logger.warning("%s: skipped %d broken record(s) after byte %d", path, damaged, start)
        connection.execute(
            "INSERT INTO segments VALUES (:name, :offset, :damaged) ON CONFLICT (name) "
            "DO UPDATE SET offset = :offset, damaged = damaged + :damaged",
            {"name": path.name, "offset": offset, "damaged": damaged},
        )

    def _say_torn(self, path: Path, offset: int, size: int) -> None:
        if (path.name, offset) not in self._said:
            self._said.add((path.name, offset))
            _logger.warning("%s ends within a record (%d bytes at byte %d); read all before it", path, size, offset)


def _insert(connection: sqlite3.Connection, line: bytes) -> bool:
    """Index one record; False when it is broken."""
    record = read_record(line)
    if record is None:
        return False
    if isinstance(record, PredictionRecord):
        row = (record.id, record.time, record.version, _text(record.inputs), _text(record.output), record.latency_ms)
        connection.execute("INSERT OR IGNORE INTO predictions VALUES (?, ?, ?, ?, ?, ?)", row)
    else:
        label = (record.id, record.number, _text(record.label), record.time)
        connection.execute("INSERT INTO labels VALUES (?, ?, ?, ?)", label)
    return True


def _text(json: Any) -> str:
    return bytes(json).decode()


def _known(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Known]:
    query = (
        "SELECT p.id, l.number, l.label FROM predictions p LEFT JOIN labels l ON l.id = p.id "
        "WHERE p.id = ? ORDER BY l.number DESC, l.rowid DESC LIMIT 1"
    )
    rows = [connection.execute(query, (id_,)).fetchone() for id_ in dict.fromkeys(ids)]
    return {row[0]: Known() if row[1] is None else Known(row[1], orjson.loads(row[2])) for row in rows if row}


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process is in here. SQLite's own lock works everywhere and goes with a killed process."""
    with contextlib.closing(_connect(path)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


@contextlib.contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"Cannot use the index {path}: {error}. Check its rights and the free space; the index itself may be "
            "deleted, it is made again from the segments beside it."
        ) from error


def _is_unusable(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code in _UNUSABLE or code & 0xFF in _UNUSABLE)


def _schema_version(path: Path) -> int | None:
    """The schema of an index, 0 for an empty one, None for a file that is no index."""
    with contextlib.closing(_connect(path)) as connection:
        try:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if _is_unusable(error):
                return None
            raise


def _inode(path: Path) -> int | None:
    try:
        return os.stat(path).st_ino  # noqa: PTH116 - called before every answer, and os.stat is the cheaper one
    except FileNotFoundError:
        return None


def _size(path: Path) -> int:
    """Bytes in a segment; 0 if its writer has just taken it away."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
