"""Records drawn again from a sample of a file: what a project made from a file simulates.

The contract of all projects, a demonstration and a load test then run without the file. The bootstrap draws rows with
replacement (Efron 1979); a little noise on numbers is the smoothed bootstrap (Silverman and Young 1987).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from omloop.core import Columns, DataError, Kind
from omloop.data.rows import take_rows


@dataclass(frozen=True)
class Resample:
    """Simulates records of the form of a sample: `simulate=Resample(path, inputs)` of a project.

    `path` is a Parquet file of raw records, `inputs` the project's. `id` names the column that numbers records; new
    numbers replace the old ones.

    Called with (rows, seed, drift), it draws records with replacement, and the kind redraws the inputs with a little
    noise. For a share `drift` of them, from 0 to 1, it moves the inputs while the target stays. The same arguments give
    the same records. For one seed, a record that moves at a small drift also moves at a larger drift. Raises DataError
    for an unreadable sample.
    """

    path: Path
    inputs: Kind
    id: str = ""

    @cached_property
    def sample(self) -> Columns:
        """The raw records."""
        import polars

        try:
            frame = polars.read_parquet(self.path)
        except (OSError, polars.exceptions.PolarsError) as error:
            raise DataError(
                f"{self.path} cannot be read, so nothing can be simulated: {error}. Take data=file, or make it again."
            ) from error
        return {name: frame[name].to_list() for name in frame.columns}

    def __call__(self, rows: int, seed: int, drift: float) -> Columns:
        """Draw `rows` records."""
        draw = np.random.default_rng(seed)
        chosen = draw.integers(0, len(next(iter(self.sample.values()))), rows)
        drawn = take_rows(self.sample, chosen)
        records: dict[str, Any] = {**self.inputs.redrawn(drawn, draw.random(rows) < drift, seed)}
        if self.id in records:
            records[self.id] = list(range(1, rows + 1))
        return records


def sample_of(records: Columns, target: str, *, most: int, least: int = 10) -> list[int]:
    """Positions of up to about `most` records, evenly over the file, with up to `least` of every target's word.

    >>> sample_of({"y": ["a"] * 8 + ["b"] * 2}, "y", most=4, least=2)
    [0, 1, 3, 6, 8, 9]
    """
    targets = records[target]
    rows: dict[int, None] = dict.fromkeys(np.linspace(0, len(targets) - 1, min(most, len(targets)), dtype=int).tolist())
    if len(set(targets)) <= max(2, most // least):
        seen: dict[Any, int] = {}
        for row, value in enumerate(targets):
            seen[value] = seen.get(value, 0) + 1
            if seen[value] <= least:
                rows[row] = None
    return sorted(rows)


def write_sample(records: Mapping[str, Sequence[Any]], rows: Sequence[int], path: Path) -> None:
    """Write the records at those positions to a Parquet file, each value unchanged."""
    import polars

    columns = {name: list(values) for name, values in take_rows(records, rows).items()}
    polars.DataFrame(columns, strict=False).write_parquet(path)
