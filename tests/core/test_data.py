"""The values that travel: frozen, and honest about themselves."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from omloop import core
from omloop.core import Dataset, Decision, Drift, Estimate, Movement, Parity, Part, Report, Verdict


def part(rows: int) -> Part:
    return Part(np.zeros((rows, 2), np.float32), np.zeros(rows), np.arange(rows))


def movement(*, moved: bool) -> Movement:
    return Movement("age", 0.5, 0.0, moved)


def test_every_value_is_frozen() -> None:
    values: list[Any] = [value for value in vars(core).values() if dataclasses.is_dataclass(value)]
    assert len(values) >= 15
    assert all(value.__dataclass_params__.frozen for value in values)


def test_a_value_leaves_its_fields_alone() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Estimate(1.0, 0.0, 2.0).value = 3.0  # type: ignore[misc]


def test_a_dataset_is_as_long_as_its_parts_together() -> None:
    assert len(Dataset(part(5), part(2), part(1), "f", "simulated")) == 8


def test_an_estimate_prints_with_its_interval() -> None:
    assert str(Estimate(0.87654321, 0.86, 0.9)) == "0.877 [0.860, 0.900]"
    assert str(Estimate(0.00031, 0.0001, 0.0005)) == "0.00031 [0.00010, 0.00050]"
    assert [str(Estimate(value, math.nan, math.nan)) for value in (12.5, math.nan)] == ["12.5", "not defined"]


@pytest.mark.parametrize(("relative", "verified"), [(1e-6, True), (1e-5, True), (1.1e-5, False), (math.nan, False)])
def test_parity_is_verified_up_to_its_tolerance(relative: float, *, verified: bool) -> None:
    assert Parity(7, (1, 2), 0.0, 0.0, relative, 1.0, 1e-5).verified is verified


@pytest.mark.parametrize(("verdict", "promote"), [("better", True), ("worse", False), ("not enough evidence", False)])
def test_only_a_better_candidate_is_to_be_promoted(verdict: Verdict, *, promote: bool) -> None:
    assert Decision(verdict, "because").promote is promote


def test_drift_moved_when_any_column_moved() -> None:
    assert not Drift(10, (), 0.01).moved
    assert not Drift(10, (movement(moved=False),), 0.01).moved
    assert Drift(10, (movement(moved=False), movement(moved=True)), 0.01).moved


def test_two_reports_do_not_share_their_slices() -> None:
    assert Report("test", 1, {}).slices is not Report("test", 1, {}).slices
