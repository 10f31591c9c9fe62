from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.kinds.batches import by_length, consecutive


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 7), st.integers(0, 30))
@settings(max_examples=50)
def test_every_example_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int], most: int, padding: int) -> None:
    for batches in (consecutive(len(lengths), most), by_length(lengths, most, padding=padding)):
        assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
        assert max(map(len, batches)) <= most


@pytest.mark.parametrize("batches", [consecutive(0, 4), by_length([], 4, padding=9)])
def test_no_example_is_one_empty_batch(batches: list[np.ndarray]) -> None:
    """A graph can be asked about nothing."""
    assert [len(batch) for batch in batches] == [0]


def test_alike_lengths_share_a_batch() -> None:
    assert [batch.tolist() for batch in by_length([9, 1, 8, 2], 2, padding=9)] == [[1, 3], [2, 0]]


@given(st.lists(st.integers(0, 900), min_size=1, max_size=40), st.integers(0, 300))
@settings(max_examples=50)
def test_no_batch_is_filled_up_by_more_than_was_allowed(lengths: list[int], padding: int) -> None:
    """And the next longer example would have filled it up by more."""
    batches = by_length(lengths, 1000, padding=padding)
    groups = [[lengths[row] for row in batch] for batch in batches]
    assert all(filling(group) <= padding for group in groups)
    assert all(filling([*group, after[0]]) > padding for group, after in pairwise(groups))


def filling(lengths: list[int]) -> int:
    return sum(max(lengths) - length for length in lengths)
