"""What a training tells while it learns."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from omloop.loop.turn import training


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that the training sees, and no terminal."""
    now = [0.0]
    monkeypatch.setattr(training, "monotonic", lambda: now[0])
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    yield now


def told_of(epochs: int, seconds: float, clock: list[float]) -> list[str]:
    """The lines of a training whose epochs take so many seconds each."""
    told: list[str] = []
    plan: Any = SimpleNamespace(tell=told.append)
    tell = training._teller(plan, SimpleNamespace(epochs=epochs))
    clock[0] += 60  # libraries are loaded
    for step in range(epochs):
        clock[0] += seconds
        tell(step, f"cnn, step {step}: loss 1")
    return told


def test_each_epoch_is_a_line_with_the_time_left_where_no_terminal_is(clock: list[float]) -> None:
    assert told_of(3, 90.0, clock) == [
        "train: cnn, step 0: loss 1",
        "train: cnn, step 1: loss 1; at most 90 s left",
        "train: cnn, step 2: loss 1",
    ]


def test_quick_epochs_are_a_line_a_second(clock: list[float]) -> None:
    assert len(told_of(40, 0.25, clock)) == 10


def test_a_terminal_shows_the_bar_instead(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert told_of(3, 90.0, clock) == []
