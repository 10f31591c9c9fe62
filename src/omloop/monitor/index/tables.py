"""The tables of the index, in words that SQLite and PostgreSQL share.

    made         name: of these tables; tables that are made anew have another
    segments     number, place, name, offset (bytes indexed so far), damaged (broken records skipped so far), due
    predictions  entry (numbers in the order in which they became known), id, time, version, inputs (JSON),
                 output (JSON), latency_ms, variant, key, segment (its number)
    labels       entry, id, number, label (JSON), time, segment: every label that was kept; the highest number counts
    shadows      id (of the prediction), version, time, output (JSON, or null where it failed), latency_ms, segment
    refusals     entry, time, version, field, reason, number (of rows), segment: what was refused at the door
    labelled     a view: predictions with the label that counts, as `label` and `label_time`

Times are in seconds since 1970 (UTC). `place` is the folder that a segment lies in: empty where there can be only one.
`due` is 1 once omloop may forget a segment.
"""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from omloop.core import PROBE_KEY

SCHEMA_VERSION = 6
PREDICTION_COLUMNS = "id, time, version, inputs, output, latency_ms, variant, key"
LABEL_COLUMNS = "id, number, label, time"
REFUSAL_COLUMNS = "time, version, field, reason, number"
SHADOW_COLUMNS = "id, version, time, output, latency_ms"
LATEST = "(SELECT {} FROM labels WHERE id = p.id ORDER BY number DESC, entry DESC LIMIT 1)"
"""A column of the label that counts of a prediction `p`."""

LIVE = f"coalesce({{}}key, '') <> '{PROBE_KEY}'"
"""Whether a prediction, of a table called so, is one of those that did not only test a server; a word of our own."""

Answer = TypeVar("Answer")


class IndexConnection(Protocol):
    """What an index asks of a connection, as `sqlite3` has it: questions are with `?`, and nothing begins by itself."""

    def execute(self, sql: str, given: Any = (), /) -> Any:
        """Run one statement; the answer is iterable, and has `fetchone` and `fetchall`."""

    def executemany(self, sql: str, rows: object, /) -> Any:
        """Run one statement with each of the rows."""


class Database(Protocol):
    """The database of an index. Its errors are StoreErrors of one line."""

    place: str
    """Which of the folders that share the database this one is; known once `using` has begun."""

    def using(self, work: Callable[[Any], Answer]) -> Answer:
        """Do `work` with a connection; after a loss of it or of the tables, make them again and do `work` once more."""

    def transaction(self, connection: Any) -> AbstractContextManager[None]:
        """A transaction: all of the block's work or none, while nobody else writes."""

    def shrink(self, connection: Any) -> None:
        """Give back space that is no longer used."""

    def close(self) -> None:
        """Let go of the connection."""


def schema(*, serial: str, order: str) -> list[str]:
    """The statements that make the tables.

    `serial` is the type of a column that numbers its rows and never gives a number twice. `order` sorts a text by its
    bytes.
    """
    return [
        "CREATE TABLE made (name TEXT NOT NULL)",
        f"INSERT INTO made VALUES ('{secrets.token_hex(8)}')",  # noqa: S608 - hexadecimal digits
        f"""CREATE TABLE segments (
            number {serial}, place TEXT NOT NULL, name TEXT NOT NULL, "offset" BIGINT NOT NULL DEFAULT 0,
            damaged BIGINT NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0, UNIQUE (place, name)
        )""",
        f"""CREATE TABLE predictions (
            entry {serial}, id TEXT {order} NOT NULL UNIQUE, time DOUBLE PRECISION NOT NULL, version TEXT NOT NULL,
            inputs TEXT NOT NULL, output TEXT NOT NULL, latency_ms DOUBLE PRECISION NOT NULL,
            variant TEXT NOT NULL, key TEXT, segment BIGINT NOT NULL
        )""",
        "CREATE INDEX predictions_by_time ON predictions (time, id)",
        "CREATE INDEX predictions_by_version ON predictions (version, time, id)",
        "CREATE INDEX predictions_by_segment ON predictions (segment)",
        # To count them without reading any.
        f"CREATE INDEX predictions_live ON predictions (time) WHERE {LIVE.format('')}",
        f"""CREATE TABLE labels (
            entry {serial}, id TEXT {order} NOT NULL, number BIGINT NOT NULL, label TEXT NOT NULL,
            time DOUBLE PRECISION NOT NULL, segment BIGINT NOT NULL
        )""",
        "CREATE INDEX labels_by_id ON labels (id, number, entry)",
        "CREATE INDEX labels_by_segment ON labels (segment)",
        f"""CREATE TABLE shadows (
            id TEXT {order} NOT NULL, version TEXT NOT NULL, time DOUBLE PRECISION NOT NULL, output TEXT,
            latency_ms DOUBLE PRECISION NOT NULL, segment BIGINT NOT NULL, PRIMARY KEY (version, id)
        )""",
        "CREATE INDEX shadows_by_segment ON shadows (segment)",
        f"""CREATE TABLE refusals (
            entry {serial}, time DOUBLE PRECISION NOT NULL, version TEXT NOT NULL, field TEXT NOT NULL,
            reason TEXT NOT NULL, number BIGINT NOT NULL, segment BIGINT NOT NULL
        )""",
        "CREATE INDEX refusals_by_segment ON refusals (segment)",
        f"""CREATE VIEW labelled AS
            SELECT p.{PREDICTION_COLUMNS.replace(", ", ", p.")}, l.label, l.time AS label_time
            FROM predictions p JOIN labels l ON l.entry = {LATEST.format("entry")}""",  # noqa: S608 - constants alone
    ]
