"""What a server counted since the last look, from its own /metrics: errors, latency, what could not be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from omloop.alert import Signal, Signals
from omloop.core import EXPLAINED_ROUTE, OWN_ROUTES, bucket_quantile, read_samples, write_whole
from omloop.probe import Target, ask, run

TIMEOUT_S = 5.0
UNRECORDED = ("omloop_unrecorded_total", "omloop_lost_predictions_total")

Counts = Mapping[str, float]


def server_signals(url: str, home: Path) -> Signals:
    """What the server at `url` counted since the last call, which is remembered in `home`; nothing at the first one.

    A server that does not answer is `server.down`, and nothing else is known of it. Raises SettingError when `url` is
    no address, and StoreError.
    """
    target = Target.of(url)
    try:
        answer = run(ask(target, target.get("/metrics"), timeout_s=TIMEOUT_S))
    except OSError as error:  # TimeoutError is one
        return {"server.down": Signal(1.0, f"{target.place}: {error.strerror or type(error).__name__}")}
    if answer.status != 200:
        return {"server.down": Signal(1.0, f"{target.place} answered {answer.status} to /metrics")}
    counts, path = counts_in(answer.body.decode(errors="replace")), home / "server.json"
    before = _remembered(path).get(target.url)
    write_whole(path, msgspec.json.encode({target.url: counts}))
    found = {"server.down": Signal(0.0)}
    if before is None:
        return found
    new = difference(counts, before)
    found["log.unrecorded"] = Signal(new["unrecorded"], "predictions since the last look")
    if new["requests"]:
        detail = f"of {new['requests']:g} requests since the last look"
        found["errors.rate"] = Signal(new["errors"] / new["requests"], detail)
        for name, share in (("latency.p50_ms", 0.5), ("latency.p99_ms", 0.99)):
            found[name] = Signal(1000.0 * quantile(new, share), detail)
    return found


def counts_in(exposition: str) -> Counts:
    """The counts that matter here: clients' requests, those answered with 5xx, unrecorded ones, and latency's buckets.

    Buckets are named `le` and their bound in seconds, and count what took no longer.
    """
    found = dict.fromkeys(("requests", "errors", "unrecorded"), 0.0)
    for name, labels, value in read_samples(exposition):
        if name in UNRECORDED:
            found["unrecorded"] += value
        elif name == "process_start_time_seconds":
            found["started"] = value
        elif labels.get("route") in OWN_ROUTES:
            continue
        elif name == "omloop_requests_total":
            found["requests"] += value
            found["errors"] += value if labels["status"].startswith("5") else 0.0
        elif name == "omloop_request_seconds_bucket" and labels.get("route") != EXPLAINED_ROUTE:
            bucket = f"le {labels['le']}"
            found[bucket] = found.get(bucket, 0.0) + value
    return found


def difference(counts: Counts, before: Counts) -> Counts:
    """What was counted since `before`; all of it when the server has begun anew since. Pure."""
    if counts.get("started") != before.get("started") or any(counts.get(n, 0.0) < before[n] for n in before):
        return counts
    return {name: value - before.get(name, 0.0) for name, value in counts.items()}


def quantile(counts: Counts, share: float) -> float:
    """The time in seconds that `share` of the requests did not exceed; see `bucket_quantile`."""
    buckets = {float(name[3:]): count for name, count in counts.items() if name.startswith("le ")}
    return bucket_quantile(buckets, share)


def _remembered(path: Path) -> Mapping[str, Counts]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, float]])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
