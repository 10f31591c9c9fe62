"""Pooling keeps every row and leaves no scarce cell where it can."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.drift import pooled, scarce

TABLES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=9).map(
    lambda cells: np.array(cells).T
)


@settings(max_examples=100)
@given(TABLES)
def test_no_row_is_lost(table: np.ndarray) -> None:
    assert (pooled(table).sum(axis=1) == table.sum(axis=1)).all()


@settings(max_examples=100)
@given(TABLES)
def test_no_scarce_cell_is_left_beside_another(table: np.ndarray) -> None:
    merged = pooled(table)
    assert merged.shape[1] == 1 or not scarce(merged).any()


def test_the_next_scarcest_is_taken_in() -> None:
    table = np.array([[100, 1, 20, 100], [100, 1, 20, 100]])
    assert pooled(table).tolist() == [[100, 100, 21], [100, 100, 21]]
