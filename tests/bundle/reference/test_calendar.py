"""The calendar: what comes again with the hour or the day is explained, and nothing else is."""

import msgspec
import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.bundle.reference.calendar import SEASONS, count_seasons, season_of

HOUR, DAY = 3600.0, 86_400.0
BEGIN = 1_767_571_200.0  # Monday, 5 January 2026
EMPTY: dict[str, tuple[str, ...]] = {"load": ()}


def hourly(rows: int, per_day: int, seed: int, *, weekend: float = 0.0, night: float = 0.0) -> tuple[dict, np.ndarray]:  # type: ignore[type-arg]
    """One number whose mean falls by `night` from 0 to 6 o'clock, and by `weekend` on Saturday and Sunday."""
    times = BEGIN + np.arange(rows) * DAY / per_day
    hour, day = times % DAY // HOUR, (times - BEGIN) // DAY % 7
    values = np.random.default_rng(seed).normal(size=rows) - night * (hour < 6) - weekend * (day >= 5)
    return {"load": values}, times


def test_seasons_are_hours_of_the_week_in_utc() -> None:
    assert season_of(np.array([BEGIN, BEGIN + 6 * DAY + 23.5 * HOUR, -HOUR, np.nan])).tolist() == [0, 167, 71, -1]


def test_seasons_are_counted_by_whole_buckets_and_unknown_times_are_left_out() -> None:
    counts = count_seasons(np.array([BEGIN, np.nan, BEGIN + HOUR, BEGIN + HOUR, BEGIN]), 2)
    assert counts.shape == (2, SEASONS)
    assert counts.sum(axis=1).tolist() == [1, 2] and counts[1, 1] == 2


def test_nights_are_explained_and_buckets_then_vary_far_less() -> None:
    rows, times = hourly(10_000, 1000, 0, night=1.5)
    blind = Reference.of(rows, EMPTY, series=rows)
    found = Reference.of(rows, EMPTY, series=rows, times=times)
    assert found.calendar is not None and list(found.calendar.parts["load"]) == ["hour"]
    with_nights, without = (reference.columns["load"].dispersion or 0 for reference in (blind, found))
    assert with_nights > 5 * without


def test_weekends_are_explained_by_the_day() -> None:
    rows, times = hourly(12_000, 300, 1, weekend=1.5)
    found = Reference.of(rows, EMPTY, series=rows, times=times)
    assert found.calendar is not None and "day" in found.calendar.parts["load"]


@pytest.mark.parametrize("per_day", [1000, 4000])
def test_what_does_not_come_again_is_no_season(per_day: int) -> None:
    """No cycle at all; and a mean that jumps once, over too few days to tell."""
    rows, times = hourly(10_000, per_day, 2)
    rows["load"][5000:] += 1.0 * (per_day == 4000)
    assert Reference.of(rows, EMPTY, series=rows, times=times).calendar is None


def test_counts_less_their_seasons_are_those_of_any_time() -> None:
    rows, times = hourly(10_000, 1000, 3, night=1.5)
    reference = Reference.of(rows, EMPTY, series=rows, times=times)
    live, moments = hourly(250, 1000, 4, night=1.5)  # six hours: nothing but night
    counts = reference.buckets(live, times=moments)
    assert counts.shape == (1, reference.size)
    shares = reference.split(reference.unseasonal(counts))["load"][0] / 250
    raw = reference.split(counts)["load"][0] / 250
    usual = np.asarray(reference.columns["load"].counts) / 10_000
    assert np.abs(shares - usual).sum() < 0.3 < np.abs(raw - usual).sum()
    assert shares.sum() == pytest.approx(1.0, abs=1e-3)


def test_counts_with_seasons_still_add_up_and_a_row_without_a_time_is_taken_as_it_is() -> None:
    rows, times = hourly(10_000, 1000, 5, night=1.5)
    reference = Reference.of(rows, EMPTY, series=rows, times=times)
    whole = reference.count(rows, times=times)
    first, rest = ({"load": rows["load"][part]} for part in (slice(300), slice(300, None)))
    np.testing.assert_array_equal(
        reference.count(first, times=times[:300]) + reference.count(rest, times=times[300:]), whole
    )
    untimed = reference.count(first)
    np.testing.assert_array_equal(reference.unseasonal(untimed), untimed[:-SEASONS])


def test_columns_together_have_seasons_too_and_all_of_it_survives_being_written() -> None:
    rows, times = hourly(10_000, 1000, 6, night=1.5)
    both = {**rows, "other": rows["load"] + np.random.default_rng(7).normal(size=10_000)}
    found = Reference.of(both, {**EMPTY, "other": ()}, series=both, times=times, together={"both": ["load", "other"]})
    assert found.calendar is not None and set(found.calendar.parts) == {"load", "other", "both"}
    assert (found.joints["both"].dispersion or 0) < 3
    assert msgspec.json.decode(msgspec.json.encode(found), type=Reference) == found
