"""How long a training may still take."""

import pytest

from omloop.loop.turn.time_left import time_left


@pytest.mark.parametrize(
    ("seconds", "done", "left", "words"),
    [
        (30.0, 3, 1, "at most 10 s left"),
        (0.001, 1, 1, "at most 1 s left"),
        (99.0, 1, 1, "at most 99 s left"),
        (100.0, 1, 1, "at most 2 min left"),
        (3600.0, 1, 1, "at most 1 h 0 min left"),
        (3600.0, 1, 25, "at most 25 h 0 min left"),
    ],
)
def test_the_rest_takes_as_long_as_what_was_done(seconds: float, done: int, left: int, words: str) -> None:
    assert time_left(seconds, done, left) == words


def test_nothing_is_told_of_the_last_epoch() -> None:
    assert time_left(60.0, 5, 0) == ""
    assert time_left(60.0, 5, -3) == ""
