"""The source `sql` against SQLite's files, and against a PostgreSQL server that has faults."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from omloop.core import ConfigError, DataError, OmloopError, Origin, Project, Settings, SourceError
from omloop.data import SOURCES, TextColumn
from omloop.testing.source import Fetching, SourceContract

pytest.importorskip("sqlalchemy")

from omloop.data.sources import sql
from omloop.data.sources.sql_columns import sql_columns

if TYPE_CHECKING:
    from tests.postgres import PostgresServer


def made(query: str, url: str = "") -> Fetching:
    found: Fetching = SOURCES.load("sql")(url=url, query=query)
    return found


def asked(query: str, url: str, project: Project) -> Any:
    return made(query, url).records(project, Path(), Settings())


@pytest.fixture
def school(tmp_path: Path, records: dict[str, list[str]]) -> str:
    """The address of an SQLite file with the records of the fixture `project`."""
    with sqlite3.connect(tmp_path / "school.db") as file:
        file.execute("CREATE TABLE toy (row INTEGER, hours REAL, age INTEGER, tool TEXT, score REAL)")
        file.executemany("INSERT INTO toy VALUES (?, ?, ?, ?, ?)", zip(*records.values(), strict=True))
    file.close()
    return f"sqlite:///{tmp_path / 'school.db'}"


class TestSql(SourceContract):
    @pytest.fixture
    def project(self, project: Project) -> Project:
        return project

    @pytest.fixture
    def source(self, school: str) -> Fetching:
        return made("SELECT * FROM toy", school)

    @pytest.fixture
    def broken(self, school: str) -> Fetching:
        return made("SELECT * FROM toys", school)


def test_values_are_read_as_those_of_a_table_file_are() -> None:
    when = datetime.fromisoformat("2026-03-01T08:00+02:00")
    rows = [
        (1, 1.5, Decimal("3"), Decimal("0.25"), True, date(2026, 3, 1), when, "a", UUID(int=7), memoryview(b"x"), 1),
        (None, float("nan"), None, Decimal("NaN"), None, None, None, None, None, None, "two"),
    ]
    found = sql_columns(list("abcdefghijk"), [rows[:1], rows[1:]])
    assert [found[name][0] for name in "abcdef"] == [1, 1.5, 3, 0.25, True, date(2026, 3, 1)]
    assert found["g"][0].tzinfo is UTC and found["g"][0].hour == 6
    assert isinstance(found["h"], TextColumn) and list(found["i"]) == [str(UUID(int=7)), None]
    assert found["j"][0] == b"x" and list(found["k"]) == ["1", "two"]
    assert all(found[name][1] is None for name in "abcdefghij")


def test_decimals_of_one_column_are_of_one_type() -> None:
    assert sql_columns(["x"], [[(Decimal("3"),)], [(Decimal("3.5"),)]]) == {"x": [3.0, 3.5]}


def test_a_list_in_a_column_is_refused_with_what_to_write() -> None:
    with pytest.raises(DataError, match=r"'tags'.*type list.*CAST\(tags AS TEXT\)"):
        sql_columns(["tags"], [[([1, 2],)]])


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * FROM toys", "refuses data.query: no such table: toys"),
        ("SELEC 1", "refuses data.query: near .SELEC.: syntax error"),
        ("DELETE FROM toy", "refuses data.query: attempt to write a readonly database"),
        ("SELECT age, hours AS age FROM toy", "these columns twice: age"),
        ("SELECT * FROM toy WHERE age > 99", "columns and no record"),
        ("PRAGMA query_only", None),
        ("SELECT * FROM toy WHERE tool LIKE '%a%' AND tool <> ':b'; ", None),
    ],
)
def test_a_query_that_cannot_be_is_refused_in_one_line(
    query: str, reason: str | None, school: str, project: Project
) -> None:
    if reason is None:
        assert asked(query, school, project)
        return
    with pytest.raises(OmloopError, match=reason) as caught:
        asked(query, school, project)
    assert len(str(caught.value).splitlines()) == 1 and asked("SELECT * FROM toy", school, project)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "No database is named.*OMLOOP_SQL_URL"),
        ("postgresql://***@db/school", "kept without what may be a secret"),
        ("school.db", "no address of a database"),
        ("sqlite://", "names no SQLite file"),
        ("sqlite:///none.db", "no SQLite file none.db"),
        ("nosuch://db/school", "'nosuch' is no database"),
        ("oracle+oracledb://db/school", "needs the Python package 'oracledb'"),
        ("postgresql://127.0.0.1:9/school", "cannot be reached: .*refused"),
        ("postgresql://ada:hush-hush@db/school", "holds a password.*PGPASSWORD"),
        ("postgresql://db/school?password=hush-hush", "holds a password"),
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_secret(url: str, reason: str, project: Project) -> None:
    with pytest.raises((ConfigError, SourceError), match=reason) as caught:
        asked("SELECT 1", url, project)
    assert "hush" not in str(caught.value)
    assert not Path("none.db").exists()


def test_the_whole_address_may_be_in_the_environment_and_its_password_is_never_told(
    monkeypatch: pytest.MonkeyPatch, project: Project
) -> None:
    monkeypatch.setenv("OMLOOP_SQL_URL", "postgresql://ada:hush-hush@127.0.0.1:9/school")
    source = made("SELECT *\n  FROM toy;")
    assert source.origin == Origin("sql", "postgresql school: SELECT * FROM toy")
    assert source.origin == made("SELECT * FROM toy", "postgresql://ben@elsewhere/school").origin
    assert source.origin == made("SELECT * FROM toy", "postgresql://***@127.0.0.1/school?***").origin
    with pytest.raises(SourceError, match="refused") as caught:
        source.records(project, Path(), Settings())
    assert "hush" not in f"{source} {caught.value}"


@pytest.fixture
def table(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of PostgreSQL with a table `t` of 200,000 rows; the password is in the environment."""
    import psycopg

    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(
            "CREATE TABLE t AS SELECT n AS id, n / 3.0 AS part, n % 2 = 0 AS even, date '2026-01-01' + n % 365 AS day, "
            "timestamptz '2026-01-01 00:00+02' AS at, 'row ' || n AS word, NULLIF(n % 10, 0) AS gap, "
            "ARRAY[n] AS list FROM generate_series(1, 200000) AS n"
        )
    monkeypatch.setenv("PGPASSWORD", "pass/word-nobody-may-see")
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    yield f"postgresql://omloop@/postgres?host={postgres.folder}"


