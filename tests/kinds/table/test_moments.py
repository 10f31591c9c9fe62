"""Dates and times come in many forms, and go out in one."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop import Column, ConfigError, InputError, Table
from omloop.kinds.table.moments import derive, parse_moments

SEEN = Table((Column("seen", "datetime"), Column("born", "date", format="%d/%m/%y", missing=True)))


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("2024-03-31T02:30:00+02:00", "2024-03-31T00:30:00Z"),
        ("2024-01-01 00:15:59.999-01:30", "2024-01-01T01:45:59Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_told_in_utc(text: str, rendered: str) -> None:
    assert SEEN.render(SEEN.parse([{"seen": text}])) == [{"seen": rendered, "born": None}]


@pytest.mark.parametrize(
    "text", ["20240131", "2024-02-30", "2024-W05-1", "0001-01-01T00:00:00+05:00", "now", "", 5, True]
)
def test_what_is_no_moment_is_refused(text: object) -> None:
    for read in (SEEN.parse, lambda rows: SEEN.reader()(b'{"rows": [{"seen": "2024-13-01"}]}', "application/json")):
        with pytest.raises(InputError, match=r"rows\[0\].seen: .* send a date and time such as"):
            read([{"seen": text}])


@given(st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=50, deadline=None)
def test_every_second_survives_a_row(moment: datetime) -> None:
    text = moment.replace(microsecond=0).isoformat()
    (rendered,) = SEEN.render(SEEN.parse([{"seen": text}]))
    assert rendered["seen"] == text.replace("+00:00", "Z")


def test_files_hold_dates_of_their_own_and_texts_in_a_format() -> None:
    born = ["31/12/99", "1999-12-31", date(1999, 12, 31), datetime(1999, 12, 31, tzinfo=UTC)]
    rows = SEEN.encode({"born": born, "seen": np.array(["1999-12-31T00:00:01"] * 4, "M8[ns]")})
    assert (rows == rows[0]).all() and SEEN.render(rows)[0] == {"seen": "1999-12-31T00:00:01Z", "born": "1999-12-31"}


def test_a_date_has_no_time() -> None:
    with pytest.raises(InputError, match="born"):
        SEEN.parse([{"seen": "2024-01-01", "born": "2024-01-01T10:00"}])


def test_parts_are_those_of_the_calendar() -> None:
    names, row = SEEN.places, SEEN.parse([{"seen": "2024-02-29T18:00:00", "born": "2023-01-01"}])[0]
    found = dict(zip(names, row.tolist(), strict=True))
    assert [found[f"seen: {part}"] for part in ("year", "month", "day", "weekday", "hour")] == [2024, 2, 29, 3, 18]
    assert found["seen"] == 19782.75 and found["seen: sine of the day"] == -1 and found["born: cosine of the year"] == 1


def test_a_year_is_one_round_of_its_circle_leap_or_not() -> None:
    days = parse_moments(["2023-12-31", "2024-12-31"], "", times=False).days
    gap = derive(days + 1, days * 0, times=False)[:, 4:6] - derive(days, days * 0, times=False)[:, 4:6]
    np.testing.assert_allclose(gap[0], gap[1], atol=1e-4)


def test_limits_hold_to_the_second() -> None:
    table = Table((Column("at", "datetime", low=19_000, high=19_000 + 1 / 86_400),))
    first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=19_000)
    table.parse([{"at": first.isoformat()}, {"at": (first + timedelta(seconds=1)).isoformat()}])
    with pytest.raises(InputError, match="from 2022-01-08T00:00:00 to 2022-01-08T00:00:01"):
        table.parse([{"at": (first + timedelta(seconds=2)).isoformat()}])


def test_a_format_that_takes_iso_dates_for_other_days_is_refused() -> None:
    with pytest.raises(ConfigError, match="for another day"):
        Column("x", "date", format="%Y-%d-%m")
