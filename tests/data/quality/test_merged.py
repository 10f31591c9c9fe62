"""Numbers that a table cannot tell apart are found before they are learned from."""

from dataclasses import replace
from typing import Any

import pytest

from omloop.core import Project
from omloop.data import prepare
from omloop.data.quality.merged import merged_numbers
from omloop.data.quality.pool import Pool
from omloop.kinds import Column, Table

COUNT = 200
NUMBER = Column("n", "number")


def found(project: Project, values: list[Any], column: Column = NUMBER) -> Any:
    kind = Table((column,))
    records = {"n": values, project.target: [50.0] * COUNT}
    own = replace(project, inputs=kind, ignored={}, group=None, part=None, id=None, slices=())
    return merged_numbers(Pool.of(own, kind, records, prepare(own, records, kind, seed=1)))


@pytest.mark.parametrize("write", [int, str, float])
def test_numbers_that_differ_beyond_seven_digits_are_found(project: Project, write: Any) -> None:
    """Seconds of 2026 a second apart, as integers, texts and floats."""
    finding = found(project, [write(1_780_000_000 + second) for second in range(COUNT)])
    assert finding.message.startswith(f"'n' has {COUNT} values, of which a model sees 3.")
    assert finding.columns == ("n",)


@pytest.mark.parametrize("step", [1, 1024])
def test_numbers_that_stay_apart_are_not(project: Project, step: int) -> None:
    beginning = 0 if step == 1 else 1_780_000_000
    assert found(project, [beginning + step * row for row in range(COUNT)]) is None


def test_dates_that_are_written_without_a_mark_are_no_numbers(project: Project) -> None:
    days = [f"{2000 + row // 12}{row % 12 + 1:02}05" for row in range(COUNT)]
    near = [str(20240101 + row % 28) for row in range(COUNT)]
    for values in (days, near):
        assert found(project, values, Column("n", "date", format="%Y%m%d")) is None
