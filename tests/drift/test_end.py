"""A drift that went away is over once, and what comes after it is heard without it."""

import numpy as np

from omloop.bundle import Reference
from omloop.drift import drift_end, find_alarms

CHANCE = np.random.default_rng(0)


def rows(count: int, by: float = 0.0, seed: int = 0) -> dict[str, np.ndarray]:
    values = np.random.default_rng(seed).normal(size=(count, 8))
    values[:, 2] += by
    return {f"c{index}": values[:, index] for index in range(8)}


BEFORE = rows(8_000, seed=1)
REFERENCE = Reference.of(BEFORE, dict.fromkeys(BEFORE, ()), series=BEFORE)


def stream(*parts: tuple[int, float]) -> np.ndarray:
    return np.concatenate([REFERENCE.buckets(rows(count, by, seed)) for seed, (count, by) in enumerate(parts)])


def test_a_drift_that_lasts_is_not_over() -> None:
    buckets = stream((1_000, 0.0), (20_000, 0.5))
    assert drift_end(REFERENCE, buckets, find_alarms(REFERENCE, buckets)[0]) is None


def test_the_end_comes_soon_after_a_drift_and_stays_where_it_is() -> None:
    buckets = stream((1_000, 0.0), (3_000, 1.0), (6_000, 0.0))
    alarm = find_alarms(REFERENCE, buckets)[0]
    end = drift_end(REFERENCE, buckets, alarm)
    assert end is not None and 16 < end <= 19
    assert drift_end(REFERENCE, buckets[: end + 1], alarm) == end and drift_end(REFERENCE, buckets[:end], alarm) is None


def test_windows_do_not_reach_back_into_a_drift_that_is_over() -> None:
    buckets = stream((1_000, 0.0), (3_000, 0.5), (12_000, 0.0))
    end = drift_end(REFERENCE, buckets, find_alarms(REFERENCE, buckets)[0]) or 0
    assert [alarm.bucket for alarm in find_alarms(REFERENCE, buckets, first=end + 1)], "long windows hold the drift"
    assert find_alarms(REFERENCE, buckets, first=end + 1, begin=end + 1) == ()


def test_the_next_drift_is_found_as_soon_as_the_first() -> None:
    buckets = stream((1_000, 0.0), (3_000, 1.0), (3_000, 0.0), (500, 1.0))
    end = drift_end(REFERENCE, buckets, find_alarms(REFERENCE, buckets)[0]) or 0
    again = find_alarms(REFERENCE, buckets, begin=end + 1, first=end + 1)[0]
    assert (again.bucket, again.since) == (28, 28)


def test_without_rows_after_the_alarm_nothing_is_over() -> None:
    buckets = stream((250, 0.0), (250, 2.0))
    assert drift_end(REFERENCE, buckets, find_alarms(REFERENCE, buckets)[0]) is None
