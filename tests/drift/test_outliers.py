import numpy as np
import pytest

from omloop.drift import differences, find_unusual

DRAW = np.random.default_rng(0)
SAMPLE = {"hours": DRAW.normal(5, 2, 200), "sex": DRAW.integers(0, 2, 200).astype(float)}
WORDS = {"hours": (), "sex": ("f", "m")}


def test_rows_like_the_sample_are_as_usual_as_its_own() -> None:
    live = {"hours": DRAW.normal(5, 2, 2000), "sex": DRAW.integers(0, 2, 2000).astype(float)}
    assert find_unusual(SAMPLE, live, WORDS).beyond.mean() == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize("hours", [40.0, -30.0, np.nan, np.inf])
def test_a_strange_row_is_the_most_unusual(hours: float) -> None:
    live = {"hours": np.array([5.0, 6.0, hours]), "sex": np.array([0.0, 1.0, 0.0])}
    found = find_unusual(SAMPLE, live, WORDS)
    assert found.distances.argmax() == 2 and found.beyond.tolist() == [False, False, True]


def test_the_column_that_makes_it_unusual_comes_first() -> None:
    live = {"hours": np.array([40.0]), "sex": np.array([7.0])}
    row = int(find_unusual(SAMPLE, live, WORDS).nearest[0])
    assert list(differences(SAMPLE, live, WORDS, (0, row))) == ["hours", "sex"]


def test_columns_without_a_value_and_of_one_value_do_no_harm() -> None:
    sample = {"empty": np.full(10, np.nan), "same": np.ones(10)}
    found = find_unusual(sample, {"empty": np.array([3.0]), "same": np.array([1.0])}, {"empty": (), "same": ()})
    assert found.beyond.tolist() == [True]


def test_distances_are_those_of_the_textbook() -> None:
    live = {"hours": np.array([9.0]), "sex": np.array([1.0])}
    found = find_unusual(SAMPLE, live, WORDS)
    spread = np.subtract(*np.quantile(SAMPLE["hours"], [0.75, 0.25])) / 1.349
    squares = ((SAMPLE["hours"] - 9) / spread) ** 2 + np.where(SAMPLE["sex"] == 1, 0, 1.5**2)
    assert found.distances[0] == pytest.approx(np.sqrt(np.sort(squares)[4]))
