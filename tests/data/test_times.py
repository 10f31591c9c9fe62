"""A column of times is found where its dates rise, and nowhere else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from omloop.data import time_column

DAYS = [date(2026, 2, 27) + timedelta(days=day) for day in range(4)]


@pytest.mark.parametrize(
    "values",
    [
        [day.isoformat() for day in DAYS],
        [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in DAYS],
        [f"{day} 00:00:00+00:00" for day in DAYS],
        [1_772_150_400.0 + 86_400 * day for day in range(4)],
    ],
    ids=["texts", "moments", "with a zone", "seconds"],
)
def test_rising_times_are_found_in_whatever_form(values: list[Any]) -> None:
    found = time_column({"size": [1.0, 2.0, 3.0, 4.0], "when": values})
    assert found is not None and found[0] == "when"
    assert found[1].tolist() == [1_772_150_400.0 + 86_400 * day for day in range(4)]


@pytest.mark.parametrize(
    "values",
    [["1999-05-01", "1980-01-02", "2001-03-04"], [1.0, 2.0, 3.0], ["a", "b"], ["2026-01-01"] * 3, [2024, 2025, 2026]],
    ids=["birthdays", "numbers", "words", "one day", "years"],
)  # fmt: skip
def test_nothing_else_is_taken_for_the_times_of_records(values: list[Any]) -> None:
    assert time_column({"x": values}) is None


def test_logs_that_are_a_little_out_of_order_are_still_in_the_order_of_time() -> None:
    values = [f"2026-01-01T{minute // 60:02}:{minute % 60:02}" for minute in range(300)]
    values[100], values[101] = values[101], values[100]
    assert time_column({"at": values}) is not None
