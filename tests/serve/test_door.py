"""What is refused is counted by its field, whichever way it came, and no value of it is kept."""

from typing import Any

import pytest
from tests.serve.conftest import ROW, Serve, Server
from tests.serve.test_hostile_ways import INFER, INVOKE, JSON, SCORE, pictures, table, texts

from omloop.core import InputError, StoreError
from omloop.serve import Limits
from omloop.serve.door import Door, rows_in
from omloop.serve.metrics import Metrics
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

CSV = "hours,age,sex\n1,20,m\n1,20,robot\n"
ALL = ("kserve", "mlflow", "former-service")
REFUSED, UNDECODABLE = ("(body)", "refused"), ("(body)", "undecodable")
ROBOT = {**ROW, "sex": "robot"}
TENSORS = [{"name": name, "shape": [1], "datatype": "BYTES", "data": [value]} for name, value in ROBOT.items()]
OTHER_FORMS: dict[str, tuple[str, dict[str, Any], int, tuple[str, str]]] = {
    # name: address, request, status, what is counted
    "kserve, a value": (INFER, {"json": {"inputs": TENSORS}}, 400, ("sex", "refused")),
    "kserve, no tensor": (INFER, {"json": {"inputs": []}}, 400, REFUSED),
    "kserve, no data": (INFER, {"json": {"inputs": [{"name": "sex"}]}}, 400, REFUSED),
    "kserve, no JSON": (INFER, {"content": b"{", "headers": JSON}, 400, UNDECODABLE),
    "mlflow, a value": (INVOKE, {"json": {"instances": [ROBOT]}}, 400, ("sex", "refused")),
    "mlflow, no form": (INVOKE, {"json": {"rows": [ROW]}}, 400, REFUSED),
    "mlflow, no JSON": (INVOKE, {"content": b"\xff", "headers": JSON}, 400, UNDECODABLE),
    "mlflow, CSV": (INVOKE, {"content": CSV, "headers": {"content-type": "text/csv"}}, 400, ("sex", "refused")),
    "the service before, a value": (SCORE, {"json": {"rows": [ROBOT]}}, 422, ("sex", "refused")),
    "the service before, another key": (SCORE, {"json": {"instances": [ROW]}}, 422, REFUSED),
    "the service before, no JSON": (SCORE, {"content": b"", "headers": JSON}, 400, UNDECODABLE),
}
SERVICES: dict[str, tuple[Any, str, str, dict[str, Any], tuple[str, str]]] = {
    # name: bundle, method, address, request, what is counted
    "a form without the file": (pictures, "POST", "/look", {"files": {"other": b"x"}}, REFUSED),
    "no picture": (pictures, "POST", "/look", {"files": {"file": b"no picture"}}, ("image", "undecodable")),
    "too few pixels": (pictures, "POST", "/pixels", {"json": {"pixels": [1]}}, REFUSED),
    "no text in the query": (texts, "GET", "/review/", {}, ("(body)", "empty")),
}


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


@pytest.mark.parametrize("address", ["/v1/predict", INFER, INVOKE, SCORE])
def test_a_body_that_is_too_large_or_of_another_type_is_counted(serve_with: Serve, address: str) -> None:
    origin = "https://elsewhere.example"
    with serve_with(MemoryVersions(table()), limits=Limits(body_bytes=500), compat=ALL, cors=(origin,)) as one:
        post = one.client.post
        large = [post(address, content=content, headers=JSON) for content in (b" " * 501, iter([b" " * 501]))]
        other = [post(address, content=b"{}", headers={"content-type": kind}) for kind in ("text/x", "image/png")]
        other += [
            post(address, content=b"{}", headers={"origin": origin}),
            post(address, json={}, headers={"content-encoding": "br"}),
        ]
        assert [answer.status_code for answer in large + other] == [413] * 2 + [415] * 4
        assert 'omloop_refused_total{field="(body)",reason="refused"} 6' in one.client.get("/metrics").text
        assert settled(one) == {REFUSED: 6}


@pytest.mark.parametrize("name", OTHER_FORMS)
def test_what_is_refused_at_the_address_of_another_server_counts_once(serve_with: Serve, name: str) -> None:
    address, request, status, counted = OTHER_FORMS[name]
    with serve_with(MemoryVersions(table()), compat=ALL) as server:
        assert server.client.post(address, **request).status_code == status
        line = 'omloop_refused_total{{field="{}",reason="{}"}} 1'.format(*counted)
        assert line in server.client.get("/metrics").text.splitlines()
        assert {*settled(server)} == {counted}


@pytest.mark.parametrize("name", SERVICES)
def test_what_the_service_before_could_not_read_counts_once(serve_with: Serve, name: str) -> None:
    bundle, method, address, request, counted = SERVICES[name]
    with serve_with(MemoryVersions(bundle()), compat=("former-service",)) as server:
        assert server.client.request(method, address, **request).status_code in (400, 422)
        assert settled(server) == {counted: 1}


def test_too_many_rows_are_refused_rows(serve_with: Serve) -> None:
    with serve_with(limits=Limits(rows=2)) as server:
        assert server.predict(ROW, ROW, ROW).json()["error"]["field"] == "rows"
        assert settled(server) == {REFUSED: 2}


@pytest.mark.parametrize("address", ["/v1/predict", INFER, INVOKE, SCORE])
def test_what_says_nothing_of_the_data_is_not_counted(serve_with: Serve, address: str) -> None:
    with serve_with(MemoryVersions(table()), compat=ALL) as server:
        post, body = server.client.post, {"inputs": TENSORS, "rows": [ROW]}
        assert post("/v2/models/other/infer", content=b"{").status_code == post("/v1/predic").status_code == 404
        assert server.client.put(address, json=body).status_code == 405
        assert (
            post(address, content=b"{", headers={"x-caller-key": "omloop-probe", "content-type": "x/y"}).status_code
            == 415
        )
        server.app.engine._limits = Limits(pending=0)
        assert post(address, json=body).status_code == 429
        server.champion.serving = None
        assert post(address, json=body).status_code in (404, 503), "what the service before had goes with the version"
        assert settled(server) == {} and "omloop_refused_total{" not in server.client.get("/metrics").text


def test_what_a_canary_and_the_champion_refuse_counts_once(server: Server) -> None:
    server.versions.begin_trial(tiny_bundle(2.0), "canary", 1.0)
    server.champion.refresh()
    assert server.predict(ROBOT).status_code == 422
    assert settled(server) == {("sex", "refused"): 1}


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
