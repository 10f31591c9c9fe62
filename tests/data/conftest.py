"""A small project over a table, and its records as a CSV."""

import csv
from pathlib import Path

import numpy as np
import pytest

from omloop.core import Columns, Project
from omloop.kinds import Column, Number, Table

TABLE = Table(
    (
        Column("hours", "number", low=0, high=24),
        Column("age", "integer", low=14, high=24),
        Column("tool", "category", categories=("None", "Chat")),
    )
)


def simulate(rows: int, seed: int, drift: float) -> Columns:
    """Hours, ages and tools whose score is their sum."""
    draw = np.random.default_rng(seed)
    hours = draw.uniform(0, 10, rows).round(2) + 5 * drift
    ages = draw.integers(14, 25, rows)
    tools = [TABLE.columns[2].categories[code] for code in draw.integers(0, 2, rows)]
    return {"row": list(range(rows)), "hours": hours, "age": ages, "tool": tools, "score": hours + ages}


@pytest.fixture
def project() -> Project:
    return Project(
        name="toy",
        summary="A toy.",
        inputs=TABLE,
        outputs=Number("score", low=0, high=100),
        target="score",
        models={},
        baseline="mean",
        simulate=simulate,
        ignored={"row": "a row number"},
        slices=("tool",),
    )


@pytest.fixture
def records(project: Project) -> Columns:
    return {name: [str(value) for value in values] for name, values in project.simulate(300, 3, 0.0).items()}


@pytest.fixture
def table_file(tmp_path: Path, records: Columns) -> Path:
    path = tmp_path / "toy.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(records)
        writer.writerows(zip(*records.values(), strict=True))
    return path
