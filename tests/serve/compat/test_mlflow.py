"""The addresses of MLflow's scoring server over HTTP: five forms of rows, and numbers or classes alone."""

import pytest

from omloop.core import UnknownNameError
from omloop.serve import Champion, Refusal, ServerOptions, create_app
from omloop.serve.compat.mlflow import _words
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

COLUMNS = ["hours", "age", "sex"]
ROWS = [[1, 20, "m"], [2, 21, "f"]]
RECORDS = [dict(zip(COLUMNS, values, strict=True)) for values in ROWS]


@pytest.fixture
def server(serve_with):
    with serve_with(compat=("mlflow",)) as started:
        yield started


def invoke(server, **body):
    return server.client.post("/invocations", json=body)


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": COLUMNS, "data": ROWS}},
        {"dataframe_split": {"index": [0, 1], "columns": COLUMNS, "data": ROWS}, "params": {}},
        {"dataframe_records": RECORDS},
        {"instances": RECORDS},
        {"inputs": RECORDS},
        {"inputs": {name: list(values) for name, values in zip(COLUMNS, zip(*ROWS, strict=True), strict=True)}},
    ],
)
def test_rows_come_in_every_form_that_mlflow_knows(server, body):
    assert invoke(server, **body).json() == {"predictions": [44.0, 44.0]}
    assert [kept.inputs for kept in server.predictions.kept] == RECORDS


def test_a_csv_is_taken_as_it_is(server):
    headers = {"content-type": "text/csv; charset=utf-8"}
    answer = server.client.post("/invocations", content="hours,age,sex\n1,20,m\n", headers=headers)
    assert answer.json() == {"predictions": [44.0]}


def test_a_class_is_answered_alone(serve_with):
    with serve_with(MemoryVersions(tiny_bundle(0.01, classes=("sad", "happy"))), compat=("mlflow",)) as server:
        assert invoke(server, dataframe_records=RECORDS).json() == {"predictions": ["happy", "happy"]}


def test_where_a_model_takes_one_thing_it_may_come_alone(serve_with):
    with serve_with(MemoryVersions(tiny_text_bundle()), compat=("mlflow",)) as server:
        assert invoke(server, instances=["good", "bad"]).json() == {"predictions": ["positive", "negative"]}
        assert invoke(server, inputs={"review": ["bad"]}).json() == {"predictions": ["negative"]}


def test_records_are_objects_even_so(serve_with):
    with serve_with(MemoryVersions(tiny_text_bundle()), compat=("mlflow",)) as server:
        answer = invoke(server, dataframe_records=["good"])
    assert (answer.status_code, answer.json()["message"][:8]) == (400, "rows[0]:")


def test_a_request_that_came_too_late_has_its_own_code():
    words = {status: _words(Refusal(status, "no"))["error_code"] for status in (400, 422, 429, 500, 503, 504)}
    assert words == {
        400: "BAD_REQUEST",
        422: "BAD_REQUEST",
        429: "RESOURCE_EXHAUSTED",
        500: "INTERNAL_ERROR",
        503: "TEMPORARILY_UNAVAILABLE",
        504: "DEADLINE_EXCEEDED",
    }


def test_a_model_of_pictures_takes_no_csv(serve_with):
    with serve_with(MemoryVersions(tiny_image_bundle()), compat=("mlflow",)) as server:
        answer = server.client.post("/invocations", content="image\nx\n", headers={"content-type": "text/csv"})
    assert answer.status_code == 415
    assert answer.json()["error_code"] == "BAD_REQUEST" and "application/json" in answer.json()["message"]


def test_probes_are_answered(server):
    for address in ("/ping", "/health"):
        answer = server.client.get(address)
        assert (answer.status_code, answer.content) == (200, b"\n")
    assert server.client.get("/version").text.startswith("omloop ")


def test_before_the_first_version_probes_and_predictions_say_so(serve_with):
    with serve_with(MemoryVersions(), compat=("mlflow",)) as server:
        for answer in (server.client.get("/ping"), invoke(server, instances=[1])):
            assert (answer.status_code, answer.json()["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
            assert "omloop turn" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "one of dataframe_split"),
        ({"rows": RECORDS}, "one of dataframe_split"),
        ({"instances": RECORDS, "inputs": RECORDS}, "one of dataframe_split"),
        ({"instances": RECORDS, "signature_name": "x"}, "one of dataframe_split"),
        ({"instances": []}, "instances: send at least one row"),
        ({"instances": {"0": {}}}, "instances: must be a list"),
        ({"instances": [[1, 20, "m"]]}, "rows[0]"),
        ({"dataframe_split": RECORDS}, "dataframe_split: must be an object"),
        ({"dataframe_split": {"columns": COLUMNS}}, "dataframe_split: must be an object"),
        ({"dataframe_split": {"columns": COLUMNS, "data": ROWS, "name": 1}}, "dataframe_split: must be an object"),
        ({"dataframe_split": {"columns": "hours", "data": ROWS}}, "dataframe_split.columns"),
        ({"dataframe_split": {"columns": [1, 2, 3], "data": ROWS}}, "dataframe_split.columns"),
        ({"dataframe_split": {"columns": ["age"] * 3, "data": ROWS}}, "twice"),
        ({"dataframe_split": {"columns": COLUMNS, "data": {}}}, "dataframe_split.data"),
        ({"dataframe_split": {"columns": COLUMNS, "data": [[1]]}}, "dataframe_split.data[0]: must be a list of 3"),
        ({"dataframe_split": {"columns": [], "data": []}}, "at least one row"),
        ({"inputs": {}}, "lists of one length"),
        ({"inputs": {"hours": 1}}, "lists of one length"),
        ({"inputs": {"hours": [1], "age": [20, 21], "sex": ["m"]}}, "lists of one length"),
        ({"dataframe_records": [{**RECORDS[0], "age": 3}]}, "rows[0].age"),
        ({"dataframe_records": [{**RECORDS[0], "age": 10**40}]}, "rows[0].age"),
    ],
)
def test_what_does_not_fit_is_a_400_that_says_where(server, body, told):
    answer = invoke(server, **body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "BAD_REQUEST")
    assert told in answer.json()["message"] and server.predictions.kept == []


def test_what_is_not_json_is_a_400(server):
    for content in (b"{", b"[" * 10_000, b"[]", b"", b"\xff"):
        answer = server.client.post("/invocations", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["error_code"]) == (400, "BAD_REQUEST")


def test_two_ways_with_one_address_are_answered_by_the_first(serve_with):
    with serve_with(compat=("mlflow", "kserve", "former-service")) as server:
        assert server.client.get("/health").content == b"\n"
        assert server.client.get("/v2/health/live").status_code == 200
        told = server.client.get("/openapi.json").json()["paths"]
        assert {"/invocations", "/v2", "/v1/predict"} <= told.keys()


def test_an_unknown_way_is_refused_before_anything_starts():
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    with pytest.raises(UnknownNameError, match="Did you mean 'kserve'"):
        create_app(champion, MemoryPredictions(), new_id=lambda: "p", options=ServerOptions(compat=("kserv",)))


def test_the_document_has_an_example_that_is_answered(server):
    told = server.client.get("/openapi.json").json()["paths"]["/invocations"]["post"]["requestBody"]["content"]
    assert server.client.post("/invocations", json=told["application/json"]["example"]).status_code == 200
