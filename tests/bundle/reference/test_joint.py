"""Sums of features add up exactly, and are those of the reference where nothing moved."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.bundle import Reference

CHANCE = np.random.default_rng(0)
ROWS = {"a": CHANCE.normal(size=2000), "b": CHANCE.lognormal(size=2000), "c": np.full(2000, 3.0)}
REFERENCE = Reference.of(ROWS, dict.fromkeys(ROWS, ()), together={"all": list(ROWS)})
JOINT = REFERENCE.joints["all"]


def test_a_column_of_one_value_has_no_part() -> None:
    assert JOINT.columns == ("a", "b")
    assert Reference.of(ROWS, dict.fromkeys(ROWS, ()), together={"all": ["a", "c"]}).joints == {}


@given(st.integers(1, 1999))
@settings(max_examples=20, deadline=None)
def test_sums_of_two_parts_add_up_to_those_of_the_whole(cut: int) -> None:
    halves = [{name: values[part] for name, values in ROWS.items()} for part in (slice(cut), slice(cut, None))]
    np.testing.assert_array_equal(sum(REFERENCE.count(half) for half in halves), REFERENCE.count(ROWS))


def test_the_references_own_rows_are_where_they_were() -> None:
    apart = JOINT.deviations(JOINT.sum_each(ROWS, 2000), np.array([2000]))
    assert apart == pytest.approx(0, abs=0.01)


def test_deviations_of_rows_are_white() -> None:
    apart = JOINT.deviations(JOINT.sum_each(ROWS, 1), np.ones(2000))
    np.testing.assert_allclose(np.cov(apart.T), np.eye(apart.shape[1]), atol=0.05)


def test_absent_values_and_values_beyond_all_bounds_are_features_too() -> None:
    live = {"a": np.array([np.nan, np.inf, -np.inf]), "b": np.array([1e300, np.nan, -1.0]), "c": np.zeros(3)}
    assert np.abs(JOINT.features(live)).max() <= 2.5 * 1024


def test_the_shifts_of_the_columns_are_told_from_the_features() -> None:
    """About: what was cut off is lost."""
    live = {**ROWS, "a": ROWS["a"] + 0.3}
    found = JOINT.shifts(JOINT.sum_each(live, 2000)[0], 2000)
    assert found["a"] == pytest.approx(0.3, abs=0.1)
    assert found["b"] == pytest.approx(0.0, abs=0.05)


def test_it_survives_being_written() -> None:
    assert msgspec.json.decode(msgspec.json.encode(REFERENCE), type=Reference) == REFERENCE


def test_its_dispersion_is_that_of_rows_that_come_five_times() -> None:
    """Nearly: what is equal to the last digit in a bucket counts once."""
    rows = {name: np.repeat(values, 5) + CHANCE.normal(0, 1e-6, 10_000) for name, values in ROWS.items()}
    found = Reference.of(rows, dict.fromkeys(rows, ()), series=rows, together={"all": list(rows)}, bucket=50)
    assert found.joints["all"].dispersion == pytest.approx(5, rel=0.2)
