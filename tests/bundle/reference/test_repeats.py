"""Repeats of rows are told from rows that are equal by chance."""

import numpy as np
import pytest

from omloop.bundle.reference.repeats import alike, design_effect, first_of_each, row_hashes

CHANCE = np.random.default_rng(0)
RICH = {
    "price": CHANCE.lognormal(size=2000),
    "size": CHANCE.integers(0, 5, 2000).astype(float),
    "new": CHANCE.integers(0, 2, 2000).astype(float),
}


@pytest.mark.parametrize("times", [2, 6, 15])
def test_each_row_as_often_is_as_much(times: int) -> None:
    order = CHANCE.permutation(2000 * times)
    found = design_effect({name: np.repeat(values, times)[order] for name, values in RICH.items()})
    assert found == pytest.approx(times, rel=0.05)


def test_a_few_rows_that_come_often_count_by_kishs_formula() -> None:
    times = np.where(np.arange(2000) < 100, 20, 1)
    found = design_effect({name: np.repeat(values, times) for name, values in RICH.items()})
    assert found == pytest.approx((times**2).sum() / times.sum(), rel=0.01)


@pytest.mark.parametrize("values", [(2,), (2, 2), (4, 5, 6, 7), (60, 9, 6, 10, 2)])
def test_rows_that_are_equal_by_chance_are_none(values: tuple[int, ...]) -> None:
    rows = {f"c{many}{place}": CHANCE.integers(0, many, 10_000) for place, many in enumerate(values)}
    assert design_effect(rows) < 1.3


def test_distinct_rows_and_no_rows_have_an_effect_of_one() -> None:
    assert design_effect(RICH) == 1.0
    assert design_effect({}) == 1.0
    assert design_effect({"a": np.zeros(1)}) == 1.0


def test_two_columns_that_exchange_their_values_are_not_equal_and_absent_values_are() -> None:
    swapped = {"a": np.array([1.0, 2.0, np.nan, np.nan]), "b": np.array([2.0, 1.0, 0.0, -0.0])}
    assert alike(swapped, 1) == pytest.approx(1 / 6)


def test_neither_one_row_that_came_often_nor_very_many_rows_make_repeats_ordinary() -> None:
    often = {name: np.append(values, np.repeat(values[:1], 60)) for name, values in RICH.items()}
    assert alike(often, 250) < 0.05
    many = {"a": CHANCE.integers(0, 10**5, 10**6)}
    assert alike(many, 250) < 0.05
    assert alike({"flag": CHANCE.integers(0, 2, 1000)}, 250) == 1.0


def test_only_a_row_of_the_same_bucket_and_caller_came_before() -> None:
    rows = {"a": np.array([1.0, 1.0, 1.0, 2.0, 1.0, 1.0])}
    assert first_of_each(row_hashes(rows), 3).tolist() == [True, False, False, True, True, False]
    callers = ["x", "y", None, "x", "x", "y"]
    assert first_of_each(row_hashes(rows, callers), 3).all()


def test_a_bucket_that_comes_in_two_parts_counts_a_row_once() -> None:
    hashes = row_hashes({"a": np.array([1.0, 2.0, 1.0, 1.0])}, ["x"] * 4)
    assert first_of_each(hashes[2:], 1, hashes[:2]).tolist() == [False, True]
