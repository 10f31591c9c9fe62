"""The reference: every row is in exactly one cell, and counts add up."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.bundle import Cells, Reference
from omloop.bundle.reference.reference import OUTCOME, OUTCOMES

numbers = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")) | st.integers(0, 3).map(float), max_size=60)


def cells(values: list[float] | np.ndarray, categories: tuple[str, ...] = ()) -> Cells:
    return Reference.of({"x": np.asarray(values, np.float64)}, {"x": categories}).columns["x"]


@given(numbers)
@settings(max_examples=60, deadline=None)
def test_the_counts_sum_to_the_rows(values: list[float]) -> None:
    found = cells(values)
    assert sum(found.counts) == len(values)
    assert len(found.counts) == len(found.edges) + 2


@given(numbers, numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_the_counts_of_two_halves_add_up_to_those_of_the_whole(
    reference: list[float], first: list[float], second: list[float]
) -> None:
    count = cells(reference).count
    np.testing.assert_array_equal(count(np.array(first)) + count(np.array(second)), count(np.array(first + second)))


@given(numbers)
@settings(max_examples=40, deadline=None)
def test_no_row_of_the_reference_lies_below_or_above_its_cells(values: list[float]) -> None:
    counts = cells(values).counts
    assert (counts[0], counts[-2]) == (0, 0)
    assert counts[-1] == np.isnan(values).sum()


def test_values_outside_the_reference_have_cells_of_their_own() -> None:
    found = cells(np.arange(100.0)).count(np.array([-1.0, 0.0, 99.0, 99.5, np.inf, -np.inf, np.nan]))
    assert (found[0], found[-2], found[-1]) == (2, 2, 1)


def test_a_smooth_column_has_cells_of_equal_mass_and_finer_ones_in_its_tails() -> None:
    found = cells(np.random.default_rng(0).normal(size=1600))
    assert found.counts == (0, 25, 25, 50, *[100] * 14, 50, 25, 25, 0, 0)


def test_each_of_few_integers_has_its_own_cell() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 7.0], [40, 30, 20, 10])
    assert cells(values).counts == (0, 40, 30, 20, 10, 0, 0)


def test_a_constant_column_has_one_cell_and_any_other_value_leaves_it() -> None:
    found = cells([5.0] * 20)
    assert found.counts == (0, 20, 0, 0)
    assert found.count(np.array([5.0, 4.999, 5.001])).tolist() == [1, 1, 1, 0]


def test_a_constant_float32_column_stays_in_its_cell() -> None:
    values = np.full(20, 0.1, np.float32)
    found = Reference.of({"x": values}, {"x": ()}).columns["x"]
    assert found.count(values).tolist() == [0, 20, 0, 0]


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_a_column_without_a_value_counts_the_absent_ones(values: list[float]) -> None:
    found = cells(values)
    assert sum(found.counts) == found.counts[-1] == len(values)
    assert found.count(np.array([1.0, -1.0])).tolist() == [1, 1, 0]


def test_a_category_has_a_cell_a_word_and_one_for_absent_values() -> None:
    found = cells([0, 2, 2, np.nan], ("a", "b", "c"))
    assert found == Cells((), ("a", "b", "c"), (1, 0, 2, 0, 1))


def test_a_reference_written_before_unseen_words_had_a_cell_is_read() -> None:
    assert Cells((), ("a", "b"), (5, 4, 1)) == Cells((), ("a", "b"), (5, 4, 0, 1))


@pytest.mark.parametrize("code", [3, -1, np.inf, -np.inf, 99])
def test_an_index_without_a_word_is_unseen(code: float) -> None:
    assert cells([0], ("a", "b", "c")).count(np.array([0, code])).tolist() == [1, 0, 0, 1, 0]


def test_indices_of_integers_are_counted_as_well() -> None:
    assert cells([0, 1], ("a", "b")).count(np.array([1, 1, 0])).tolist() == [1, 2, 0, 0]


def test_a_reference_counts_its_rows_and_names_its_columns() -> None:
    found = Reference.of({"x": np.arange(4.0), "c": np.zeros(4)}, {"x": (), "c": ("a",)})
    assert found.rows == 4
    assert list(found.columns) == ["x", "c"]


def test_a_reference_of_no_columns_is_empty() -> None:
    assert Reference.of({}, {}) == Reference(0, {})


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_reference_survives_being_written(values: list[float]) -> None:
    """JSON has no infinity, so no edge may be one."""
    found = Reference.of({"x": np.array(values)}, {"x": ()})
    assert msgspec.json.decode(msgspec.json.encode(found), type=Reference) == found


@given(numbers)
@settings(max_examples=30, deadline=None)
def test_counting_does_not_depend_on_what_was_counted_before(values: list[float]) -> None:
    found = cells(values)
    again = replace(found, counts=())
    assert tuple(again.count(np.asarray(values, np.float64)).tolist()) == found.counts


def test_refused_requests_are_counted_beside_the_answered_ones() -> None:
    rows = {"x": np.arange(100.0)}
    found = Reference.of({**rows, OUTCOME: np.zeros(100)}, {"x": (), OUTCOME: OUTCOMES}, bucket=50)
    buckets = found.with_refusals(found.buckets(rows), np.array([1, 1, 0]), np.array([2, 2, 1]))
    assert found.split(buckets)[OUTCOME].tolist() == [[50, 1, 0, 0, 0, 0], [50, 0, 2, 0, 0, 0]]
    assert found.split(buckets)["x"].sum() == 100


def test_a_row_that_was_sent_again_and_again_counts_once() -> None:
    chance = np.random.default_rng(2)
    rows = {"x": chance.normal(size=5000), "y": chance.normal(size=5000)}
    rows = {name: np.append(values, np.repeat(values[:1], 200)) for name, values in rows.items()}
    found = Reference.of(rows, {"x": (), "y": ()})
    assert (found.rows, sum(found.columns["y"].counts), found.columns["y"].repeats) == (5000, 5000, 1.0)


def test_columns_of_a_later_kind_are_left_out() -> None:
    found = Reference.of({"x": np.arange(10.0)}, {"x": ()})
    assert found.count({"x": np.arange(10.0), "new": np.zeros(10)}).sum() == 10


def test_a_reference_that_an_older_omloop_wrote_is_read() -> None:
    """Nothing is known of its repeats, and all rows count."""
    chance = np.random.default_rng(3)
    rows = {"x": chance.normal(size=600), "y": chance.normal(size=600)}
    written = msgspec.json.decode(
        msgspec.json.encode(Reference.of(rows, {"x": (), "y": ()}, together={"xy": ["x", "y"]}))
    )
    del written["alike"], written["joints"]["xy"]["pairs"], written["joints"]["xy"]["repeats"]
    for column in written["columns"].values():
        del column["repeats"], column["common"]
    found = msgspec.convert(written, Reference)
    assert (found.alike, found.columns["x"].repeats, found.joints["xy"].pairs) == (1.0, 1.0, ())
    again = {name: np.append(values[:249], values[0]) for name, values in rows.items()}
    assert found.rows_in(found.buckets(again)).tolist() == [250]
