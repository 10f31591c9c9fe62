"""What is refused is counted by its field, whichever way it came, and no value of it is kept."""

import pytest
from tests.serve.conftest import ROW, Server

from omloop.core import InputError, StoreError
from omloop.serve.door import Door, rows_in
from omloop.serve.metrics import Metrics
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

CSV = "hours,age,sex\n1,20,m\n1,20,robot\n"


@pytest.fixture(params=["short", "long"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def settled(server: Server) -> dict[tuple[str, str], int]:
    server.app.engine.close()
    return {(one.field, one.reason): one.rows for one in server.predictions.refusal_counts}


def test_refusals_are_counted_by_field_and_reason(server: Server) -> None:
    bad = [{**ROW, "sex": "robot"}, {**ROW, "sex": "robot"}, {"hours": 1, "age": 20}, {**ROW, "made up": 1}]
    assert {server.predict(row).status_code for row in bad} == {422}
    assert server.predict(ROW, {**ROW, "age": 1e9}, ROW).status_code == 422
    assert server.client.post("/v1/predict", content=CSV, headers={"content-type": "text/csv"}).status_code == 422
    assert server.client.post("/v1/predict", content=b"{", headers={"content-type": "application/json"}).is_error
    text = server.client.get("/metrics").text
    assert 'omloop_refused_total{field="sex",reason="refused"} 3' in text and "made up" not in text
    found = settled(server)
    assert found["sex", "refused"] == 2 + 2, "a batch is refused as a whole, with all its rows"
    assert (found["sex", "empty"], found["age", "refused"], found["(body)", "undecodable"]) == (1, 3, 1)
    assert "robot" not in repr(server.predictions.refusal_counts)


def test_what_only_tests_the_server_is_no_refusal(server: Server) -> None:
    answer = server.client.post("/v1/predict", json={"rows": [{}]}, headers={"x-caller-key": "omloop-probe"})
    assert answer.status_code == 422 and settled(server) == {}


def test_a_flood_is_one_record_and_a_full_disk_loses_no_count() -> None:
    predictions, server = MemoryPredictions(), MemoryVersions(tiny_bundle())
    door = Door(predictions, Metrics(), clock=lambda: 7.0, span_s=3600.0)
    serving = _serving(server)
    predictions.failing = StoreError("no space is left")
    for _ in range(1_000):
        door.count(serving, InputError("is missing; send an integer", "rows[0].age"), 2)
    door.settle()
    predictions.failing = None
    door.settle()
    assert [(one.time, one.rows) for one in predictions.refusal_counts] == [(7.0, 2_000)]
    door.settle()
    assert len(predictions.refusal_counts) == 1


@pytest.mark.parametrize(("content", "rows"), [(b"{" * 99, 10), (b"", 1), (b'{"rows": []}', 1)])
def test_a_made_up_body_counts_for_no_more_than_a_request_may_hold(content: bytes, rows: int) -> None:
    assert rows_in(content, "application/json; charset=utf-8", 10) == rows


def _serving(versions: MemoryVersions):  # type: ignore[no-untyped-def]
    from omloop.serve import Champion

    champion = Champion(versions, threads=1)
    champion.refresh()
    return champion.serving
