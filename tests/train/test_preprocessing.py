"""Preprocessing inside a network."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omloop.kinds import Column, Table

torch = pytest.importorskip("torch")
preprocessing = pytest.importorskip("omloop.train.preprocessing")

TABLE = Table(
    (
        Column("age", "integer", missing=True),
        Column("colour", "category", categories=("red", "green", "blue"), missing=True),
        Column("size", "number"),
    )
)
ROWS = np.array([[10, 0, 1], [30, 2, 1], [np.nan, 1, 4]], np.float32)


def preprocessed(rows: NDArray[np.float32], examples: NDArray[np.float32] = ROWS) -> NDArray[Any]:
    answers: NDArray[Any] = preprocessing.TablePreprocessing(TABLE, examples)(torch.from_numpy(rows)).numpy()
    return answers


def test_numbers_are_standardised_by_the_training_rows() -> None:
    np.testing.assert_allclose(preprocessed(ROWS)[:2, 0], [-1, 1])
    np.testing.assert_allclose(preprocessed(ROWS)[:, 1], (ROWS[:, 2] - 2) / np.sqrt(2), rtol=1e-6)


def test_an_absent_number_becomes_the_mean_and_says_so() -> None:
    assert preprocessed(ROWS)[2, 0] == 0
    assert preprocessed(ROWS)[:, 2].tolist() == [0, 0, 1]


def test_a_category_becomes_one_column_a_word() -> None:
    assert preprocessed(ROWS)[:, 3:].tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_an_absent_category_is_none_of_its_words() -> None:
    assert preprocessed(np.array([[10, np.nan, 1]], np.float32))[0, 3:].tolist() == [0, 0, 0]


def test_a_column_that_never_varied_is_not_divided_by_nothing() -> None:
    same = np.full((4, 3), 1, np.float32)
    assert np.isfinite(preprocessed(ROWS, same)).all()


def test_a_column_that_was_always_absent_is_zero() -> None:
    absent = np.array([[np.nan, 0, 1], [np.nan, 1, 2]], np.float32)
    assert preprocessed(absent, absent)[:, 0].tolist() == [0, 0]


def test_a_table_of_categories_alone_works() -> None:
    table = TABLE.select(["colour"])
    rows = np.array([[1]], np.float32)
    assert preprocessing.TablePreprocessing(table, rows)(torch.from_numpy(rows)).tolist() == [[0, 1, 0]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 2), st.floats(-1e6, 1e6, width=32)), min_size=1))
def test_every_row_gets_finite_numbers_of_the_width(rows: list[tuple[int, int, float]]) -> None:
    matrix = np.array(rows, np.float32)
    module = preprocessing.TablePreprocessing(TABLE, matrix)
    answers = module(torch.from_numpy(matrix))
    assert answers.shape == (len(rows), module.width)
    assert torch.isfinite(answers).all()


def test_what_is_derived_of_dates_and_texts_are_numbers() -> None:
    """A column that may be absent has one indicator, however many numbers come of it."""
    table = Table(
        (
            Column("day", "date", missing=True),
            Column("note", "text", size=3),
            Column("paid", "boolean"),
            Column("city", "category", categories=("a", "b"), other="c"),
        )
    )
    rows = [{"day": "2024-01-31", "note": "so so", "paid": True, "city": "a"}, {"note": "", "paid": False, "city": "x"}]
    examples = table.parse(rows)
    module = preprocessing.TablePreprocessing(table, examples)
    given = module(torch.from_numpy(table.matrix(examples)))
    assert given.shape == (2, module.width) and module.width == (len(table.places) - 1) + 1 + 3
    assert torch.isfinite(given).all() and given[:, -4:].tolist() == [[0, 1, 0, 0], [1, 0, 0, 1]]
