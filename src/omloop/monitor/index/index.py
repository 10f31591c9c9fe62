"""The index: tables made from the segments, for queries; see `tables`.

A segment's `offset` advances in the transaction that adds the rows before it. So several processes may index the same
segments at once, and a kill loses nothing. The index holds what the segments hold, no more: the rows of a deleted
segment go with it.
"""

import contextlib
import io
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from omloop.core import PROBE_KEY, Position, StoreError, as_store_error
from omloop.monitor.feedback import LabelState
from omloop.monitor.index.tables import (
    LABEL_COLUMNS,
    LATEST,
    LIVE,
    PREDICTION_COLUMNS,
    REFUSAL_COLUMNS,
    SHADOW_COLUMNS,
    Answer,
    Database,
    IndexConnection,
)
from omloop.monitor.log.records import LabelRecord, PredictionRecord, RefusalRecord, read_record
from omloop.monitor.log.sealed import DAMAGED, PACKED, name_of, open_segment, packed_of, packed_size, segment_files

_log = logging.getLogger("omloop.monitor")
_AT_ONCE = 500  # rows of one statement; as parameters, below the 999 that old builds of SQLite take
_LITTLE = 200  # records: about 2 ms of this thread, which holds up a server's others for as long
_LITTLE_PACKED = 4_000  # of a compressed segment, because each look at one begins at its beginning
_MUCH = 50_000  # records for which others wait: a second or three
_PAUSE_SECONDS = 0.01  # in which a server in this process answers what came
_ROW = f"p.{PREDICTION_COLUMNS.replace(', ', ', p.')}, {LATEST.format('label')}"
_LIVE = "coalesce(p.key, '') <> ?"
_LABELLED = "EXISTS (SELECT 1 FROM labels WHERE id = p.id)"
_EARLIEST = "(SELECT min(+time) FROM predictions WHERE entry > ? AND entry <= ?)"
"""Where to begin in the order of time. Without the sign, a database may look for the least time through all rows."""
_INSERT_PREDICTION = (
    f"INSERT INTO predictions ({PREDICTION_COLUMNS}, segment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608
    "ON CONFLICT DO NOTHING"
)
_INSERT_LABEL = f"INSERT INTO labels ({LABEL_COLUMNS}, segment) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
_INSERT_SHADOW = f"INSERT INTO shadows ({SHADOW_COLUMNS}, segment) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608
_INSERT_REFUSAL = f"INSERT INTO refusals ({REFUSAL_COLUMNS}, segment) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608
_INSERTS = (_INSERT_PREDICTION, _INSERT_LABEL, _INSERT_SHADOW, _INSERT_REFUSAL)

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Damage:
    """The unreadable parts of a log: omloop skipped `broken` records, and `torn` segments end within a record.

    A kill in the middle of a write leaves a torn segment; nobody had an answer for the torn record.
    """

    broken: int
    torn: int


