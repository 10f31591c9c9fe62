"""Spans of requests reach a collector over a real socket; without the setting there is nothing of it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.serve.conftest import ROW, Serve

pytest.importorskip("opentelemetry.sdk")
service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")

from omloop.serve.traces import Traces  # noqa: E402

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector(ThreadingHTTPServer):
    """As much of a collector as takes spans."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.spans: list[Any] = []
        self.services: set[str] = set()


class Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for one in service.ExportTraceServiceRequest.FromString(body).resource_spans:
            self.server.services |= {a.value.string_value for a in one.resource.attributes if a.key == "service.name"}
            self.server.spans += [span for scope in one.scope_spans for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("way", ["short", "long"])
def test_a_prediction_is_a_span_with_its_stages_below_that_of_the_caller(
    serve_with: Serve, collector: Collector
) -> None:
    traces = Traces(collector.url, "tiny")
    with serve_with(traces=traces) as server:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "r1"}
        asked = [server.client.post("/v1/predict", json={"rows": [row]}, headers=headers) for row in (ROW, {})]
        other = server.client.get("/v1/predictions/17")
        server.client.get("/healthz")
    assert [one.status_code for one in (*asked, other)] == [200, 422, 404]
    roots = [span for span in collector.spans if span.kind == 2]  # SERVER
    assert sorted(span.name for span in roots) == ["GET", "POST /v1/predict", "POST /v1/predict"]
    good = next(span for span in roots if any(a.value.int_value == 200 for a in span.attributes))
    assert (good.trace_id.hex(), good.parent_span_id.hex()) == (TRACE, PARENT)
    assert {a.key: a.value.string_value for a in good.attributes}["omloop.request_id"] == "r1"
    below = [span for span in collector.spans if span.parent_span_id == good.span_id]
    assert [span.name for span in below] == ["queue", "read", "model", "record"]
    times = [(span.start_time_unix_nano, span.end_time_unix_nano) for span in (good, *below)]
    assert all(begun <= ended for begun, ended in times)
    assert collector.services == {"omloop tiny"}


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys, omloop.serve.app, omloop.serve.rest\n"  # FastAPI loads OpenTelemetry's interface, if it is there
    )
    code += "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'omloop.serve.traces'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
