"""Ids: ordered by time, never twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.monitor import new_id

TIMES = st.integers(min_value=0, max_value=2**63)


@settings(max_examples=50)
@given(TIMES, TIMES)
def test_ids_sort_as_their_times_do(first: int, second: int) -> None:
    if first != second:
        assert (new_id(lambda: first) < new_id(lambda: second)) == (first < second)


def test_ids_of_one_nanosecond_differ() -> None:
    assert len({new_id(lambda: 7) for _ in range(1000)}) == 1000


def test_an_id_is_short_and_safe_in_an_address() -> None:
    assert len(new_id()) == 26
    assert new_id().isalnum()
