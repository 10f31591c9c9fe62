"""Two states of the same records."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.data import diff_records


def test_without_a_name_a_changed_record_is_another_one() -> None:
    found = diff_records({"x": [1, 2, 2], "y": ["a", "b", "b"]}, {"x": [2, 2, 2, 3], "y": ["b", "b", "b", "a"]})
    assert (found.removed.tolist(), found.added.tolist(), len(found.changed)) == ([0], [2, 3], 0)


def test_a_number_is_the_same_however_it_is_printed() -> None:
    old: dict[str, Any] = {"id": ["1", "2"], "x": ["3.40", ""]}
    new: dict[str, Any] = {"x": np.array([np.nan, 3.4]), "id": [2, 1]}
    assert diff_records(old, new, key="id").same and diff_records(new, old).same


def test_columns_of_one_state_alone_are_told() -> None:
    found = diff_records({"id": [1], "x": [1], "old": [1]}, {"id": [1], "x": [2], "new": [1]}, key="id")
    assert (found.new_columns, found.lost_columns, found.columns) == (("new",), ("old",), {"x": 1})
    assert not found.same and found.changed.tolist() == [[0, 0]]


@pytest.mark.parametrize("key", ["", "id"])
@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab")), max_size=12), seed=st.integers(0, 9))
def test_an_order_is_no_difference(rows: list[tuple[int, str]], seed: int, key: str) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    one = {"id": [row[0] for row in rows], "y": [row[1] for row in rows]}
    other = {name: [values[place] for place in order] for name, values in one.items()}
    found = diff_records(one, other, key=key)
    assert not len(found.added) and not len(found.removed)
