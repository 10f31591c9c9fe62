"""Live: what a server counted between two looks, and a page that goes on while it is down."""

from typing import TYPE_CHECKING

import pytest
from tests.ui.shown import Asked, Visit, send

from omloop.ui.parts.charts import line_options
from omloop.ui.parts.pager import pager
from omloop.ui.parts.scraped import Counts, counts_of, pace

if TYPE_CHECKING:
    from nicegui.testing import User

TEXT = """process_start_time_seconds 100.0
omloop_requests_total{route="/v1/predict",status="200"} 8
omloop_requests_total{route="/v1/predict",status="503"} 2
omloop_requests_total{route="/healthz",status="200"} 50
omloop_request_seconds_bucket{route="/v1/predict",le="0.01"} 9
omloop_request_seconds_bucket{route="/v1/predict",le="+Inf"} 10
omloop_batch_requests_sum 10
omloop_batch_requests_count 5
omloop_in_flight 3
"""


def test_what_went_on_between_two_looks_is_told_per_second() -> None:
    found = pace(Counts(0.0, started=100.0), counts_of(TEXT, 2.0))
    assert found is not None
    assert (found.rate, found.errors, found.batch, found.in_flight) == (5.0, 0.2, 2.0, 3.0)
    assert found.p50_ms == pytest.approx(5.6, abs=0.1) and found.p99_ms == 10.0


def test_a_server_that_began_anew_is_not_compared_with_the_one_before() -> None:
    assert pace(Counts(0.0, started=50.0), counts_of(TEXT, 2.0)) is None
    assert pace(Counts(0.0, started=100.0, requests=20.0), counts_of(TEXT, 2.0)) is None


def test_without_requests_nothing_is_said_of_their_times() -> None:
    found = pace(counts_of(TEXT, 2.0), counts_of(TEXT, 4.0))
    assert found is not None and (found.rate, found.p50_ms, found.batch, found.errors) == (0.0, None, None, None)


def test_a_chart_reaches_to_the_last_mark() -> None:
    options = line_options({"a": [(1.0, 2.0)]}, marks=[{"time": 5.0, "name": "alarm"}])
    assert options["xAxis"]["max"] == 5000.0 and options["series"][0]["markLine"]["data"][0]["xAxis"] == 5000.0


def test_a_pager_leads_to_the_pages_beside() -> None:
    told = pager({"total": 70, "page": 2, "size": 25}, lambda at: f"?page={at}")
    assert "26 to 50 of 70" in told and 'href="?page=1"' in told and 'href="?page=3"' in told
    assert pager({"total": 25, "page": 1, "size": 25}, str) == ""


def test_the_page_counts_what_is_asked_and_tells_when_the_server_is_gone(visit: Visit, asked: Asked) -> None:
    asked.serve("reviews")

    async def walk(user: "User") -> None:
        await user.open("/p/reviews")
        send(user, "Ask the model", review="good")
        await user.should_see("Was it right?")
        await user.open("/p/reviews/live")
        await user.should_see("Requests per second")
        await user.should_see("Being worked on, or waiting")
        asked.open.close()
        await user.should_see("The server is down")

    visit(walk)
