"""Evidently's report on the same rows, for those who know it: another opinion, which decides nothing here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from omloop.core import NumberArray

Rows = Mapping[str, NumberArray]


def evidently_page(reference: Rows, live: Rows, categories: Mapping[str, tuple[str, ...]]) -> bytes:
    """Evidently's page on data drift, by its own tests and defaults; about 4 MB of HTML with everything in it.

    `reference` and `live` are columns by name, each of shape (rows,); a category is the index of its word. This
    sends nothing anywhere. Needs the extra `evidently`.
    """
    os.environ["DO_NOT_TRACK"] = "1"
    import pandas
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    def dataset(rows: Rows) -> object:
        frame = pandas.DataFrame({name: _words(rows[name], categories[name]) for name in reference})
        return Dataset.from_pandas(frame, data_definition=definition)

    definition = DataDefinition(
        numerical_columns=[name for name in reference if not categories[name]],
        categorical_columns=[name for name in reference if categories[name]],
    )
    made = Report([DataDriftPreset()]).run(dataset(live), dataset(reference))
    with tempfile.TemporaryDirectory() as folder:  # it writes to a path only
        made.save_html(f"{folder}/report.html")
        return (Path(folder) / "report.html").read_bytes()


def _words(values: NumberArray, words: tuple[str, ...]) -> list[object]:
    if not words:
        return [float(value) for value in values]
    return [words[int(value)] if np.isfinite(value) and 0 <= value < len(words) else None for value in values]
