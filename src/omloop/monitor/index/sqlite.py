"""The index in an SQLite file beside the segments. You can delete it at any time; omloop rebuilds an unusable one."""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from omloop.core import StoreError, as_store_error
from omloop.monitor.index.tables import SCHEMA_VERSION, Answer, schema

_log = logging.getLogger("omloop.monitor")
_WAIT_SECONDS = 30.0  # for another process's transaction: the longest indexes 50,000 records, in a second or three
_SAY_VERSION = f"PRAGMA user_version = {SCHEMA_VERSION}"
_UNUSABLE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY_DBMOVED)


class SqliteDatabase:
    """`folder/index.sqlite`, made again by itself when it is missing, damaged or of another schema."""

    place = ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "index.sqlite"
        self._connection: sqlite3.Connection | None = None
        self._opened: int | None = None
        self._unusable: int | None = None

    def using(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Do `work`; if the file turns out to be unusable, make it again and do `work` once more."""
        with _explaining(self._path):
            try:
                return work(self._connected())
            except sqlite3.Error as error:
                if not _is_unusable(error):
                    raise
                _log.warning("%s cannot be used (%s); making it again from the segments", self._path, error)
                # By its inode: a file that another process has made anew meanwhile is left alone.
                self._unusable = self._opened
                self.close()
                return work(self._connected())

    @contextlib.contextmanager
    def transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        """A transaction: all of the block's work or none, while no other process writes."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def shrink(self, connection: sqlite3.Connection) -> None:
        """Give back space that is no longer used."""
        connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = self._opened = None

    def _connected(self) -> sqlite3.Connection:
        # An open file that was deleted goes on working, for this process alone: nobody else would see what is written.
        if self._connection is None or _inode(self._path) != self._opened:
            self.close()
            with as_store_error("write", self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
            with _alone(self._folder / "index.lock"):
                self._connection = self._open()
                self._opened = _inode(self._path)
                self._unusable = None
        return self._connection

    def _open(self) -> sqlite3.Connection:
        """Open the index, or a new one where it is missing or will not do. Only one process at a time is in here."""
        if _inode(self._path) in (None, self._unusable) or _schema_version(self._path) not in (0, SCHEMA_VERSION):
            # The file itself last: a kill in between must not leave an old journal beside a new file.
            for name in ("index.sqlite-wal", "index.sqlite-shm", "index.sqlite"):
                with as_store_error("write", self._path):
                    (self._folder / name).unlink(missing_ok=True)
        connection = _connect(self._path)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file only: what is forgotten frees space
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is in the segments
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            with self.transaction(connection):
                for statement in (*schema(serial="INTEGER PRIMARY KEY AUTOINCREMENT", order=""), _SAY_VERSION):
                    connection.execute(statement)
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)


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
