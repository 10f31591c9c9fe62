import numpy as np

from omloop.drift import worst_slices

WORDS = {"age": (), "sex": ("f", "m"), "level": ()}


def rows(count: int, seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {
        "age": draw.uniform(10, 30, count),
        "sex": draw.integers(0, 2, count).astype(float),
        "level": draw.integers(1, 4, count).astype(float),
    }


def test_the_slice_in_which_errors_are_is_named() -> None:
    live = rows(1000, 1)
    errors = np.random.default_rng(2).random(1000) < np.where(live["level"] == 2, 0.5, 0.1)
    found = worst_slices(errors, live, WORDS, rows(200, 3))
    assert found[0].name == "level = 2" and found[0].inside > 0.4 and found[0].outside < 0.15


def test_luck_is_seldom_named() -> None:
    named = [
        bool(worst_slices(np.random.default_rng(seed).random(400) < 0.2, rows(400, 100 + seed), WORDS, rows(200, 3)))
        for seed in range(100)
    ]
    assert sum(named) <= 5


def test_missing_values_and_values_that_nobody_knew_are_slices() -> None:
    live = rows(200, 1)
    live["level"][:50] = 9
    live["age"][50:100] = np.nan
    strange = np.arange(200) < 50
    assert worst_slices(strange, live, WORDS, rows(200, 3))[0].name == "level is another value"
    absent = (np.arange(200) >= 50) & (np.arange(200) < 100)
    assert worst_slices(absent, live, WORDS, rows(200, 3))[0].name == "age is missing"


def test_few_rows_and_equal_values_name_nothing() -> None:
    assert worst_slices(np.ones(200), rows(200, 1), WORDS, rows(200, 3)) == ()
    assert worst_slices(np.arange(10) < 5, rows(10, 1), WORDS, rows(200, 3)) == ()
