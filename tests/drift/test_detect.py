"""Drift is found where it is, and seldom where it is not."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.bundle import Reference
from omloop.core import DataError
from omloop.drift import compare, detect
from omloop.kinds import Image

Rows = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def without_a_warning() -> Iterator[None]:
    """Whatever the data, NumPy has nothing to complain of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


def rows_of(chance: np.random.Generator, rows: int) -> Rows:
    """Twenty columns: normal, skewed, integers, words with a rare one, partly missing."""
    gaps = np.where(chance.random((4, rows)) < 0.02, np.nan, chance.normal(size=(4, rows)))
    return {
        **{f"normal{i}": chance.normal(size=rows) for i in range(5)},
        **{f"skewed{i}": chance.lognormal(size=rows) for i in range(4)},
        **{f"integer{i}": chance.integers(0, 12, rows).astype(float) for i in range(4)},
        **{f"word{i}": chance.choice(4, rows, p=[0.9, 0.07, 0.025, 0.005]).astype(float) for i in range(3)},
        **{f"gaps{i}": gaps[i] for i in range(4)},
    }


def reference_of(rows: Rows) -> Reference:
    return Reference.of(rows, {name: tuple("abcd") if name.startswith("word") else () for name in rows})


def one_column(values: Any) -> Rows:
    return {"normal": np.asarray(values, float)}


REFERENCE = reference_of(rows_of(np.random.default_rng(0), 5000))


def test_windows_without_drift_seldom_ring() -> None:
    """100 windows of 500 rows and 20 columns at level 0.05, each with a reference of its own: 5 expected at most."""
    chance = np.random.default_rng(1)
    alarms = 0
    for _ in range(100):
        reference = reference_of(rows_of(chance, 5000))
        alarms += detect(reference, rows_of(chance, 500), level=0.05, least_distance=0.0).moved
    assert alarms <= 11


def test_half_a_standard_deviation_in_one_of_twenty_columns_is_found() -> None:
    chance = np.random.default_rng(2)
    for _ in range(20):
        live = rows_of(chance, 500)
        live["normal3"] = live["normal3"] + 0.5
        drift = detect(REFERENCE, live)
        assert drift.columns[0].column == "normal3"
        assert [column.column for column in drift.columns if column.moved] == ["normal3"]


@pytest.mark.parametrize(
    ("column", "value"), [("gaps0", np.inf), ("normal0", np.nan), ("skewed0", -1.0), ("word0", np.nan)]
)
def test_a_few_rows_of_what_never_occurred_are_found(column: str, value: float) -> None:
    """Twelve of 500 that are missing, or out of the range of training."""
    live = rows_of(np.random.default_rng(3), 500)
    live[column][:12] = value
    drift = detect(REFERENCE, live)
    assert (drift.columns[0].column, drift.columns[0].moved) == (column, True)


def test_a_rare_word_that_becomes_common_is_found() -> None:
    live = rows_of(np.random.default_rng(4), 500)
    live["word1"][:25] = 3.0
    assert detect(REFERENCE, live).columns[0].column == "word1"


def test_certainty_alone_does_not_ring() -> None:
    """A million rows make a shift of 0.05 standard deviations certain, and no more important."""
    chance = np.random.default_rng(5)
    reference = reference_of(one_column(chance.normal(size=1_000_000)))
    drift = detect(reference, one_column(chance.normal(0.05, size=1_000_000)))
    assert drift.columns[0].p_value < 1e-9
    assert not drift.moved


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=300))
def test_the_reference_itself_has_not_moved(values: list[float]) -> None:
    rows = one_column(values)
    drift = detect(reference_of(rows), rows, least_rows=1)
    assert (drift.moved, drift.columns[0].p_value, drift.columns[0].distance) == (False, 1.0, 0.0)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(200)))
def test_the_order_of_the_rows_changes_nothing(order: list[int]) -> None:
    rows = rows_of(np.random.default_rng(6), 200)
    assert detect(REFERENCE, {name: values[order] for name, values in rows.items()}) == detect(REFERENCE, rows)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 300))
