"""Who a record is: the same whatever columns are in use, and however its numbers are printed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.bundle import TrainingKeys
from omloop.core import Columns, Project
from omloop.data import Identity, content_keys, prepare


@given(st.floats(-1e6, 1e6, width=32))
def test_a_number_is_the_same_as_text_and_in_half_the_digits(value: float) -> None:
    written = [value, str(value), f"{value:.12g}", np.float32(value), f" {value}"]
    one, *others = content_keys({"a": written, "b": ["x"] * 5}, ["a", "b"])
    assert {one} == set(others)


def test_what_is_missing_is_missing_however_it_is_written() -> None:
    keys = content_keys({"a": [None, "", float("nan"), 0, "0.0"], "b": ["x"] * 5}, ["a", "b"])
    assert len(set(keys[:3].tolist())) == 1 and keys[3] == keys[4] != keys[0]


def test_a_number_is_the_same_in_a_column_that_holds_words_too() -> None:
    numbers = [0.1, -0.0, 3e38, 12, 1e-40]
    mixed = content_keys({"a": [*numbers, "many"], "b": ["x"] * 6}, ["a", "b"])
    assert content_keys({"a": numbers, "b": ["x"] * 5}, ["a", "b"]).tolist() == mixed[:5].tolist()


def test_long_ids_are_told_apart() -> None:
    ids = [str(9_007_199_000_000 + row) for row in range(100)]
    assert len(set(content_keys({"id": ids}, ["id"]).tolist())) == 100


def test_a_name_is_the_same_where_its_column_was_read_as_floats_and_no_other_is() -> None:
    ids = content_keys({"id": ["17", 17, 17.0, "17.0", np.int64(17), "017", "1.7", "17e400", "9e999", "x.0"]}, ["id"])
    assert len(set(ids[:5].tolist())) == 1 and len(set(ids.tolist())) == 6


def test_columns_do_not_run_into_each_other() -> None:
    one, other = content_keys({"a": ["ab", "a"], "b": ["c", "bc"]}, ["a", "b"])
    assert one != other


def test_leaving_columns_out_deals_no_record_anew(project: Project, records: Columns) -> None:
    every = prepare(project, records, project.inputs, seed=3)
    few = prepare(project, records, project.inputs.select(["age"]), seed=3)
    assert list(few.test.rows) == list(every.test.rows) and list(few.train.rows) == list(every.train.rows)


def test_a_column_that_is_never_learned_from_makes_no_record_another(project: Project, records: Columns) -> None:
    """Equal examples must not be torn, so a row number that tells them apart does not count."""
    twice = {name: [*values, *values] for name, values in records.items()}
    twice["row"] = [str(row) for row in range(600)]
    dataset = prepare(project, twice, project.inputs, seed=0)
    assert {row + 300 for row in dataset.test.rows if row < 300} == {row for row in dataset.test.rows if row >= 300}


def test_with_an_id_a_corrected_record_keeps_its_part_and_is_known(project: Project, records: Columns) -> None:
    named = replace(project, id="row")
    mended = {
        **records,
        "score": ["1.5", *records["score"][1:]],
        "hours": [f"{float(h):.3f}" for h in records["hours"]],
    }
    before, after = (prepare(named, found, project.inputs, seed=1) for found in (records, mended))
    assert list(before.test.rows) == list(after.test.rows)
    learned = Identity.of(named, records).training_keys(before.train.rows)
    known = Identity.of(named, mended).among(learned, mended)
    assert known is not None and np.flatnonzero(known).tolist() == list(before.train.rows)


def test_whoever_shares_a_group_is_known_with_it(project: Project, records: Columns) -> None:
    grouped = replace(project, group="tool")
    learned = Identity.of(grouped, records).training_keys([records["tool"].index("Chat")])
    known = Identity.of(grouped, records).among(learned, records)
    assert known is not None and known.tolist() == [tool == "Chat" for tool in records["tool"]]


def test_what_was_learned_is_known_after_the_project_got_an_id(project: Project, records: Columns) -> None:
    learned = Identity.of(project, records).training_keys(range(50))
    known = Identity.of(replace(project, id="row"), records).among(learned, records)
    assert known is not None and np.flatnonzero(known).tolist() == list(range(50))


def test_where_a_column_is_gone_it_cannot_be_told(project: Project, records: Columns) -> None:
    learned = TrainingKeys.of(("gone", "score"), np.array([1], np.uint64))
    assert Identity.of(project, records).among(learned, records) is None


@pytest.mark.parametrize("column", ["hours", "age", "score"])
def test_any_input_tells_records_apart(project: Project, records: Columns, column: str) -> None:
    changed = {**records, column: ["2.25" if column != "age" else "99", *records[column][1:]]}
    one, other = (Identity.of(project, found).keys for found in (records, changed))
    assert (one != other).tolist() == [True, *[False] * 299]
