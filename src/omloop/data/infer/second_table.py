"""Refusing a file that holds two tables, one below the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import DataError

if TYPE_CHECKING:
    import polars

LEAST_COLUMNS = 2
NUMBERS = 0.9


def require_one_table(path: Path, frame: polars.DataFrame) -> None:
    """Let a frame of texts pass unless a row in it is a header: the first one again, or words in columns of numbers.

    Raises DataError with the row.
    """
    import polars

    texts = [name for name, kind in frame.schema.items() if kind == polars.String]
    if len(texts) < LEAST_COLUMNS or len(texts) < frame.width:
        return
    again = frame.select(polars.all_horizontal(polars.col(name) == name for name in texts)).to_series()
    rows = again.arg_true()
    if not len(rows):
        numbers = [frame.get_column(name).str.strip_chars().cast(polars.Float64, strict=False) for name in texts]
        mostly = [one for one in numbers if one.is_not_null().mean() >= NUMBERS]  # type: ignore[operator]
        if len(mostly) < LEAST_COLUMNS:
            return
        wordy = polars.DataFrame([one.is_null() & (frame.get_column(one.name) != "") for one in mostly])
        rows = wordy.select(polars.all_horizontal(polars.all())).to_series().arg_true()
        names = [name for row in rows for name in frame.row(row)]
        if not len(rows) or len(set(names)) < len(names) or not all(one.strip() for one in names):
            return
    shown = ", ".join(frame.row(rows[0])[:4])
    raise DataError(
        f"{path}: record {rows[0] + 1} is another header ({shown:.60}), so a second table begins there. "
        "Save each table in a file of its own."
    )
