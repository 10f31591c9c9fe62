"""Traffic that wanders is told from traffic that evens out."""

import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.bundle.reference.memory import grown

CHANCE = np.random.default_rng(0)


def memory_of(values: np.ndarray) -> float:
    rows = {"x": values}
    return Reference.of(rows, {"x": ()}, series=rows).columns["x"].memory


def test_a_mean_that_wanders_is_remembered() -> None:
    level = np.repeat([0.0, 0.7, 0.2, -0.5, 0.4], 2000)
    assert memory_of(CHANCE.normal(size=10_000) + level) > 0.5
    assert memory_of(np.sort(CHANCE.normal(size=10_000))) > 0.9


@pytest.mark.parametrize("times", [1, 5])
def test_rows_that_even_out_are_not_even_if_each_comes_five_times(times: int) -> None:
    values = np.random.default_rng(3).normal(size=(10, 10_000 // times))
    assert sum(memory_of(np.repeat(row, times)) > 0 for row in values) <= 1


def test_a_cycle_evens_out_however_much_it_resembles_itself() -> None:
    day = np.sin(2 * np.pi * np.arange(10_000) / 2000)
    assert memory_of(np.random.default_rng(4).normal(size=10_000) + day) == 0.0


def test_a_column_whose_few_buckets_do_not_show_it_takes_the_memory_of_the_others() -> None:
    chance, level = np.random.default_rng(5), np.repeat([0.0, 0.8, 0.1, -0.6, 0.3], 2000)
    rows = {f"x{index}": chance.normal(size=10_000) + level for index in range(3)}
    rows["jumps"] = chance.normal(size=10_000) + np.repeat(
        np.tile([0.6, -0.6], 20), 250
    )  # nothing before it is like it
    rows["quiet"] = chance.normal(size=10_000)
    columns = Reference.of(rows, dict.fromkeys(rows, ()), series=rows).columns
    assert columns["jumps"].memory > 0.3 and columns["quiet"].memory == 0.0
    assert memory_of(rows["jumps"]) == 0.0


def test_without_memory_a_wide_window_varies_as_a_narrow_one_says() -> None:
    assert grown(0.0, np.array([1, 64])).tolist() == [1.0, 1.0]
    assert grown(1.0, 64) > grown(0.5, 64) > grown(0.5, 4) > 2


def test_few_buckets_tell_no_memory() -> None:
    assert memory_of(np.sort(CHANCE.normal(size=5000))) == 0.0
