"""What a server counted between two looks at its `/metrics`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from omloop.core import OWN_ROUTES, bucket_quantile, read_samples


@dataclass(frozen=True)
class Counts:
    """What a server that `started` then had counted at `time`: requests, those that failed, and those in flight.

    In its `runs` the model `answered` so many requests. `seconds` is how many requests did not take longer than each
    bound.
    """

    time: float
    started: float = 0.0
    requests: float = 0.0
    failed: float = 0.0
    in_flight: float = 0.0
    runs: float = 0.0
    answered: float = 0.0
    seconds: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Pace:
    """What went on between two looks: per second, and of these requests. None where there were none."""

    rate: float
    errors: float | None
    p50_ms: float | None
    p99_ms: float | None
    batch: float | None
    in_flight: float


def counts_of(exposition: str, time: float) -> Counts:
    """What the text of `/metrics` says.

    >>> text = 'omloop_requests_total{route="/v1/predict",status="200"} 4\\nomloop_in_flight 1\\n'
    >>> counts_of(text, 0.0).requests, counts_of(text, 0.0).in_flight
    (4.0, 1.0)
    """
    found = dict.fromkeys(("started", "requests", "failed", "in_flight", "runs", "answered"), 0.0)
    seconds: dict[float, float] = {}
    for name, labels, value in read_samples(exposition):
        route = labels.get("route", "")
        if name == "process_start_time_seconds":
            found["started"] = value
        elif name == "omloop_in_flight":
            found["in_flight"] += value
        elif name == "omloop_batch_requests_sum":
            found["answered"] += value
        elif name == "omloop_batch_requests_count":
            found["runs"] += value
        elif name == "omloop_requests_total" and route not in OWN_ROUTES:
            found["requests"] += value
            found["failed"] += value if labels["status"].startswith("5") else 0.0
        elif name == "omloop_request_seconds_bucket" and route == "/v1/predict":
            bound = float(labels["le"])
            seconds[bound] = seconds.get(bound, 0.0) + value
    return Counts(time, **found, seconds=seconds)


def pace(before: Counts, now: Counts) -> Pace | None:
    """What went on between two looks; None where the server began anew in between."""
    if now.started != before.started or now.requests < before.requests or now.time <= before.time:
        return None
    requests = now.requests - before.requests
    buckets = {bound: count - before.seconds.get(bound, 0.0) for bound, count in now.seconds.items()}
    timed = max(buckets.values(), default=0.0) > 0
    runs = now.runs - before.runs
    return Pace(
        rate=requests / (now.time - before.time),
        errors=(now.failed - before.failed) / requests if requests else None,
        p50_ms=1000 * bucket_quantile(buckets, 0.5) if timed else None,
        p99_ms=1000 * bucket_quantile(buckets, 0.99) if timed else None,
        batch=(now.answered - before.answered) / runs if runs else None,
        in_flight=now.in_flight,
    )
