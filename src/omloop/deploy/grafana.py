"""A dashboard of Grafana over the metrics of a project's server.

Its JSON is that of https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from omloop.deploy.service import Service

WIDTH, HEIGHT, COLUMNS = 8, 7, 3
SOURCE = {"type": "prometheus", "uid": "prometheus"}


@dataclass(frozen=True)
class Panel:
    """One panel: expressions of PromQL by their legends, in a unit of Grafana's; `JOB` stands for the job's label."""

    title: str
    unit: str
    expressions: dict[str, str]
    kind: str = "timeseries"


PANELS = (
    Panel("Version that serves", "short", {"{{version}}": "sum by (version) (omloop_model_info{JOB})"}),
    Panel("Drift and loss", "bool", {"drift": "max(omloop_drift{JOB})", "loss": "max(omloop_loss{JOB})"}),
    Panel("Servers that answer", "short", {"servers": "sum(up{JOB})"}, kind="stat"),
    Panel("Requests", "reqps", {"{{status}}": "sum by (status) (rate(omloop_requests_total{JOB}[1m]))"}),
    Panel(
        "Errors",
        "percentunit",
        {
            f"{digit}xx": f'sum(rate(omloop_requests_total{{JOB, status=~"{digit}.."}}[5m]))'
            " / sum(rate(omloop_requests_total{JOB}[5m]))"
            for digit in (4, 5)
        },
    ),
    Panel(
        "Latency of predictions",
        "s",
        {
            f"p{share}": f"histogram_quantile(0.{share}, sum by (le) "
            '(rate(omloop_request_seconds_bucket{JOB, route="/v1/predict"}[5m])))'
            for share in (50, 95, 99)
        },
    ),
    Panel(
        "In flight, and waiting time",
        "short",
        {
            "in flight": "sum(omloop_in_flight{JOB})",
            "mean wait (s)": "sum(rate(omloop_queue_seconds_sum{JOB}[5m]))"
            " / sum(rate(omloop_queue_seconds_count{JOB}[5m]))",
        },
    ),
    Panel(
        "Requests of one run of the model",
        "short",
        {"mean": "sum(rate(omloop_batch_requests_sum{JOB}[5m])) / sum(rate(omloop_batch_requests_count{JOB}[5m]))"},
    ),
    Panel("Refused requests", "reqps", {"{{reason}}": "sum by (reason) (rate(omloop_refused_total{JOB}[5m]))"}),
    Panel(
        "Predictions and labels",
        "reqps",
        {
            "predictions": "sum(rate(omloop_predictions_total{JOB}[5m]))",
            "labels": "sum(rate(omloop_feedback_total{JOB}[5m]))",
        },
    ),
    Panel(
        "Not recorded",
        "short",
        {
            "refused for it": "sum(increase(omloop_unrecorded_total{JOB}[10m]))",
            "answered all the same": "sum(increase(omloop_lost_predictions_total{JOB}[10m]))",
        },
    ),
    Panel("Memory", "bytes", {"worker {{worker}}": "sum by (instance, worker) (omloop_worker_memory_bytes{JOB})"}),
)


def dashboard(service: Service) -> str:
    """The dashboard of a service as JSON."""
    job = f'job="{service.host}"'
    found = {
        "uid": f"omloop-{service.host}"[:40],
        "title": f"{service.project}: served and watched",
        "tags": ["omloop"],
        "timezone": "browser",
        "schemaVersion": 41,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "panels": [_panel(number, panel, job) for number, panel in enumerate(PANELS)],
    }
    return json.dumps(found, indent=2) + "\n"


def _panel(number: int, panel: Panel, job: str) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": WIDTH * column, "y": HEIGHT * row, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": SOURCE, "legendFormat": legend, "expr": text.replace("JOB", job)}
            for n, (legend, text) in enumerate(panel.expressions.items())
        ],
    }
