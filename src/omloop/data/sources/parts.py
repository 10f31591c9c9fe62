"""A table that lies in a folder of parts, as Spark, BigQuery and pandas write it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import DataError, first_line, some

if TYPE_CHECKING:
    import polars

SUFFIXES = frozenset({".parquet", ".pq", ".csv", ".tsv", ".feather", ".arrow", ".jsonl", ".ndjson"})


def parts_in(folder: Path) -> list[Path]:
    """The parts of a table below a folder, sorted by path: files of one kind, but for hidden ones and marks.

    Names that begin with `_` or `.`, such as `_SUCCESS`, are such. Raises DataError for no part, and for several kinds.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    shown = [path for path in files if not any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)]
    parts = [path for path in shown if path.name.removesuffix(".gz").endswith(tuple(SUFFIXES))]
    kinds = sorted({"".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix for path in parts})
    if not parts or len(kinds) > 1 or len(parts) < len(shown):
        held = some([path.name for path in shown if path not in parts] or kinds or ["nothing"])
        raise DataError(
            f"{folder} is a folder that holds {held}; name one file in it, or give the project a `read` of its own. "
            "Only the parts of one table, such as part-0.parquet, are read as one."
        )
    return parts


def joined(parts: Sequence[Path], frames: Sequence[polars.DataFrame]) -> polars.DataFrame:
    """The rows of all parts, in order; raises DataError that names a part with other columns than the first."""
    import polars

    first = frames[0].columns
    for path, frame in zip(parts, frames, strict=True):
        if set(frame.columns) != set(first):
            differ = some(sorted({*frame.columns} ^ {*first}))
            raise DataError(f"{path} has other columns than {parts[0].name}: {differ} stands in one of them alone.")
    try:
        return polars.concat((frame.select(first) for frame in frames), how="vertical_relaxed")
    except polars.exceptions.PolarsError as error:
        raise DataError(
            f"The parts in {parts[0].parent} have columns of different types: {first_line(error)}."
        ) from error
