"""While one calibrates, what never occurred rings, and what comes in runs does not."""

import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.drift import LEARNED, find_alarms, warn

CHANCE = np.random.default_rng(0)
ROWS = 10_000


def in_runs(rows: int, share: float, length: int, seed: int) -> np.ndarray:
    """Normal values, of which a share is absent, in runs of a length."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=rows)
    for start in chance.choice(rows // length, int(share * rows / length), replace=False) * length:
        values[start : start + length] = np.nan
    return values


def beside(values: np.ndarray) -> dict[str, np.ndarray]:
    """A column beside another, so that no rows are equal."""
    return {"x": values, "y": np.random.default_rng(9).normal(size=len(values))}


def unordered(values: np.ndarray) -> Reference:
    return Reference.of(beside(CHANCE.permutation(values)), {"x": (), "y": ()})


@pytest.mark.parametrize("seed", range(5))
def test_runs_of_absent_values_of_the_usual_share_do_not_ring(seed: int) -> None:
    reference = unordered(in_runs(ROWS, 0.04, 80, seed))
    buckets = reference.buckets(beside(in_runs(ROWS, 0.04, 80, seed + 100)))
    assert find_alarms(reference, buckets) == ()


def test_a_share_of_absent_values_that_stays_high_rings_soon() -> None:
    reference = unordered(in_runs(ROWS, 0.04, 80, 0))
    live = np.append(in_runs(2500, 0.04, 80, 1), in_runs(5000, 0.5, 2, 2))
    alarms = find_alarms(reference, reference.buckets(beside(live)))
    assert 10 <= alarms[0].bucket <= 20 < LEARNED
    assert "more in absent" in alarms[0].columns[0].effects


@pytest.mark.parametrize("value", [np.nan, 50.0, -50.0], ids=["absent", "above", "below"])
def test_what_never_occurred_rings_with_the_first_bucket(value: float) -> None:
    reference, live = unordered(CHANCE.normal(size=ROWS)), CHANCE.normal(size=250)
    live[::2] = value
    (alarm,) = find_alarms(reference, reference.buckets(beside(live)))
    assert [(alarm.bucket, moved.column) for moved in alarm.columns] == [(0, "x")]


def test_a_shift_is_a_warning_while_one_calibrates_and_an_alarm_after() -> None:
    reference = unordered(CHANCE.normal(size=ROWS))
    buckets = reference.buckets(beside(CHANCE.normal(0.7, 1, 12_000)))
    warnings, alarms = warn(reference, buckets), find_alarms(reference, buckets)
    assert warnings[-1].bucket == LEARNED - 2 and warnings[-1].columns[0].column == "x"
    assert alarms[0].bucket == LEARNED - 1


def test_a_reference_with_an_order_gives_no_warning() -> None:
    rows = {"x": CHANCE.normal(size=ROWS)}
    reference = Reference.of(rows, {"x": ()}, series=rows)
    buckets = reference.buckets({"x": CHANCE.normal(0.7, 1, 1000)})
    assert warn(reference, buckets) == () and find_alarms(reference, buckets)[0].bucket == 0
