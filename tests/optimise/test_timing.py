"""Measuring forms beside each other."""

import sys
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.optimise import resident_bytes, time_sessions
from omloop.testing.bundles import TABLE, tiny_bundle


class Sleeper:
    """A session that takes its time and remembers which rows it was given."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.given: list[list[float]] = []

    def run(self, examples: NDArray[Any]) -> None:
        self.given.append(examples[:, 0].tolist())
        time.sleep(self.seconds)


def test_each_turn_gives_every_form_the_same_rows_and_the_ratio_is_of_turns() -> None:
    sessions: Any = {"model": Sleeper(0.004), "half": Sleeper(0.001)}
    found = time_sessions(sessions, np.arange(10.0)[:, None], batch=3, within_s=0.0)
    model, half = sessions["model"], sessions["half"]
    assert model.given == half.given and model.given[3] == [9.0, 0.0, 1.0]
    assert found["model"].faster == 1.0 and found["half"].faster > 1.0
    assert found["half"].p50_ms <= found["half"].p99_ms


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_memory_is_that_of_a_process_of_its_own() -> None:
    bundle = tiny_bundle()
    feeds = TABLE.feeds(TABLE.edges()[:2])
    grown = resident_bytes(bundle.graph(), feeds, engine="onnxruntime", precision="float32")
    assert 10_000 < grown < 500_000_000
