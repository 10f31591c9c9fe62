"""Data that nothing can be learned from is refused, and what is to blame is named."""

from dataclasses import replace
from typing import Any

import pytest

from omloop.core import Columns, DataError, Project
from omloop.data import prepare, require_learnable
from omloop.kinds import Classes, Column, Table


def refuse(project: Project, records: Columns) -> None:
    require_learnable(project, project.inputs, prepare(project, records, project.inputs, seed=0))


def test_ordinary_records_pass(project: Project, records: Columns) -> None:
    refuse(project, records)


def test_one_number_for_all_is_refused_by_its_value(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match=r"The 'score' of all 300 records is 12\.5, so there is nothing to learn"):
        refuse(project, {**records, "score": ["12.5"] * 300})


@pytest.fixture
def moods(project: Project) -> Project:
    return replace(project, outputs=Classes("score", ("calm", "cross")))


def test_one_class_for_all_is_refused_by_its_name(moods: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="All 300 records are of class 'cross'"):
        refuse(moods, {**records, "score": ["cross"] * 300})


def test_one_class_in_the_training_part_is_refused_though_the_test_part_has_two(
    moods: Project, records: Columns
) -> None:
    """Counted in the training part, because others cannot be learned from."""
    parts = ["train" if row % 3 else "test" for row in range(300)]
    labels = ["calm" if row else "cross" for row in range(300)]
    with pytest.raises(DataError, match="training records are of class 'calm'"):
        refuse(replace(moods, part="part"), {**records, "score": labels, "part": parts})


def test_columns_without_any_value_are_named(project: Project, records: Columns) -> None:
    absent = (Column("weight", "number", missing=True), Column("shade", "category", categories=("a",), missing=True))
    odd = replace(project, inputs=Table((*project.inputs.columns[:2], *absent)))  # type: ignore[attr-defined]
    empty: dict[str, Any] = {"weight": [None] * 300, "shade": [""] * 300}
    with pytest.raises(DataError, match=r"No training record has a value in 'weight', 'shade'.*data\.features"):
        refuse(odd, {**records, **empty})
