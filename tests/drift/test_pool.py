"""Pooling keeps every row and leaves no scarce cell where it can."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.drift import pool_cells
from omloop.drift.pool import LEAST_EXPECTED

counts = st.lists(st.integers(0, 100), min_size=2, max_size=20)


@given(counts, st.integers(1, 1000))
@settings(max_examples=80, deadline=None)
def test_every_row_is_kept_and_every_cell_is_full_enough(reference: list[int], rows: int) -> None:
    before = np.array(reference)
    merged, live = pool_cells(before, np.tile(before, (3, 1)), rows)
    assert merged.sum() == before.sum()
    assert (live == merged).all()
    expected = merged * (rows / max(1, before.sum()))
    assert len(merged) == 1 or (expected >= LEAST_EXPECTED - 1e-9).all()


def test_only_neighbours_are_merged() -> None:
    merged, live = pool_cells(np.array([40, 10, 10, 40]), np.array([[1, 2, 3, 4]]), 70, least=12)
    assert (merged.tolist(), live.tolist()) == ([40, 20, 40], [[1, 5, 4]])
