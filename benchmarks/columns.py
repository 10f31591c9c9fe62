"""How long a table takes to read, by the type of its column: a million values of each, as texts of a file.

    python benchmarks/columns.py [ROWS]

Prints seconds for `Table.encode` of each type, for the steps of a category of 100,000 words, and microseconds for one
request of a table of 22 plain columns, whose speed new types must not take.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from omloop import Column, InputError, Table


def main(rows: int) -> None:
    """Measure each, the best of three."""
    draw = np.random.default_rng(0)
    days = (np.datetime64("1990-01-01") + draw.integers(0, 12_000, rows)).astype(str).tolist()
    times = (np.datetime64("1990-01-01T00:00:00") + draw.permutation(rows) * 100).astype(str).tolist()
    usual = [f"{one[8:10]}/{one[5:7]}/{one[:4]} {one[11:]}" for one in times]
    texts = [f"the {number} quick brown foxes" for number in range(rows)]
    for what, column, values in (
        ("integer", Column("x", "integer"), list(map(str, range(rows)))),
        ("boolean", Column("x", "boolean"), ["yes", "no"] * (rows // 2)),
        ("date", Column("x", "date"), days),
        ("datetime, all different", Column("x", "datetime"), times),
        ("datetime with a format", Column("x", "datetime", format="%d/%m/%Y %H:%M:%S"), usual),
        ("text of 5 words", Column("x", "text"), texts),
    ):
        measure(f"{rows:,} values: {what}", lambda column=column, values=values: Table((column,)).encode({"x": values}))
    many_words(rows)
    requests()


def many_words(rows: int) -> None:
    """A category of 100,000 words."""
    words = tuple(f"shop {number}" for number in range(100_000))
    table = Table((Column("x", "category", categories=words, other="other"),))
    closed = Table((Column("x", "category", categories=words),))
    values = [words[number % len(words)] for number in range(rows)]
    measure(f"{rows:,} values: category of 100,000 words", lambda: table.encode({"x": values}))
    read = closed.reader()
    measure("100,000 words: reader", closed.reader)
    measure("100,000 words: schema", closed.schema)
    measure("100,000 words: a request", lambda: read(b'{"rows": [{"x": "shop 77"}]}', "application/json"))
    measure("100,000 words: a refusal", lambda: refused(read))


def requests() -> None:
    """One row of 22 plain columns."""
    numbers = tuple(Column(f"n{index}", "number", low=0) for index in range(10))
    integers = tuple(Column(f"i{index}", "integer", missing=True) for index in range(8))
    words = tuple(Column(f"c{index}", "category", categories=("a", "b", "c")) for index in range(4))
    table = Table((*numbers, *integers, *words))
    row = dict(zip(table.fields, [0.5] * 10 + [3] * 8 + ["b"] * 4, strict=True))
    body, read = json.dumps({"rows": [row]}).encode(), table.reader()
    measure("1,000 requests of 22 columns: reader", lambda: [read(body, "application/json") for _ in range(1000)])
    measure("1,000 requests of 22 columns: parse", lambda: [table.parse([row]) for _ in range(1000)])


def refused(read: Callable[..., Any]) -> str:
    """What a client is told of a word that nobody knows."""
    try:
        read(b'{"rows": [{"x": "shop 7777777"}]}', "application/json")
    except InputError as error:
        return error.reason
    return ""


def measure(what: str, act: Callable[[], object]) -> None:
    """Print the seconds of the best of three."""
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begin)
    print(f"{what:50} {min(seconds):9.4f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