class Index:
    """The index in `database` of the segments in a folder, brought up to date before each answer. Safe for threads.

    Methods raise StoreError if reading or writing it fails.
    """

    def __init__(self, segments: Path, database: Database) -> None:
        self._folder = segments
        self._database = database
        self._lock = threading.RLock()
        self._said: set[tuple[str, int]] = set()
        self._packed: dict[Path, int] = {}
        self._closed = False

    def find(self, prediction: str) -> Row | None:
        """(id, time, version, inputs, output, latency_ms, variant, key, label), JSON as text; no label is None."""
        query = f"SELECT {_ROW} FROM predictions p WHERE p.id = ?"  # noqa: S608 - constants alone
        rows = self._read(lambda connection: connection.execute(query, (prediction,)).fetchone())
        return None if rows is None else tuple(rows)

    def window(
        self,
        version: str | None,
        newest: int | None,
        *,
        labelled: bool,
        after: tuple[float, str] | None = None,
        oldest: int | None = None,
        known: tuple[int, int] | None = None,
    ) -> list[Row]:
        """Rows as of `find` with the label's time, oldest first, but those that only tested a server."""
        wanted: dict[str, tuple[object, ...]] = {_LIVE: (PROBE_KEY,)}
        if version is not None:
            wanted["p.version = ?"] = (version,)
        if after is not None:
            wanted["(p.time, p.id) > (?, ?)"] = after
        if labelled:
            wanted[_LABELLED] = ()
        if known is not None:
            wanted |= {"p.entry > ? AND p.entry <= ?": known, f"p.time >= {_EARLIEST}": known}
        most, order = (oldest, "ASC") if newest is None else (newest, "DESC")
        query = (
            f"SELECT {_ROW}, {LATEST.format('time')} FROM predictions p WHERE {' AND '.join(wanted)}"  # noqa: S608
            f" ORDER BY p.time {order}, p.id {order}{'' if most is None else ' LIMIT ?'}"
        )
        given = [value for values in wanted.values() for value in values] + ([] if most is None else [most])
        rows = self._read(lambda connection: list(connection.execute(query, given).fetchall()))
        return rows if newest is None else rows[::-1]

    def shadowed(self, version: str, newest: int | None) -> list[Row]:
        """Rows as of `window`, each with the time, output and milliseconds of the answer of `version` to the same."""
        query = (
            f"SELECT {_ROW}, {LATEST.format('time')}, s.time, s.output, s.latency_ms "  # noqa: S608 - constants alone
            f"FROM shadows s JOIN predictions p ON p.id = s.id WHERE s.version = ? AND {_LIVE} "
            f"ORDER BY p.time DESC, p.id DESC{'' if newest is None else ' LIMIT ?'}"
        )
        given = (version, PROBE_KEY) if newest is None else (version, PROBE_KEY, newest)
        return self._read(lambda connection: list(connection.execute(query, given).fetchall()))[::-1]

    def count(self, *, labelled: bool, since: float | None = None) -> int:
        """How many rows a window of all predictions has, or of those after a moment."""
        wanted = [LIVE.format("p."), *([_LABELLED] if labelled else []), *([] if since is None else ["p.time > ?"])]
        query = f"SELECT count(*) FROM predictions p WHERE {' AND '.join(wanted)}"  # noqa: S608 - constants alone
        given = () if since is None else (since,)
        return int(self._read(lambda connection: connection.execute(query, given).fetchone()[0]))

    def position(self) -> Position:
        """The place of the last known prediction and the last known refusal."""
        last = "(SELECT coalesce(max(entry), 0) FROM {})"
        query = f"SELECT name, {last.format('predictions')}, {last.format('refusals')} FROM made"  # noqa: S608
        name, entry, refusal = self._read(lambda connection: connection.execute(query).fetchone())
        return Position(str(name), int(entry), int(refusal))

    def refusals(self, version: str, known: tuple[int, int] | None) -> list[Row]:
        """(time, version, field, reason, number) of what a version refused, oldest first."""
        between = "" if known is None else " AND entry > ? AND entry <= ?"
        query = f"SELECT {REFUSAL_COLUMNS} FROM refusals WHERE version = ?{between} ORDER BY time, entry"  # noqa: S608
        given = (version, *(known or ()))
        return self._read(lambda connection: list(connection.execute(query, given).fetchall()))

    def damage(self) -> Damage:
        """The unreadable parts of the segments."""

        def count(connection: IndexConnection) -> Damage:
            query = "SELECT coalesce(sum(damaged), 0) FROM segments WHERE place = ?"
            broken = connection.execute(query, (self._database.place,)).fetchone()[0]
            return Damage(int(broken), len(self._behind(connection)))

        return self._read(count)

    def decide(self, ids: Sequence[str], act: Callable[[dict[str, LabelState]], Answer]) -> Answer:
        """Call `act` with the known labels of `ids`, while no other process can add one; return its answer.

        It leaves out ids without a prediction. It indexes what `act` appended to the log before it returns.
        """

        def work(connection: IndexConnection) -> Answer:
            with self._database.transaction(connection):
                for path in self._behind(connection):
                    self._absorb(connection, path)
                answer = act(_known(connection, list(dict.fromkeys(ids))))
                for path in self._behind(connection):
                    self._absorb(connection, path)
            return answer

        self._read(lambda _: None)  # what has piled up is indexed first, so that others need not wait long
        return self._using(work)

    def catch_up(self) -> None:
        """Index new records, a little at a time, so that a server in the same process hardly notices."""
        while self._using(lambda connection: self._catch_up_a_little(connection, _LITTLE, _LITTLE_PACKED)):
            time.sleep(_PAUSE_SECONDS)

    def forget(self, due: Sequence[Path]) -> list[str]:
        """Remove indexed segments and their rows; returns the names of the removed ones.

        A segment stays for as long as it holds the label of a prediction in one that stays.
        """
        self.catch_up()
        return self._using(lambda connection: self._remove(connection, {name_of(path): path for path in due}))

    def close(self) -> None:
        """Let go of the database; later calls raise StoreError."""
        with self._lock:
            self._database.close()
            self._closed = True

    def _remove(self, connection: IndexConnection, due: dict[str, Path]) -> list[str]:
        place = self._database.place
        with self._database.transaction(connection):
            there = {name_of(path) for path in segment_files(self._folder)}
            # What is not indexed yet may hold the label of a prediction that stays.
            behind = {name_of(path) for path in self._behind(connection)}
            ours = dict(connection.execute("SELECT name, number FROM segments WHERE place = ?", (place,)))
            wanted = [(int(name in due and name not in behind), number) for name, number in ours.items()]
            connection.executemany("UPDATE segments SET due = ? WHERE number = ?", wanted)
            going = _without_needed(connection) | {number for name, number in ours.items() if name not in there}
            gone = [name for name, number in ours.items() if number in going]
            for name in gone:
                _drop(connection, ours[name])
                with as_store_error("remove", self._folder), contextlib.suppress(FileNotFoundError):
                    if name in due:
                        due[name].unlink()
        self._database.shrink(connection)
        return gone

    def _read(self, work: Callable[[IndexConnection], Answer]) -> Answer:
        def caught_up(connection: IndexConnection) -> Answer:
            while self._catch_up_a_little(connection, _MUCH, _MUCH):
                pass
            return work(connection)

        return self._using(caught_up)

    def _using(self, work: Callable[[IndexConnection], Answer]) -> Answer:
        with self._lock:
            if self._closed:
                raise StoreError(f"The prediction log {self._folder.parent} was closed; open it again to read.")
            return self._database.using(work)

    def _catch_up_a_little(self, connection: IndexConnection, most: int, most_packed: int) -> bool:
        """Index the next records of one segment; False if there are none, or only a torn one."""
        for path in self._behind(connection):
            with self._database.transaction(connection):
                moved = self._absorb(connection, path, most_packed if path.suffix == PACKED else most)
            if moved:
                return True
        return False

    def _behind(self, connection: IndexConnection) -> list[Path]:
        """Segments with records that are not yet indexed."""
        query = 'SELECT name, "offset" FROM segments WHERE place = ?'
        offsets = dict(connection.execute(query, (self._database.place,)))
        paths = segment_files(self._folder)
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

    def _absorb(self, connection: IndexConnection, path: Path, most: int | None = None) -> bool:
        """Index new records of a segment, at most that many lines: whole ones, since a writer may still add more.

        Says whether there was any.
        """
        number, start, before = self._segment(connection, name_of(path))
        offset, damaged = start, 0
        rows: list[tuple[str, Row]] = []
        with as_store_error("read", path), contextlib.closing(open_segment(path) or io.BytesIO()) as file:
            try:
                file.seek(offset)
                for line in itertools.islice(file, most):
                    if not line.endswith(b"\n"):
                        self._say_torn(path, offset, len(line))
                        break
                    offset += len(line)  # also of a broken record: it is told once, and never read again
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
            _log.warning("%s: skipped %d broken record(s) after byte %d", path, damaged, start)
        noted = (offset, before + damaged, number)
        connection.execute('UPDATE segments SET "offset" = ?, damaged = ? WHERE number = ?', noted)
        return offset > start

    def _segment(self, connection: IndexConnection, name: str) -> tuple[int, int, int]:
        """A segment's number, its indexed bytes and its broken records; it adds a new segment."""
        given = (self._database.place, name)
        connection.execute("INSERT INTO segments (place, name) VALUES (?, ?) ON CONFLICT DO NOTHING", given)
        query = 'SELECT number, "offset", damaged FROM segments WHERE place = ? AND name = ?'
        number, offset, damaged = connection.execute(query, given).fetchone()
        return number, offset, damaged

    def _say_torn(self, path: Path, offset: int, size: int) -> None:
        if (path.name, offset) not in self._said:
            self._said.add((path.name, offset))
            _log.warning("%s ends within a record (%d bytes at byte %d); read all before it", path, size, offset)


