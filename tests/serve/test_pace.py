"""What a request takes of late."""

from dataclasses import replace

import pytest

from omloop.serve import Champion
from omloop.serve.pace import Pace
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions


@pytest.fixture(scope="module")
def serving():
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    champion.refresh()
    return replace(champion.serving, cost_s=0.001)


def test_what_was_measured_when_a_version_was_loaded_comes_first(serving):
    pace = Pace()
    assert pace.of(serving) == 0.001
    pace.add(serving, 0.032, 16)
    assert pace.of(serving) == pytest.approx(0.0012)
    assert pace.of(replace(serving, cost_s=0.5)) == 0.5


@pytest.mark.parametrize("seconds", [0.0001, 0.01])
def test_a_machine_that_became_slower_or_faster_is_followed(serving, seconds):
    pace = Pace()
    for _ in range(30):
        pace.add(serving, seconds, 1)
    assert pace.of(serving) == pytest.approx(seconds, rel=0.05)


def test_one_run_that_took_very_long_changes_little(serving):
    pace = Pace()
    pace.add(serving, 60.0, 1)
    assert pace.of(serving) < 0.002
