"""A load test in a few values of JSON; latencies in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omloop.probe.load.climb import RateStep
    from omloop.probe.load.load import Load

SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
"""The percentiles in a summary, by name."""


def load_json(found: Load) -> dict[str, object]:
    """What came of a test."""
    return {
        "rate": found.plan.rate,
        "seconds": round(found.seconds, 3),
        "requests": found.plan.count,
        "sent": found.sent,
        "answered": found.answered,
        "refused": found.refused,
        "failed": found.failed,
        "statuses": {str(status): count for status, count in sorted(found.statuses.items())},
        "failures": dict(found.failures),
        "achieved_rate": round(found.achieved, 2),
        "latency_ms": {
            **{name: round(found.latencies.at(share) * 1000, 3) for name, share in SHARES.items()},
            "max": round(found.latencies.most * 1000, 3),
        },
        "late_p99_ms": round(found.late.at(0.99) * 1000, 3),
    }


def step_json(step: RateStep) -> dict[str, object]:
    """What came of one rate of several."""
    return {**load_json(step.load), "broken": [*step.broken]}
