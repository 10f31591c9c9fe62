"""Every answer has the request's id; every refusal has it too, beside a code from a closed list."""

import logging
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from omloop.serve.refusal import CODES
from omloop.serve.trace_context import trace_id
from omloop.testing.bundles import tiny_bundle

pytestmark = pytest.mark.parametrize("way", ["short", "long"])
JSON = {"Content-Type": "application/json"}
REFUSED = [
    ("POST", "/v1/predict", {"Content-Type": "image/tiff"}, b"", "unsupported_media_type"),
    ("POST", "/v1/predict", JSON, b"{", "unreadable"),
    ("POST", "/v1/predict", JSON, b'{"rows": [1]}', "invalid_input"),
    ("POST", "/v1/predict", {**JSON, "X-Caller-Key": "k" * 200}, b"{}", "invalid_header"),
    ("POST", "/v1/predict?colour=red", JSON, b"{}", "invalid_query"),
    ("POST", "/v1/predict", JSON, b" " * 1_000_001, "too_large"),
    ("PUT", "/v1/predict", JSON, b"{}", "method_not_allowed"),
    ("POST", "/v1/feedback", JSON, b'{"labels": 3}', "invalid_input"),
    ("GET", "/v1/predictions/nobody", {}, b"", "not_found"),
    ("GET", "/nowhere", {}, b"", "not_found"),
    ("GET", "/", {"X-Long": "x" * 40_000}, b"", "headers_too_large"),
    ("POST", "/v2/models/none/infer", JSON, b"{}", "not_found"),
    ("GET", "/v2/nowhere", {}, b"", "not_found"),
    ("POST", "/invocations", JSON, b'{"instances": 1}', "invalid_input"),
]


@pytest.mark.parametrize("method, path, headers, body, code", REFUSED)
def test_a_refusal_has_a_code_and_the_id_of_its_request(hostile, way, method, path, headers, body, code):
    server = hostile(way, tiny_bundle, ("kserve", "mlflow"))
    if way == "long" and code == "headers_too_large":
        pytest.skip("a server that is not ours has bounds of its own")
    answer = server.client.request(method, path, headers={"X-Request-Id": "order-17", **headers}, content=body)
    told = answer.json()
    error = told["error"] if isinstance(told.get("error"), dict) else told
    assert (error["code"], error["request_id"]) == (code, "order-17")
    assert answer.headers.get_list("x-request-id") == ["order-17"]


@pytest.mark.parametrize("given", ["", "two words", "ä", "x" * 129, '"\\'])
def test_an_id_that_is_not_plain_is_replaced(hostile, way, given):
    server = hostile(way)
    answer = server.client.get("/v1/model", headers={"X-Request-Id": given.encode()})
    assert re.fullmatch("[0-9a-f]{16}" if given != '"\\' else r'"\\', answer.headers["x-request-id"])


def test_an_answer_has_the_id_that_was_given_and_each_other_one_of_its_own(hostile, way, row):
    server = hostile(way)
    given = [server.client.post("/v1/predict", json={"rows": [row]}, headers={"X-Request-Id": "a"}) for _ in range(2)]
    made = [server.predict() for _ in range(2)]
    assert [one.headers["x-request-id"] for one in given] == ["a", "a"]
    assert len({one.headers["x-request-id"] for one in made} - {"a"}) == 2


def test_what_is_no_http_has_a_code(hostile, way):
    where = urlsplit(hostile("short").url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(b"HELO x\r\n\r\n")
        assert b'"code":"invalid_http"' in connection.makefile("rb").read()


def test_a_fault_is_in_the_log_under_the_id_of_its_request(server, caplog, monkeypatch):
    monkeypatch.setattr(type(server.champion.serving.session), "run", lambda self, examples: 1 / 0)
    with caplog.at_level(logging.ERROR):
        answer = server.client.post("/v1/predict", json={"rows": []} | {"rows": [server.champion.serving.example]})
    assert answer.json()["error"]["code"] == "internal_error"
    assert f"request {answer.headers['x-request-id']}" in caplog.text


def test_the_page_lists_every_code(way):
    page = Path("docs/reference/http-api.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| \d", page, re.MULTILINE) == list(CODES)


def test_the_log_of_a_fault_has_the_request_and_its_trace(serve_with, caplog, monkeypatch):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"X-Request-Id": "order-17", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    with serve_with() as server:
        monkeypatch.setattr(server.champion.serving.session, "run", lambda *_: 1 / 0)
        answer = server.client.post(
            "/v1/predict", json={"rows": [{"hours": 1, "age": 20, "sex": "m"}]}, headers=headers
        )
    assert answer.status_code == 500
    (record,) = [one for one in caplog.records if one.exc_info]
    assert (record.request_id, record.trace_id) == ("order-17", trace)


@pytest.mark.parametrize(
    "given", ["", "00", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"ff-{'a' * 32}-00f067aa0ba902b7-01"]
)
def test_what_is_no_trace_is_none(way, given):
    assert trace_id(given) == ""
