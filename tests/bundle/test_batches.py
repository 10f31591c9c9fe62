import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.bundle.batches import by_length, consecutive


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 7))
@settings(max_examples=50)
def test_every_example_is_in_one_batch_and_no_batch_is_too_large(lengths: list[int], most: int) -> None:
    for batches in (consecutive(len(lengths), most), by_length(lengths, most)):
        assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
        assert max(map(len, batches)) <= most


@pytest.mark.parametrize("batches", [consecutive(0, 4), by_length([], 4)])
def test_no_example_is_one_empty_batch(batches: list[np.ndarray]) -> None:
    """A graph can be asked about nothing."""
    assert [len(batch) for batch in batches] == [0]


def test_alike_lengths_share_a_batch() -> None:
    assert [batch.tolist() for batch in by_length([9, 1, 8, 2], 2)] == [[1, 3], [2, 0]]
