import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import ConfigError
from omloop.data import assign, fingerprint, record_keys

KEYS = np.array([f"key {i}" for i in range(4000)])


def test_the_shares_are_kept() -> None:
    parts = assign(KEYS, seed=1, validation=0.1, test=0.2)
    shares = np.bincount(parts) / len(KEYS)
    assert shares == pytest.approx([0.7, 0.1, 0.2], abs=0.02)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3999), st.integers(0, 100))
def test_a_record_keeps_its_part_whoever_comes_or_goes(cut: int, seed: int) -> None:
    whole = assign(KEYS, seed=seed, validation=0.1, test=0.1)
    some = assign(KEYS[cut:], seed=seed, validation=0.1, test=0.1)
    assert (whole[cut:] == some).all()


def test_another_seed_splits_otherwise() -> None:
    one, other = (assign(KEYS, seed=seed, validation=0.1, test=0.1) for seed in (1, 2))
    assert 0.1 < (one != other).mean() < 0.6


def test_equal_records_lie_in_one_part() -> None:
    keys = record_keys({"a": [1, 1, 2], "b": ["x", "x", "x"]}, ["a", "b"])
    assert keys[0] == keys[1] != keys[2]


def test_fields_do_not_run_into_each_other() -> None:
    one, other = record_keys({"a": ["ab", "a"], "b": ["c", "bc"]}, ["a", "b"])
    assert one != other


def test_the_fingerprint_does_not_depend_on_the_order() -> None:
    assert fingerprint(["a", "b"]) == fingerprint(["b", "a"]) != fingerprint(["a", "c"])


@pytest.mark.parametrize(("validation", "test"), [(0, 0.1), (0.1, 0), (0.5, 0.5), (-0.1, 0.2)])
def test_a_split_that_leaves_a_part_empty_is_refused(validation: float, test: float) -> None:
    with pytest.raises(ConfigError, match="must be above 0"):
        assign(KEYS, seed=0, validation=validation, test=test)


def test_large_arrays_that_differ_in_one_value_have_different_keys() -> None:
    """The text of an array leaves out its middle."""
    pixels = np.zeros((2, 64, 64))
    pixels[1, 30, 30] = 1.0
    one, other = record_keys({"picture": pixels}, ["picture"])
    assert one != other
