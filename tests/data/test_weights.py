"""How much each record counts: read, checked, and dealt to the parts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omloop.core import Columns, DataError, Project
from omloop.data import check_records, prepare, record_weights


@pytest.fixture
def weighed(project: Project) -> Project:
    return replace(project, weight="persons")


def test_every_example_keeps_the_weight_of_its_record(weighed: Project, records: Columns) -> None:
    counts = [f"{row % 7}.5" for row in range(len(records["row"]))]
    dataset = prepare(weighed, {**records, "persons": counts}, weighed.inputs, seed=1)
    for part in (dataset.train, dataset.validation, dataset.test):
        np.testing.assert_array_equal(part.weights, [row % 7 + 0.5 for row in part.rows])


def test_without_a_column_of_weights_no_part_has_any(project: Project, records: Columns) -> None:
    assert len(prepare(project, records, project.inputs, seed=1).train.weights) == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [(None, "record 3: the weight is missing"), ("", "is missing"), ("-2", "is '-2'"), ("many", "is 'many'")],
)
def test_a_weight_that_is_none_is_refused_with_its_record(weighed: Project, given: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        record_weights(weighed, {"persons": ["1", "0", given, "2"]})


def test_weights_that_are_all_zero_are_refused(weighed: Project) -> None:
    with pytest.raises(DataError, match="0 everywhere"):
        record_weights(weighed, {"persons": [0.0, 0.0]})


def test_records_without_the_column_of_weights_are_refused(weighed: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="'persons' is missing"):
        check_records(weighed, weighed.inputs, records, drop=False)
