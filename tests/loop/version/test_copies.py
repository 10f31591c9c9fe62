"""A copy of a row says nothing new."""

import numpy as np

from omloop.loop.version.copies import first_of_each


def test_a_file_that_is_sent_ten_times_counts_once() -> None:
    assert first_of_each([row for _ in range(10) for row in range(59)]).sum() == 59


def test_a_large_fleet_that_is_scored_each_day_counts_each_day() -> None:
    counts = first_of_each([machine for _ in range(4) for machine in range(1500)])
    assert counts.all()


def test_what_counts_does_not_hang_on_what_comes_later() -> None:
    rows = np.random.default_rng(0).integers(0, 50, 300).tolist()
    assert first_of_each(rows)[:120].tolist() == first_of_each(rows[:120]).tolist()