def _row(line: bytes, segment: int) -> tuple[str, Row] | None:
    """The row of a record, behind the statement that inserts it; None for a broken record."""
    record = read_record(line)
    if record is None:
        return None
    if isinstance(record, PredictionRecord):
        inputs, output = _text(record.inputs), _text(record.output)
        about = (record.latency_ms, record.variant, record.key, segment)
        return _INSERT_PREDICTION, (record.id, record.time, record.version, inputs, output, *about)
    if isinstance(record, LabelRecord):
        return _INSERT_LABEL, (record.id, record.number, _text(record.label), record.time, segment)
    if isinstance(record, RefusalRecord):
        return _INSERT_REFUSAL, (record.time, record.version, record.field, record.reason, record.rows, segment)
    output = _text(record.output)
    answered = None if output == "null" else output
    return _INSERT_SHADOW, (record.id, record.version, record.time, answered, record.latency_ms, segment)


def _insert(connection: IndexConnection, rows: Sequence[tuple[str, Row]]) -> None:
    for statement in _INSERTS:
        if chosen := [row for insert, row in rows if insert is statement]:
            connection.executemany(statement, chosen)


def _without_needed(connection: IndexConnection) -> set[int]:
    """Those segments that are due, and hold no label of a prediction in a segment that stays."""
    query = (
        "SELECT DISTINCT p.segment FROM labels l JOIN predictions p ON p.id = l.id "
        "WHERE l.segment = ? AND p.segment <> l.segment"
    )
    going = {row[0] for row in connection.execute("SELECT number FROM segments WHERE due = 1")}
    needed_by = {one: {row[0] for row in connection.execute(query, (one,))} for one in going}
    while staying := {one for one in going if not needed_by[one] <= going}:
        going -= staying
    return going


def _drop(connection: IndexConnection, segment: int) -> None:
    connection.execute("DELETE FROM predictions WHERE segment = ?", (segment,))
    connection.execute("DELETE FROM labels WHERE segment = ?", (segment,))
    connection.execute("DELETE FROM shadows WHERE segment = ?", (segment,))
    connection.execute("DELETE FROM refusals WHERE segment = ?", (segment,))
    connection.execute("DELETE FROM segments WHERE number = ?", (segment,))


def _text(json: Any) -> str:
    return bytes(json).decode()


def _known(connection: IndexConnection, ids: Sequence[str]) -> dict[str, LabelState]:
    query = "SELECT p.id, l.number, l.label FROM predictions p LEFT JOIN labels l ON l.entry = {} WHERE p.id IN ({})"
    known: dict[str, LabelState] = {}
    for some in (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)):
        rows = connection.execute(query.format(LATEST.format("entry"), ", ".join("?" * len(some))), some)
        known |= {
            id_: LabelState(number or 0, None if label is None else orjson.loads(label)) for id_, number, label in rows
        }
    return known
