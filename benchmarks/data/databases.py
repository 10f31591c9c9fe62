"""Reading rows from a database against reading the same rows from a file: rows a second, and the most memory.

    python benchmarks/data/databases.py [ROWS]

Rows are the simulated ones of `student_performance`, 22 columns, in SQLite, in PostgreSQL on a socket of this machine
where its programs are installed, in Parquet and in CSV. Each reading is a process of its own, whose most memory is what
the system says of it (`VmHWM`), less that of a reading of 1,000 rows; ratios are to the Parquet file that was read just
before, the medians of three.
"""

import contextlib
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BLOCK, FEW, RUNS = 50_000, 1_000, 3


def main(rows: int) -> None:
    """Write all, read each three times, print a line for each."""
    with tempfile.TemporaryDirectory() as made, databases(Path(made)) as addresses:
        folder = Path(made)
        write(folder, addresses, rows)
        sources = {name: {"source": "sql", "url": url} for name, url in addresses.items()}
        files = {name: {"source": "file", "path": str(folder / f"rows.{name}")} for name in ("parquet", "csv")}
        for name, source in {**files, **sources}.items():
            measure(name, source, files["parquet"], rows)


def measure(name: str, source: Mapping[str, str], parquet: Mapping[str, str], rows: int) -> None:
    """Print the speed and the memory of one source, and both as ratios to those of Parquet."""
    speeds, memories, least = [], [], own_process(source, FEW)["mb"]
    least_of_parquet = own_process(parquet, FEW)["mb"]
    for _ in range(RUNS):
        base, found = own_process(parquet, rows), own_process(source, rows)
        speeds.append(base["seconds"] / found["seconds"])
        memories.append((found["mb"] - least) / (base["mb"] - least_of_parquet))
    print(
        f"{name:10} {rows / found['seconds']:10,.0f} rows/s, x{statistics.median(speeds):.2f} of Parquet's; memory "
        f"{found['mb'] - least:6.0f} MB above that of {FEW:,} rows, x{statistics.median(memories):.2f} of Parquet's",
        flush=True,
    )


def own_process(source: Mapping[str, str], rows: int) -> dict[str, float]:
    """What a process of its own measured."""
    words = [sys.executable, __file__, "--child", json.dumps(source), str(rows)]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def child(words: str, rows: int) -> None:
    """Read `rows` rows as a turn does."""
    import polars  # noqa: F401  its start is no part of what is measured

    from omloop.core import Settings
    from omloop.data import SOURCES
    from omloop.loop import find_project

    given = json.loads(words)
    if given["source"] == "sql":
        import sqlalchemy  # noqa: F401

        given["query"] = f"SELECT * FROM t LIMIT {rows}"  # noqa: S608  a number of ours
    elif rows == FEW:
        given["path"] = str(Path(given["path"]).with_name(f"few{Path(given['path']).suffix}"))
    project = find_project("student_performance", Settings(projects=str(ROOT / "projects")))
    begun = time.perf_counter()
    found = SOURCES.load(given["source"])(**given).records(project, Path(), Settings())
    seconds = time.perf_counter() - begun
    assert {len(values) for values in found.values()} == {rows}
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"seconds": seconds, "mb": int(peak.split()[1]) / 1024}))


@contextlib.contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """The addresses of those that there are."""
    addresses = {"sqlite": f"sqlite:///{folder / 'rows.db'}"}
    sys.path.insert(0, str(ROOT))
    from tests.postgres import PASSWORD, PostgresServer

    programs = [*map(Path, filter(None, [shutil.which("initdb")])), *Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not programs:
        yield addresses
        return
    with tempfile.TemporaryDirectory() as cluster:
        server = PostgresServer(programs[-1].parent, Path(cluster))
        server.initialise()
        server.control("start")
        secret = Path(cluster) / "pgpass"
        secret.write_text(f"*:*:*:omloop:{PASSWORD}")
        secret.chmod(0o600)
        try:
            yield addresses | {"postgresql": f"postgresql://omloop@/postgres?host={cluster}&passfile={secret}"}
        finally:
            server.control("stop")


def write(folder: Path, addresses: Mapping[str, str], rows: int) -> None:
    """The same rows everywhere."""
    import polars

    from omloop.core import Settings
    from omloop.loop import find_project

    project = find_project("student_performance", Settings(projects=str(ROOT / "projects")))
    parts = [project.simulate(min(BLOCK, rows - done), done, 0.0) for done in range(0, rows, BLOCK)]
    frame = polars.concat(polars.DataFrame(dict(part), strict=False) for part in parts)
    for name, some in (("rows", frame), ("few", frame.head(FEW))):
        some.write_csv(folder / f"{name}.csv")
        some.write_parquet(folder / f"{name}.parquet")
    names = {polars.Float64: "DOUBLE PRECISION", polars.Int64: "BIGINT", polars.String: "TEXT"}
    columns = ", ".join(f'"{name}" {names[kind]}' for name, kind in zip(frame.columns, frame.dtypes, strict=True))
    for name, address in addresses.items():
        (to_sqlite if name == "sqlite" else to_postgresql)(folder, address, columns, frame)


def to_sqlite(folder: Path, address: str, columns: str, frame: Any) -> None:
    with contextlib.closing(sqlite3.connect(folder / "rows.db")) as file, file:
        file.execute(f"CREATE TABLE t ({columns})")
        file.executemany(f"INSERT INTO t VALUES ({', '.join('?' * frame.width)})", frame.iter_rows())  # noqa: S608


def to_postgresql(folder: Path, address: str, columns: str, frame: Any) -> None:
    import psycopg

    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE t ({columns})".encode())
        with cursor.copy("COPY t FROM STDIN (FORMAT csv, HEADER)") as copy, (folder / "rows.csv").open("rb") as file:
            while piece := file.read(1 << 20):
                copy.write(piece)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
