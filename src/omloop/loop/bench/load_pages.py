"""The page that a load test leaves in the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import milliseconds
from omloop.loop.records.pages import keep_page
from omloop.probe import SHARES, Load, RateStep, capacity, load_json, step_json
from omloop.report import ResultPage, ResultTable, result_page

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.bench.load import Subject
    from omloop.loop.workspace import Workspace

PLOTTED = {"p50": 0.5, "p99": 0.99}


def keep_load(name: str, workspace: Workspace, of: Subject, found: Load, *, p99_s: float) -> Path | None:
    """Keep the result of one rate."""
    broken, plan = found.broken(p99_s), found.plan
    title = f"{name}: {plan.rate:g} requests a second for {plan.seconds:g} s"
    page = ResultPage(
        title=title,
        about=f"{_whose(of)}; version {of.version}; p99 may be {milliseconds(p99_s)} at most",
        numbers={
            "answered": f"{found.answered:,} of {plan.count:,}",
            "requests a second": f"{found.achieved:.1f}",
            **{label: milliseconds(found.latencies.at(share)) for label, share in SHARES.items()},
        },
        charts={"Latency in milliseconds, by second of the test": _over_time(found)},
        tables=[ResultTable("What failed", ["reason", "requests"], _failures(found))] if found.failures else [],
        bad=", ".join(broken),
    )
    record = {"version": of.version, "ours": of.ours, **load_json(found), "broken": [*broken]}
    return _keep(name, workspace, page, record)


def keep_climb(name: str, workspace: Workspace, of: Subject, steps: Sequence[RateStep], *, p99_s: float) -> Path | None:
    """Keep the results of rising rates, up to the first that did not hold."""
    best = capacity(steps)
    title = f"{name}: {f'{best.rate:.0f} requests a second held' if best else 'the first rate did not hold'}"
    ordered = sorted(steps, key=lambda step: step.rate)
    lines = {
        (place, label): [(step.rate, step.load.latencies.at(share) * 1000) for step in ordered]
        for place, (label, share) in enumerate(PLOTTED.items())
    }
    head = ["requests a second", "answered a second", *SHARES, "held"]
    rows = [
        [
            f"{step.rate:.0f}",
            f"{step.load.achieved:.0f}",
            *(milliseconds(step.load.latencies.at(share)) for share in SHARES.values()),
            ", ".join(step.broken) or "yes",
        ]
        for step in steps
    ]
    page = ResultPage(
        title=title,
        about=f"{_whose(of)}; version {of.version}; p99 may be {milliseconds(p99_s)} at most",
        charts={"Latency in milliseconds, by requests a second": lines} if len(steps) > 1 else {},
        tables=[ResultTable("Rates, as they were tried", head, rows)],
    )
    record = {"version": of.version, "capacity": best.rate if best else None, "steps": [*map(step_json, steps)]}
    return _keep(name, workspace, page, record)


def _whose(of: Subject) -> str:
    return "A copy of the champion on this machine" if of.ours else f"The server at {of.target.url}"


def _over_time(found: Load) -> dict[tuple[int, str], list[tuple[float, float]]]:
    known = [one for one in found.slices if one.latencies.count]
    return {
        (place, label): [(one.start, one.latencies.at(share) * 1000) for one in known]
        for place, (label, share) in enumerate(PLOTTED.items())
        if known
    }


def _failures(found: Load) -> list[list[str]]:
    return [[reason, f"{count:,}"] for reason, count in sorted(found.failures.items(), key=lambda one: -one[1])]


def _keep(name: str, workspace: Workspace, page: ResultPage, record: Mapping[str, object]) -> Path | None:
    """Keep the page, unless there is no workspace: a machine that only tests a server elsewhere needs none."""
    if not workspace.root.is_dir():
        return None
    return keep_page(name, workspace, "load", result_page(page), title=page.title, record=record)