@pytest.mark.slow
def test_rows_of_postgresql_are_streamed_and_typed(table: str, project: Project) -> None:
    found = asked("SELECT id, part, even, day, at, word, gap FROM t ORDER BY id", table, project)
    assert list(found["id"]) == list(range(1, 200_001)) and found["part"][0] == pytest.approx(1 / 3)
    assert found["even"][:2] == [False, True] and found["day"][0] == date(2026, 1, 2)
    assert found["at"][0] == datetime(2025, 12, 31, 22, tzinfo=UTC) and found["at"][0].tzinfo is UTC
    assert found["word"][0] == "row 1" and found["gap"][9] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * FROM nothing", 'refuses data.query: relation "nothing" does not exist'),
        ("SELEC 1", "refuses data.query: syntax error"),
        ("DELETE FROM t", "refuses data.query"),
        ("SELECT 1 / (id - 150000) FROM t", "refuses data.query: division by zero"),
        ("SELECT list FROM t", "'list'.*type list"),
        ("SELECT 'infinity'::date", "refuses data.query"),
        ("SELECT nextval('serial')", "refuses data.query"),
    ],
)
def test_postgresql_refuses_in_one_line_and_nothing_is_written(
    query: str, reason: str, table: str, project: Project
) -> None:
    with pytest.raises(OmloopError, match=reason) as caught:
        asked(query, table, project)
    assert len(str(caught.value).splitlines()) == 1
    assert asked("SELECT count(*) AS n FROM t", table, project) == {"n": [200_000]}


@pytest.mark.slow
def test_a_connection_that_is_killed_in_mid_stream_gives_no_records(
    table: str, project: Project, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    def kill(names: Any, batches: Any) -> Any:
        next(batches)
        with psycopg.connect(postgres.url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return {"id": list(batches)}

    monkeypatch.setattr(sql, "sql_columns", kill)
    with pytest.raises(SourceError, match=r"broke off after 5,000 rows: .*terminat.*Try again"):
        asked("SELECT id FROM t", table, project)


@pytest.mark.slow
def test_a_server_that_went_away_is_told_and_asked_again_later(
    table: str, project: Project, postgres: PostgresServer
) -> None:
    postgres.control("stop")
    try:
        with pytest.raises(SourceError, match="cannot be reached"):
            asked("SELECT id FROM t", table, project)
    finally:
        postgres.control("start")
    assert len(asked("SELECT id FROM t LIMIT 3", table, project)["id"]) == 3


@pytest.mark.slow
def test_a_wrong_password_is_not_quoted(table: str, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "another-secret")
    with pytest.raises(SourceError, match="password authentication failed") as caught:
        asked("SELECT id FROM t", table, project)
    assert "another-secret" not in str(caught.value) and os.environ["PGPASSWORD"] == "another-secret"
