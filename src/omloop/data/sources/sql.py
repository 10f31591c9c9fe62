"""The source `sql`: the rows that a query gives, from any database that SQLAlchemy has a driver for.

An address in the configuration holds no password. A password is where the database's own programs look for it, such as
PGPASSWORD and ~/.pgpass, or in the whole address in OMLOOP_SQL_URL.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import (
    HIDDEN,
    Columns,
    ConfigError,
    DataError,
    Origin,
    Project,
    Settings,
    SourceError,
    explain_missing,
    first_line,
    some,
    without_secrets,
)
from omloop.data.sources.source import Data
from omloop.data.sources.sql_columns import sql_columns

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult

VARIABLE = "OMLOOP_SQL_URL"
BATCH = 5_000
"""Rows that are fetched at once: a hundredth of a second's work, and few megabytes."""
MOST_S = 3600.0
SHOWN = 80
_EXAMPLE = "postgresql://db.example/school"
_PATIENCE: Mapping[str, Mapping[str, int]] = {
    # A server that vanished is noticed within half a minute, not after hours.
    "psycopg": {
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "tcp_user_timeout": 30_000,
    },
}
_FIRST = {"sqlite": "PRAGMA query_only=ON", "postgresql": f"SET LOCAL statement_timeout = {int(MOST_S * 1000)}"}
"""What a database is told first; that a transaction only reads, PostgreSQL's driver says by itself."""


@dataclass
class Sql(Data):
    """The rows that `query` gives, in the database at `url`, an address of SQLAlchemy without a password.

    Without a `url` the address is that in OMLOOP_SQL_URL, which may hold a password.
    """

    source: str = "sql"
    url: str = ""
    query: str = "???"

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Ask the database, and take the rows in batches as they come.

        Raises MissingExtraError without SQLAlchemy or psycopg, ConfigError for an address that holds a password,
        SourceError that says what the database said.
        """
        with explain_missing("The data source 'sql'"):
            return _rows(self._address(), self.query)

    @property
    def origin(self) -> Origin:
        """The database's name, a file's whole path, and the query; whoever asks and from where makes no difference."""
        return Origin(self.source, f"{self._database(whole=True)}: {without_secrets(self._one_line)}")

    def __str__(self) -> str:
        query = self._one_line
        return f"sql {self._database(whole=False)}: {query if len(query) <= SHOWN else f'{query[:SHOWN]}...'}"

    @property
    def _one_line(self) -> str:
        return " ".join(self.query.split()).rstrip("; ")

    def _database(self, *, whole: bool) -> str:
        """The kind of database and its name; a file's whole path or its name alone."""
        try:
            url = self._address()
        except (ConfigError, SourceError, ModuleNotFoundError):
            return "a database"
        kind, name = url.get_backend_name(), url.database or ""
        path = Path(name).resolve() if kind == "sqlite" else None
        return f"{kind} {(path if whole else path.name) if path else name}".rstrip()

    def _address(self) -> URL:
        """The whole address, from `url` or the environment; errors never quote it."""
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        given = "" if HIDDEN in self.url else self.url
        whole = given or os.environ.get(VARIABLE, "")
        if not whole:
            why = f"data.url={self.url} is kept without what may be a secret." if self.url else "No database is named."
            raise SourceError(
                f"{why} Give data.url={_EXAMPLE}, the user in PGUSER and the password in PGPASSWORD, or the whole "
                f"address in {VARIABLE}."
            )
        try:
            url = make_url(whole)
        except (ArgumentError, ValueError) as error:
            where = "data.url" if given else VARIABLE
            why = f"{where} is no address of a database; write it as {_EXAMPLE}."
            raise ConfigError(why, key="data.url") from error
        if given and (url.password or any("password" in key for key in url.query)):
            raise ConfigError(
                f"data.url holds a password. Leave it out, and give it in PGPASSWORD or ~/.pgpass; or leave data.url "
                f"out, and give the whole address in {VARIABLE}.",
                key="data.url",
            )
        return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _rows(url: URL, query: str) -> dict[str, Sequence[Any]]:
    from sqlalchemy.exc import SQLAlchemyError

    taken = 0

    def batches(result: CursorResult[Any]) -> Iterator[Sequence[Sequence[Any]]]:
        nonlocal taken
        began = time.monotonic()
        for rows in result.partitions(BATCH):
            taken += len(rows)
            yield rows
            if time.monotonic() - began > MOST_S:
                raise SourceError(f"data.query took more than {MOST_S:g} s. Ask for fewer rows, or export them.")

    with _connected(url) as connection:
        try:
            result = connection.exec_driver_sql(query)
            if not result.returns_rows:
                raise DataError("data.query gives no rows. Write a query that selects some.")
            names = _distinct(list(result.keys()))
            found = sql_columns(names, batches(result))
        except SQLAlchemyError as error:
            if getattr(error, "connection_invalidated", False):
                raise SourceError(f"The database broke off after {taken:,} rows: {_said(error)}. Try again.") from error
            raise SourceError(f"The database refuses data.query: {_said(error)}.") from error
    if not taken:
        raise DataError("data.query gives columns and no record.")
    return found


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """A connection that reads only, where its driver knows how, and that streams what it reads."""
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    _require_file(url)
    try:
        dialect = url.get_dialect()
        patience = {key: value for key, value in _PATIENCE.get(dialect.driver, {}).items() if key not in url.query}
        engine = create_engine(url, poolclass=NullPool, connect_args=patience)
    except NoSuchModuleError as error:
        raise SourceError(f"'{url.drivername}' is no database that SQLAlchemy knows here.") from error
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            raise
        raise SourceError(
            f"'{url.drivername}' needs the Python package '{error.name}', which is not installed. Install it."
        ) from error
    name = engine.dialect.name
    try:
        connection = engine.connect()
        if name == "postgresql":
            connection.execution_options(postgresql_readonly=True)
        if name in _FIRST:
            connection.exec_driver_sql(_FIRST[name])
    except SQLAlchemyError as error:
        raise SourceError(f"The database cannot be reached: {_said(error)}. Check data.url and the server.") from error
    with connection:
        yield connection.execution_options(stream_results=True, yield_per=BATCH, no_parameters=True)


def _require_file(url: URL) -> None:
    """Let an address pass unless it names a file of SQLite that is not there, which SQLite would make."""
    if url.get_backend_name() != "sqlite":
        return
    if not url.database:
        raise SourceError("The address names no SQLite file. Write it as sqlite:///school.db.")
    path = Path(url.database)
    if not path.is_file():
        raise SourceError(f"There is no SQLite file {path}. Check data.url; it is relative to {path.cwd()}.")


def _distinct(names: list[str]) -> list[str]:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"data.query gives these columns twice: {some(twice)}. Name each otherwise with AS.")
    return names


def _said(error: Exception) -> str:
    """The database's own error, in one line: SQLAlchemy's text would quote the query and its parameters."""
    return without_secrets(first_line(getattr(error, "orig", None) or error)).rstrip("?.")
