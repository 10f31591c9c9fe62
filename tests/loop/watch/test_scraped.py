"""What a server counted between two looks."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from omloop.core import SettingError
from omloop.loop.watch.scraped import counts_in, difference, quantile, server_signals
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, running
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

ROW = {"hours": 1, "age": 20, "sex": "m"}
TEXT = """# HELP omloop_requests_total Requests answered, by route and status.
omloop_requests_total{route="/v1/predict",status="200"} 90
omloop_requests_total{route="/v1/predict",status="503"} 8
omloop_requests_total{route="other",status="404"} 2
omloop_requests_total{route="/readyz",status="503"} 1000
omloop_request_seconds_bucket{route="/v1/predict",le="0.001"} 50
omloop_request_seconds_bucket{route="/v1/predict",le="+Inf"} 100
omloop_unrecorded_total 3
omloop_lost_predictions_total 4
process_start_time_seconds 1763690000.5
"""


def ask(url: str, row: object = ROW) -> int:
    body = json.dumps({"rows": [row]}).encode()
    try:
        with urlopen(Request(f"{url}/v1/predict", body, {"Content-Type": "application/json"})) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def test_clients_requests_are_counted_and_a_servers_own_are_not() -> None:
    counts = counts_in(TEXT)
    assert (counts["requests"], counts["errors"], counts["unrecorded"]) == (100.0, 8.0, 7.0)
    assert counts["started"] == 1763690000.5 and counts["le +Inf"] == 100.0


def test_a_server_that_began_anew_counts_from_nothing() -> None:
    before = counts_in(TEXT)
    assert difference(before, before)["requests"] == 0.0
    later = {**before, "requests": 150.0}
    assert difference(later, before)["requests"] == 50.0
    assert difference({**before, "started": 1.0}, before)["requests"] == 100.0
    assert difference({**before, "requests": 30.0}, before)["requests"] == 30.0


def test_a_quantile_is_within_its_bucket_and_at_most_the_last_bound() -> None:
    counts = {"le 0.001": 50.0, "le 0.01": 90.0, "le +Inf": 100.0}
    assert quantile(counts, 0.25) == pytest.approx(0.0005)
    assert quantile(counts, 0.9) == pytest.approx(0.01) == quantile(counts, 0.99)
    assert quantile({}, 0.5) == 0.0


def test_errors_and_latency_are_those_since_the_last_look(tmp_path: Path) -> None:
    log = MemoryPredictions()
    with running(create_app(Champion(MemoryVersions(tiny_bundle())), log, new_id=new_id)) as url:
        assert ask(url) == 200
        assert [*server_signals(url, tmp_path)] == ["server.down"], "nothing is known of the time before"
        assert [ask(url) for _ in range(3)] == [200] * 3 and ask(url, {"age": "x"}) == 422
        found = server_signals(url, tmp_path)
        assert found["errors.rate"].value == 0.0 and found["latency.p99_ms"].value > 0.0
        assert found["errors.rate"].detail == "of 4 requests since the last look"
        log.close()  # nothing can be recorded any more
        assert [ask(url) for _ in range(4)] == [503] * 4
        found = server_signals(url, tmp_path)
        assert found["errors.rate"].value == 1.0 and found["log.unrecorded"].value == 4.0
        assert "errors.rate" not in server_signals(url, tmp_path), "without requests there is no share of them"


def test_a_server_that_does_not_answer_is_down(tmp_path: Path) -> None:
    found = server_signals("http://127.0.0.1:9", tmp_path)
    assert found["server.down"].value == 1.0 and found["server.down"].detail.startswith("127.0.0.1:9: ")
    assert [*found] == ["server.down"]


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        server_signals("here", tmp_path)


def test_counts_that_cannot_be_read_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text("{")
    with running(create_app(Champion(MemoryVersions(tiny_bundle())), MemoryPredictions(), new_id=new_id)) as url:
        assert [*server_signals(url, tmp_path)] == ["server.down"]
