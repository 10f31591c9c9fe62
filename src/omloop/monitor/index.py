"""The index: an SQLite file made from the segments, for finding and for asking. It can be deleted at any time.

    segments     number, name, offset (bytes indexed so far), damaged (broken records skipped so far)
    predictions  id, time, version, inputs (JSON), output (JSON), latency_ms, variant, key, segment (its number)
    labels       id, number, label (JSON), time, segment: every label that was received; the highest number counts
    labelled     a view: predictions with the label that counts, as `label` and `label_time`

Times are in seconds since 1970 (UTC). `offset` moves on in the transaction that adds the rows before it, so several
processes may index the same segments at once, and a kill loses nothing. What is in here is what the segments hold, no
more: when one is forgotten, its rows go with it.
"""

import contextlib
import io
import itertools
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson

from omloop.core import StoreError, saying
from omloop.monitor.feedback import Known
from omloop.monitor.records import PredictionRecord, read_record
from omloop.monitor.sealed import DAMAGED, PACKED, name_of, open_segment, packed_of, packed_size, segment_files

SCHEMA_VERSION = 2
SCHEMA = f"""
BEGIN;
CREATE TABLE segments (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, offset INTEGER NOT NULL, damaged INTEGER NOT NULL
);
CREATE TABLE predictions (
    id TEXT PRIMARY KEY, time REAL NOT NULL, version TEXT NOT NULL,
    inputs TEXT NOT NULL, output TEXT NOT NULL, latency_ms REAL NOT NULL,
    variant TEXT NOT NULL, key TEXT, segment INTEGER NOT NULL
);
CREATE INDEX predictions_by_time ON predictions (time, id);
CREATE INDEX predictions_by_version ON predictions (version, time, id);
CREATE INDEX predictions_by_segment ON predictions (segment);
CREATE TABLE labels (
    id TEXT NOT NULL, number INTEGER NOT NULL, label TEXT NOT NULL, time REAL NOT NULL, segment INTEGER NOT NULL
);
CREATE INDEX labels_by_id ON labels (id, number);
CREATE INDEX labels_by_segment ON labels (segment);
CREATE VIEW labelled AS
    SELECT p.id, p.time, p.version, p.inputs, p.output, p.latency_ms, p.variant, p.key, l.label, l.time AS label_time
    FROM predictions p JOIN labels l ON l.rowid =
        (SELECT rowid FROM labels WHERE id = p.id ORDER BY number DESC, rowid DESC LIMIT 1);
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""  # noqa: S608 - a constant of ours

_logger = logging.getLogger("omloop.monitor")
_WAIT_SECONDS = 30.0
_COLUMNS = 9  # of a prediction
_AT_ONCE = 500
_LITTLE = 200  # records: about 2 ms of this thread, which holds up a server's others for as long
_LITTLE_PACKED = 4_000  # of a compressed segment, because each look at one begins at its beginning
_PAUSE_SECONDS = 0.01
_PREDICTION = "p.id, p.time, p.version, p.inputs, p.output, p.latency_ms, p.variant, p.key"
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
        self._packed: dict[Path, int] = {}
        self._closed = False

    def find(self, prediction: str) -> Row | None:
        """(id, time, version, inputs, output, latency_ms, variant, key, label), JSON as text; no label is None."""
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

    def catch_up(self) -> None:
        """Index what is there, a little at a time, so that a server in the same process hardly notices."""
        while self._using(self._catch_up_a_little):
            time.sleep(_PAUSE_SECONDS)

    def forget(self, due: Sequence[Path]) -> list[str]:
        """Remove segments and all that came from them, if they are indexed; returns the names of those that are gone.

        A segment stays for as long as it holds the label of a prediction in one that stays.
        """
        self.catch_up()
        return self._using(lambda connection: self._remove(connection, {name_of(path): path for path in due}))

    def close(self) -> None:
        """Let go of the file; later calls raise StoreError."""
        with self._lock:
            self._forget()
            self._closed = True

    def _catch_up_a_little(self, connection: sqlite3.Connection) -> bool:
        """Index the next few records; False when nothing was left to do, or only what is torn."""
        moved = False
        for path in self._behind(connection):
            with _transaction(connection):
                before = _segment(connection, name_of(path))[1]
                self._absorb(connection, path, _LITTLE_PACKED if path.suffix == PACKED else _LITTLE)
                moved = _segment(connection, name_of(path))[1] > before
            if moved:
                break
        return moved

    def _remove(self, connection: sqlite3.Connection, due: dict[str, Path]) -> list[str]:
        with _transaction(connection):
            numbers = dict(connection.execute("SELECT name, number FROM segments"))
            there = {name_of(path) for path in segment_files(self._folder / "segments")}
            behind = {name_of(path) for path in self._behind(connection)}
            wanted = {numbers[name] for name in due if name in numbers and name not in behind}
            going = _without_needed(connection, wanted) | {numbers[name] for name in numbers if name not in there}
            gone = [name for name, number in numbers.items() if number in going]
            for name in gone:
                _drop(connection, numbers[name])
                with saying("remove", self._folder), contextlib.suppress(FileNotFoundError):
                    if name in due:
                        due[name].unlink()
        connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page
        return gone

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
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file only: what is forgotten frees space
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
        return [path for path in paths if self._size(path) > offsets.get(name_of(path), 0)]

    def _size(self, path: Path) -> int:
        """Bytes of lines in a segment. To ask a compressed one takes opening it, and it never changes."""
        if path.suffix != PACKED:
            try:
                return path.stat().st_size
            except FileNotFoundError:  # it has just been compressed
                path = packed_of(path)
        if path not in self._packed:
            self._packed[path] = packed_size(path)
        return self._packed[path]

    def _absorb(self, connection: sqlite3.Connection, path: Path, most: int | None = None) -> None:
        """Index what is new in a segment, at most so many lines: whole ones, since the rest may still be written."""
        name = name_of(path)
        number, start, before = _segment(connection, name)
        offset, damaged = start, 0
        rows: list[Row] = []
        with saying("read", path), contextlib.closing(open_segment(path) or io.BytesIO()) as file:
            try:
                file.seek(offset)
                for line in itertools.islice(file, most):
                    if not line.endswith(b"\n"):
                        self._say_torn(path, offset, len(line))
                        break
                    offset += len(line)
                    row = _row(line, number)
                    if row is None:
                        damaged += 1
                        continue
                    rows.append(row)
                    if len(rows) == _AT_ONCE:
                        _insert(connection, rows)
                        rows.clear()
            except DAMAGED:  # of a compressed segment; nothing behind can be read, and that is told once
                damaged, offset = damaged + 1, max(offset, self._size(path))
        _insert(connection, rows)
        if damaged:
            _logger.warning("%s: skipped %d broken record(s) after byte %d", path, damaged, start)
        row = (offset, before + damaged, number)
        connection.execute("UPDATE segments SET offset = ?, damaged = ? WHERE number = ?", row)

    def _say_torn(self, path: Path, offset: int, size: int) -> None:
        if (path.name, offset) not in self._said:
            self._said.add((path.name, offset))
            _logger.warning("%s ends within a record (%d bytes at byte %d); read all before it", path, size, offset)


def _segment(connection: sqlite3.Connection, name: str) -> tuple[int, int, int]:
    """A segment's number, the bytes indexed of it and the broken records among them; a new one is noted."""
    connection.execute("INSERT OR IGNORE INTO segments (name, offset, damaged) VALUES (?, 0, 0)", (name,))
    found = connection.execute("SELECT number, offset, damaged FROM segments WHERE name = ?", (name,)).fetchone()
    return found[0], found[1], found[2]


