"""Cycles: no alarm while one learns them, none after, and a shift is seen through one that the calendar explains."""

import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.drift import LEARNED, find_alarms

DAY = 86_400.0


def cycle(rows: int, per_day: int, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    chance, times = np.random.default_rng(seed), 1_750_000_000 + np.arange(rows) * DAY / per_day
    wave = np.sin(2 * np.pi * times / DAY)
    return {f"c{n}": chance.normal(size=rows) + wave * (n < 2) for n in range(6)}, times


def cut(rows: dict[str, np.ndarray], some: slice | np.ndarray) -> dict[str, np.ndarray]:
    return {name: values[some] for name, values in rows.items()}


@pytest.mark.parametrize("per_day", [1500, 20_000], ids=["short", "longer than calibrating takes"])
def test_a_cycle_rings_neither_while_one_calibrates_nor_after(per_day: int) -> None:
    rows, _ = cycle(85_000, per_day, 1)
    drawn = np.random.default_rng(2).choice(60_000, 10_000, replace=False)
    reference = Reference.of(cut(rows, drawn), dict.fromkeys(rows, ()))
    assert find_alarms(reference, reference.buckets(cut(rows, slice(60_000, None)))) == ()


def test_a_shift_is_seen_through_a_cycle_where_times_are_known_and_not_where_they_are_not() -> None:
    rows, times = cycle(20_000, 2000, 3)
    rows["c1"][15_000:] += 0.5
    known, live = cut(rows, slice(10_000)), cut(rows, slice(10_000, None))
    words = dict.fromkeys(rows, ())
    blind = Reference.of(known, words, series=known)
    seeing = Reference.of(known, words, series=known, times=times[:10_000])
    assert find_alarms(blind, blind.buckets(live)) == ()
    alarms = find_alarms(seeing, seeing.buckets(live, times=times[10_000:]))
    assert 20 <= alarms[0].bucket <= 24 and alarms[0].columns[0].column == "c1"


def test_what_was_learned_is_what_the_first_buckets_taught_however_many_follow() -> None:
    rows, _ = cycle(20_000, 2000, 4)
    reference = Reference.of(cut(rows, slice(10_000)), dict.fromkeys(rows, ()))
    rows["c5"][16_000:] += 2.0
    buckets = reference.buckets(rows)
    early = find_alarms(reference, buckets[:70])
    assert early and early[0].bucket >= LEARNED
    assert find_alarms(reference, buckets)[: len(early)] == early