def test_counts_of_two_halves_add_up_to_the_whole(cut: int) -> None:
    rows = rows_of(np.random.default_rng(7), 300)
    halves = [{name: values[part] for name, values in rows.items()} for part in (slice(cut), slice(cut, None))]
    first, second = (REFERENCE.count(half) for half in halves)
    assert compare(REFERENCE, first + second) == detect(REFERENCE, rows)


def test_too_few_rows_give_no_verdict() -> None:
    drift = detect(REFERENCE, rows_of(np.random.default_rng(8), 99))
    assert (drift.rows, drift.columns, drift.moved) == (99, (), False)


@pytest.mark.parametrize("values", [[np.nan] * 200, [7.0] * 200, [np.inf] * 200, [-np.inf, np.nan] * 100, [1.0], []])
@pytest.mark.parametrize("before", [[np.nan] * 50, [7.0] * 50, [1.0], list(range(500))])
def test_odd_columns_are_answered(before: list[float], values: list[float]) -> None:
    """All missing, constant, infinite, a single row, none: a number, and no warning."""
    drift = detect(reference_of(one_column(before)), one_column(values), least_rows=0)
    assert all(0 <= column.p_value <= 1 and column.distance >= 0 for column in drift.columns)


def test_a_column_that_goes_missing_has_moved() -> None:
    reference = reference_of(one_column(np.random.default_rng(9).normal(size=1000)))
    assert detect(reference, one_column([np.nan] * 200)).moved


@pytest.mark.parametrize("strange", [np.inf, -np.inf, -3.0, 99.0])
def test_a_word_that_is_none_of_the_references_has_a_cell_of_its_own(strange: float) -> None:
    live = rows_of(np.random.default_rng(10), 200)
    live["word0"][:40] = strange
    assert REFERENCE.split(REFERENCE.count(live))["word0"][-2] == 40
    assert detect(REFERENCE, live).columns[0].column == "word0"


def test_a_window_of_other_columns_is_refused_by_name() -> None:
    live = rows_of(np.random.default_rng(11), 200)
    live["new"] = live.pop("word2")
    with pytest.raises(DataError, match="lacks word2 and also has new"):
        detect(REFERENCE, live)


def test_columns_of_several_lengths_are_refused_by_name() -> None:
    live = rows_of(np.random.default_rng(12), 200)
    live["word2"] = live["word2"][:50]
    with pytest.raises(DataError, match="word2 50"):
        detect(REFERENCE, live)


def test_pictures_that_come_in_another_size_have_moved_and_those_of_the_same_have_not() -> None:
    """Resized they look alike, whatever size the reference had: all of one size leaves nothing to chance."""
    kind, chance = Image(8, 6, 1), np.random.default_rng(3)

    def seen(rows: int, height: int, width: int) -> Rows:
        return kind.observe(kind.encode({"image": [*chance.integers(0, 256, (rows, height, width), np.uint8)]}))

    before = seen(2000, 6, 8)
    reference = Reference.of(before, kind.observed)
    assert not detect(reference, seen(300, 6, 8)).moved
    larger, turned = detect(reference, seen(300, 12, 16)), detect(reference, seen(300, 8, 6))
    assert "area" in {column.column for column in larger.columns if column.moved}
    assert {column.column for column in larger.columns if not column.moved} >= {"aspect_ratio"}
    moved = {column.column for column in turned.columns if column.moved}
    assert "aspect_ratio" in moved and "area" not in moved


def test_a_window_in_which_a_correlation_ends_is_found() -> None:
    """Of two columns out of eight, whose own values are as before."""
    chance = np.random.default_rng(13)
    before = {f"c{index}": chance.normal(size=4000) for index in range(8)}
    before["c5"] = 0.7 * before["c2"] + 0.7 * before["c5"]
    reference = Reference.of(before, dict.fromkeys(before, ()), together={"all": list(before)})
    usual = {name: values[:400] for name, values in before.items()}
    assert not detect(reference, usual).moved
    moved = detect(reference, {**usual, "c5": chance.permutation(before["c5"])[:400]}).columns
    assert [column.column for column in moved if column.moved] == ["all"]