def _row(line: bytes, segment: int) -> Row | None:
    """The row of a record; None when it is broken."""
    record = read_record(line)
    if record is None:
        return None
    if isinstance(record, PredictionRecord):
        inputs, output = _text(record.inputs), _text(record.output)
        about = (record.latency_ms, record.variant, record.key, segment)
        return record.id, record.time, record.version, inputs, output, *about
    return record.id, record.number, _text(record.label), record.time, segment


def _insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    predictions = [row for row in rows if len(row) == _COLUMNS]
    labels = [row for row in rows if len(row) != _COLUMNS]
    connection.executemany("INSERT OR IGNORE INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", predictions)
    connection.executemany("INSERT INTO labels VALUES (?, ?, ?, ?, ?)", labels)


def _without_needed(connection: sqlite3.Connection, segments: set[int]) -> set[int]:
    """Those segments that hold no label of a prediction in a segment that stays."""
    query = (
        "SELECT DISTINCT p.segment FROM labels l JOIN predictions p ON p.id = l.id "
        "WHERE l.segment = ? AND p.segment <> l.segment"
    )
    needed_by = {one: {row[0] for row in connection.execute(query, (one,))} for one in segments}
    going = set(segments)
    while staying := {one for one in going if not needed_by[one] <= going}:
        going -= staying
    return going


def _drop(connection: sqlite3.Connection, segment: int) -> None:
    connection.execute("DELETE FROM predictions WHERE segment = ?", (segment,))
    connection.execute("DELETE FROM labels WHERE segment = ?", (segment,))
    connection.execute("DELETE FROM segments WHERE number = ?", (segment,))


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
