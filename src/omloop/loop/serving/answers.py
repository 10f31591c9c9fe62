"""Answers written into a file: CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import explain_missing, write_whole
from omloop.kinds.number import INTERVAL_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

FORMS = (".csv", ".jsonl", ".parquet")


def write_answers(path: Path, answers: Sequence[Mapping[str, object]]) -> None:
    """Write one answer a row or line, whole or not at all; a nested value has a column of its own, as `a.b`.

    Raises MissingExtraError for Parquet without polars, and StoreError if writing the file fails.
    """
    if path.suffix == ".jsonl":
        content = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers).encode()
    else:
        rows = [flat(answer) for answer in answers]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        content = _csv(columns, rows) if path.suffix == ".csv" else _parquet(columns, rows)
    write_whole(path, content)


def flat(answer: Mapping[str, object], above: str = "") -> dict[str, object]:
    """The same with one value a name; the two ends of an interval have one each.

    >>> flat({"label": "hot", "probabilities": {"hot": 0.9, "cold": 0.1}})
    {'label': 'hot', 'probabilities.hot': 0.9, 'probabilities.cold': 0.1}
    >>> flat({"value": 61.5, "interval": [53.5, 69.5]})
    {'value': 61.5, 'interval.low': 53.5, 'interval.high': 69.5}
    """
    found: dict[str, object] = {}
    for name, value in answer.items():
        if name == "interval" and isinstance(value, list):
            found |= zip(INTERVAL_COLUMNS, value, strict=True)
        else:
            found |= flat(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": value}
    return found


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([row.get(name) for name in columns] for row in rows)
    return text.getvalue().encode()


def _parquet(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    with explain_missing("Writing Parquet"):
        import polars
    content = io.BytesIO()
    frame = polars.DataFrame({name: [row.get(name) for row in rows] for name in columns}, strict=False)
    frame.write_parquet(content)
    return content.getvalue()
