"""Which Python functions the time goes to."""

import time

import pytest

pytest.importorskip("pyinstrument")
from omloop.profile import peak_bytes, stacks


def slow() -> None:
    time.sleep(0.05)


def test_the_slow_function_is_in_the_tree() -> None:
    with stacks() as seen:
        slow()
    assert "slow" in seen.tree and seen.seconds >= 0.05


def test_no_path_of_this_machine_and_no_banner_is_in_the_tree() -> None:
    with stacks() as seen:
        slow()
    assert "profile/stacks.py" not in seen.tree and "Recorded" not in seen.tree


def test_what_was_seen_is_told_after_an_error_too() -> None:
    with pytest.raises(ValueError), stacks() as seen:
        slow()
        raise ValueError
    assert seen.tree


def test_memory_has_a_peak() -> None:
    assert peak_bytes() > 10_000_000
