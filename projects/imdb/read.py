"""The published files as records: whatever their layout, a column `review`, a column `sentiment`, and the part."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from omloop.core import Columns, DataError, SourceError

from .counterfactual import read_pairs

CLASSES = ("negative", "positive")
PARTS = ("train", "validation", "test")


def read(path: Path) -> Columns:
    """Read the folder that holds `train.parquet` and `test.parquet`, or a single table such as `IMDB Dataset.csv`.

    Files may be named as on Hugging Face (`train-00000-of-00001.parquet`, with columns `text` and `label`). The column
    `part` says which published part a record of a folder is from. A `.tsv` holds pairs of reviews, of which those whose
    original is in `test.parquet` beside it are for the test; see `counterfactual.py`. Raises SourceError for a folder
    without such files.
    """
    if path.suffix == ".tsv":
        beside = path.parent / "test.parquet"
        return read_pairs(path, _renamed(beside)["review"] if beside.is_file() else ())
    if path.is_file():
        return _renamed(path)
    files = [(part, file) for part in PARTS for file in sorted(path.glob(f"{part}*.parquet"))]
    if not any(part == "train" for part, _ in files):
        raise SourceError(f"{path} holds no train.parquet. Give the folder that holds the files, or one CSV file.")
    tables = [(part, _renamed(file)) for part, file in files]
    columns = {name: [value for _, table in tables for value in table[name]] for name in ("review", "sentiment")}
    return {**columns, "part": [part for part, table in tables for _ in table["review"]]}


def _renamed(file: Path) -> Columns:
    from omloop.data import read_table

    table = dict(read_table(file))
    for ours, theirs in {"review": "text", "sentiment": "label"}.items():
        if theirs in table and ours not in table:
            table[ours] = table.pop(theirs)
        if ours not in table:
            raise DataError(f"{file} has no column '{ours}', only {', '.join(table)}. Rename the column of that kind.")
    return {**table, "sentiment": _words(file, table["sentiment"])}


def _words(file: Path, labels: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """Hugging Face writes 0 and 1; -1 marks a review whose sentiment nobody told."""
    if "-1" in map(str, labels[:1]):
        raise DataError(f"{file} holds reviews without a sentiment (-1). Leave the file out.")
    names = dict(enumerate(CLASSES)) | {str(index): name for index, name in enumerate(CLASSES)}
    return [names.get(label, label) for label in labels]
