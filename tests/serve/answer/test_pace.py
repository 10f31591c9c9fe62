"""What a request takes of late."""

from dataclasses import replace

import pytest

from omloop.serve import Champion
from omloop.serve.answer.pace import Pace
from omloop.serve.answer.work import ONE, Size
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
    pace.add(serving, 0.032, Size(16, 0, 0, 0))
    assert pace.of(serving) == pytest.approx(0.0012)
    assert pace.of(replace(serving, cost_s=0.5)) == 0.5


@pytest.mark.parametrize("seconds", [0.0001, 0.01])
def test_a_machine_that_became_slower_or_faster_is_followed(serving, seconds):
    pace = Pace()
    for _ in range(30):
        pace.add(serving, seconds, ONE)
    assert pace.of(serving) == pytest.approx(seconds, rel=0.05)


def test_one_run_that_took_very_long_changes_little(serving):
    pace = Pace()
    pace.add(serving, 60.0, ONE)
    assert pace.of(serving) < 0.002


def test_what_large_requests_take_is_learned_beside_what_small_ones_do(serving):
    """A request of 1,000 rows that takes 0.2 s does not make those of one row 0.2 s long."""
    pace, large = Pace(), Size(1, 999, 90_000, 0)
    for _ in range(40):
        pace.add(serving, 0.2, large)
        pace.add(serving, 0.001, ONE)
    assert pace.seconds(serving, large) == pytest.approx(0.2, rel=0.1)
    assert pace.of(serving) == pytest.approx(0.001, rel=0.3)


def test_pixels_count_where_bytes_do_not():
    pace = Pace()
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    champion.refresh()
    assert pace.seconds(champion.serving, Size(1, 0, 4_000, 30_000_000)) > 0.1
