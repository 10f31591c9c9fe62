"""The newest records judge, the next newest choose, and times that cannot be read are named."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.core import Columns, ConfigError, DataError, Dataset, Project
from omloop.data import Identity, Shares, Times, prepare
from omloop.data.by_time import by_time, newest_last, read_times, times_of


def split_by(project: Project, records: Columns, by: str = "row", **shares: float) -> Dataset:
    identity = Identity.of(project, records, by=by)
    return prepare(project, records, project.inputs, seed=0, identity=identity, shares=Shares(**shares))


def test_the_newest_tenth_is_the_test_and_the_next_the_validation_part(project: Project, records: Columns) -> None:
    dataset = split_by(project, records)
    assert list(dataset.test.rows) == list(range(270, 300))
    assert list(dataset.validation.rows) == list(range(240, 270))
    assert len(dataset.train) == 240


def test_the_order_of_the_file_does_not_matter(project: Project, records: Columns) -> None:
    shuffle = np.random.default_rng(1).permutation(300)
    mixed = {name: [values[row] for row in shuffle] for name, values in records.items()}
    assert set(split_by(project, mixed).test.keys) == set(split_by(project, records).test.keys)


def test_a_longer_file_moves_the_boundary(project: Project, records: Columns) -> None:
    more = {name: [*values, *values] for name, values in records.items()} | {"row": [str(row) for row in range(600)]}
    assert list(split_by(project, more).test.rows) == list(range(540, 600))


def test_equal_times_stay_together_and_shares_are_met_as_nearly_as_they_allow() -> None:
    order = np.repeat([3.0, 1.0, 2.0], [30, 50, 20])
    place = newest_last(order, validation=0.1, test=0.2)
    assert place.tolist() == [2] * 30 + [0] * 50 + [1] * 20


@given(st.lists(st.integers(0, 9), min_size=3, max_size=40).filter(lambda times: len(set(times)) > 2))
def test_no_record_that_is_learned_from_is_newer_than_one_that_judges(times: list[int]) -> None:
    order = np.array(times, float)
    place = newest_last(order, validation=0.1, test=0.1)
    parts = [order[place == number] for number in (0, 1, 2)]
    assert all(len(part) for part in parts)
    assert parts[0].max() < parts[1].min() <= parts[1].max() < parts[2].min()


def test_two_times_are_too_few() -> None:
    with pytest.raises(DataError, match="2 different times are too few"):
        newest_last(np.array([1.0, 2.0, 2.0]), validation=0.1, test=0.1)


def test_a_group_that_would_be_torn_is_an_error(project: Project, records: Columns) -> None:
    """And passes where each group has one time."""
    shops = {**records, "shop": [str(row // 30) for row in range(300)]}
    grouped = replace(project, group="shop")
    assert len(split_by(grouped, shops).test) == 30
    with pytest.raises(DataError, match=r"would tear 2 of 10 groups apart.*split\.by empty"):
        split_by(grouped, shops, test=0.15)


NOON = datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-01T12:00:00Z",
        "2024-05-01 14:00+02:00",
        "20240501T120000.000",
        datetime(2024, 5, 1, 12),
        np.datetime64("2024-05-01T12:00:00.000000000"),
        NOON,
        f"{NOON:.0f}",
    ],
)
def test_dates_and_seconds_since_1970_are_times_of_day(value: Any) -> None:
    assert read_times("when", [value]).seconds.tolist() == [NOON]


def test_a_day_begins_at_midnight() -> None:
    assert read_times("when", [date(1969, 12, 31), "1970-01-02"]).seconds.tolist() == [-86_400.0, 86_400.0]


def test_numbers_of_another_unit_are_an_order_and_no_times() -> None:
    """A year, a count, a day written as a number."""
    times = read_times("year", ["2019", "20240501", "3"])
    assert times.order.tolist() == [2019.0, 20_240_501.0, 3.0] and not len(times.seconds)


def test_what_cannot_be_read_is_named_by_its_record() -> None:
    with pytest.raises(DataError, match=r"split\.by=when: 2 of 4 records .* such as 'soon' \(records 2, 4\)"):
        read_times("when", ["2024-05-01", "soon", "2024-05-03", None])
    with pytest.raises(DataError, match=r"such as '' \(records 3\)"):
        read_times("when", ["1", "2", "", "4"])


def test_a_column_that_is_not_there_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"split\.by=wen: .* Did you mean 'when'\?"):
        times_of({"when": ["1"], "x": [2]}, "wen")


def test_parts_know_when_their_records_came(project: Project, records: Columns) -> None:
    days = [str(day) for day in np.datetime64("2021-03-01") + np.arange(300)]
    dated = replace(project, ignored={**project.ignored, "day": "it is the day of the record"})
    test = split_by(dated, {**records, "day": days}, "day").test
    assert test.times[0] == datetime(2021, 11, 26, tzinfo=UTC).timestamp()
    assert len(split_by(project, records).test.times) == 0


def test_live_records_are_split_among_themselves_and_are_later_than_all_others() -> None:
    source, live = Times(np.arange(2000.0, 2020), np.empty(0)), Times(np.arange(10.0), np.arange(10.0), 10)
    both = source + live
    place = by_time(both, None, validation=0.1, test=0.1)
    assert place.tolist() == [0] * 16 + [1, 1, 2, 2] + [0] * 8 + [1, 2]
    assert both.order[19] < both.order[20] and not len(both.seconds)


def test_two_live_records_are_learned_from() -> None:
    source, live = Times(np.arange(20.0), np.arange(20.0)), Times(np.arange(2.0), np.arange(2.0), 2)
    assert by_time(source + live, None, validation=0.1, test=0.1)[20:].tolist() == [0, 0]


def test_the_same_again_at_another_time_is_another_record(project: Project, records: Columns) -> None:
    """So a test row is not left out because a row like it was learned from long before."""
    first, second = ({**records, "row": [str(row) for row in range(start, start + 300)]} for start in (0, 300))
    both = {name: [*first[name], *second[name]] for name in records}
    assert len(np.unique(Identity.of(project, both, by="row").keys)) == 600
    assert len(np.unique(Identity.of(project, both).keys)) <= 300
