"""A column that is stuck at one value is told from one that always had few."""

import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.drift import stuck_at

CHANCE = np.random.default_rng(0)
ROWS = {"heat": CHANCE.normal(20, 2, 3000), "place": CHANCE.integers(0, 6, 3000).astype(float), "valve": np.zeros(3000)}
WORDS = {"heat": (), "place": tuple("abcdef"), "valve": ()}
COLUMNS = Reference.of(ROWS, WORDS).columns


@pytest.mark.parametrize(("name", "value", "told"), [("heat", 19.25, "19.25"), ("heat", 0.0, "0"), ("place", 2.0, "c")])
def test_a_column_that_hardly_changes_any_more_is_stuck(name: str, value: float, told: str) -> None:
    live = np.append(ROWS[name][:150], np.full(100, value))
    live[-3] = ROWS[name][5]
    assert stuck_at(COLUMNS[name], live) == told


def test_what_changes_and_what_never_did_is_not_stuck() -> None:
    assert [stuck_at(COLUMNS[name], values[:250]) for name, values in ROWS.items()] == ["", "", ""]


@pytest.mark.parametrize("values", [np.zeros(0), np.full(40, 21.0), np.full(300, np.nan)])
def test_few_rows_and_absent_ones_are_not_stuck(values: np.ndarray) -> None:
    assert stuck_at(COLUMNS["heat"], values) == ""
