"""One thing to tell, in words and as JSON."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from omloop.alert.rules import Severity


@dataclass(frozen=True)
class Alert:
    """One message: an alert is raised or resolved, or this is a test.

    `id` is that of the alert: the same when it is raised, when it is resolved, and each time that omloop sends it.
    `since` is when it began to ring and `time` when omloop decided this, in seconds since 1970. `value` is None if it
    has none.
    """

    id: str
    project: str
    rule: str
    metric: str
    condition: str
    severity: Severity
    state: Literal["raised", "resolved", "test"]
    since: float
    time: float
    value: float | None = None
    detail: str = ""


def in_words(alert: Alert) -> str:
    """An alert in one line.

    >>> in_words(Alert("1", "rides", "slow", "latency.p99_ms", "above 50", "critical", "raised", 0.0, 0.0, 61.5))
    'rides: slow is raised (critical): latency.p99_ms is 61.5, above 50'
    """
    if alert.state == "test":
        return f"{alert.project}: this is a test of omloop's alerts; nothing has happened"
    said = f"{alert.project}: {alert.rule} is {alert.state} ({alert.severity})"
    if alert.state == "resolved":
        said += f" after {(alert.time - alert.since) / 60:.0f} min"
    return " ".join(": ".join(filter(None, (said, _measured(alert), alert.detail))).split())


def as_json(alert: Alert) -> dict[str, object]:
    """Its words as `text` and its fields, the times in ISO 8601 (UTC)."""
    return {"text": in_words(alert), **asdict(alert), "since": _moment(alert.since), "time": _moment(alert.time)}


def _measured(alert: Alert) -> str:
    if alert.value is None or (alert.condition == "on" and alert.detail):
        return ""
    if alert.condition == "on":
        return f"{alert.metric} is {'on' if alert.value else 'off'}"
    asked = f", {alert.condition}" if alert.state == "raised" else ""
    return f"{alert.metric} is {alert.value:.4g}{asked}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
