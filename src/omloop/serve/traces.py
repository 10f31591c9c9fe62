"""Spans of requests, sent to a collector of OpenTelemetry; it loads and does nothing unless a setting asks.

A request is one span. A prediction has four below it: waiting in the queue, reading, running the model, and recording.
Those are of its batch, made after the answer from times measured anyway. Spans leave in their own thread, and at most
2,048 of them wait. If a collector does not take a span, it is dropped.
"""

from __future__ import annotations

import time
from typing import Any

from omloop.core import explain_missing
from omloop.serve.answer.work import Work

with explain_missing("The setting 'traces'"):
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TIMEOUT_S = 3.0
_STAGES = ("queue", "read", "model", "record")
_PREDICT = "POST /v1/predict"


class Traces:
    """Makes spans and sends them to the collector at `url`, such as `http://localhost:4318`.

    OpenTelemetry's own variables set the sampling and the collector's headers (`OTEL_TRACES_SAMPLER`,
    `OTEL_EXPORTER_OTLP_HEADERS`).
    """

    def __init__(self, url: str, project: str) -> None:
        about = Resource({"service.name": f"omloop {project}"}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=Resource.create().merge(about), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=TIMEOUT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("omloop.serve")
        self._read = TraceContextTextMapPropagator()

    def begin(self, name: str, parent: str, request: str, *, at: float | None = None) -> Any:
        """The span of a request that began `at`, a reading of `time.perf_counter`, or now."""
        found = self._read.extract({"traceparent": parent}) if parent else None
        began = time.perf_counter() if at is None else at
        about = {"omloop.request_id": request}
        return self._tracer.start_span(name, found, SpanKind.SERVER, about, start_time=_ns(began))

    def end(self, span: Any, status: int) -> None:
        """End the span of an answered request."""
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def answered(self, work: Work) -> None:
        """For an answered or refused prediction: make the spans below its request, and that one if nobody made it."""
        span = work.span or self.begin(_PREDICT, work.trace, work.request, at=work.arrived)
        if work.times:
            context, times = set_span_in_context(span), (work.arrived, *work.times)
            for name, began, ended in zip(_STAGES, times, times[1:], strict=False):
                self._tracer.start_span(name, context, start_time=_ns(began)).end(_ns(ended))
        if work.span is None:
            self.end(span, work.status)

    def close(self) -> None:
        """Send what waits, for some seconds at most."""
        self._provider.shutdown()


def _ns(reading: float) -> int:
    """A reading of `time.perf_counter` in nanoseconds since 1970."""
    return time.time_ns() - int((time.perf_counter() - reading) * 1e9)
