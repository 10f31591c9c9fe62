from dataclasses import replace

import numpy as np
import pytest

from omloop.core import Columns, DataError, Project
from omloop.data import prepare


def test_every_record_lies_in_exactly_one_part(project: Project, records: Columns) -> None:
    dataset = prepare(project, records, project.inputs, seed=0)
    rows = [*dataset.train.rows, *dataset.validation.rows, *dataset.test.rows]
    assert sorted(rows) == list(range(300))
    assert len(dataset) == 300


def test_examples_targets_and_slices_stay_together(project: Project, records: Columns) -> None:
    part = prepare(project, records, project.inputs, seed=0).test
    row = part.rows[0]
    assert part.examples[0, 0] == np.float32(records["hours"][row])
    assert part.targets[0] == float(records["score"][row])
    assert part.slices["tool"][0] == records["tool"][row]


def test_what_was_tested_on_is_never_trained_on_when_data_grows(project: Project, records: Columns) -> None:
    more = {name: [*values, *values[:0]] for name, values in records.items()}
    extra = project.simulate(200, 9, 1.0)
    more = {name: [*values, *map(str, extra[name])] for name, values in records.items()}
    before = prepare(project, records, project.inputs, seed=0)
    after = prepare(project, more, project.inputs, seed=0)
    assert not set(before.test.keys) & set(after.train.keys)


def test_groups_are_never_torn_apart(project: Project, records: Columns) -> None:
    grouped = replace(project, group="age")
    dataset = prepare(grouped, records, project.inputs, seed=4)
    ages = [set(part.examples[:, 1]) for part in (dataset.train, dataset.validation, dataset.test)]
    assert not (ages[0] & ages[2]) and not (ages[0] & ages[1])


def test_records_that_the_publisher_dealt_stay_where_he_put_them(project: Project, records: Columns) -> None:
    dealt = replace(project, part="part")
    parts = ["test" if row % 3 == 0 else "train" for row in range(300)]
    dataset = prepare(dealt, {**records, "part": parts}, project.inputs, seed=0)
    assert list(dataset.test.rows) == list(range(0, 300, 3))
    assert 5 < len(dataset.validation) < 40


def test_the_fingerprint_tells_changed_records(project: Project, records: Columns) -> None:
    changed = {**records, "score": ["1.0", *records["score"][1:]]}
    one, other = (prepare(project, r, project.inputs, seed=0).fingerprint for r in (records, changed))
    assert one != other


def test_a_bad_value_is_told_with_its_column_and_record(project: Project, records: Columns) -> None:
    bad = {**records, "hours": [*records["hours"][:4], "inf", *records["hours"][5:]]}
    with pytest.raises(DataError, match="column 'hours', record 5: 'inf' is not accepted"):
        prepare(project, bad, project.inputs, seed=0)


def test_too_few_records_are_refused(project: Project, records: Columns) -> None:
    with pytest.raises(DataError, match="too few"):
        prepare(project, {name: values[:5] for name, values in records.items()}, project.inputs, seed=0)
