"""What resources cost a month, by a dated table of prices."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from omloop.deploy.google.quantity import quantity
from omloop.deploy.google.resource import Resource
from omloop.deploy.schedules import runs_a_month

TABLE = Path(__file__).parent / "prices.toml"
MONTH_S = 730 * 3600
"""Seconds of a month, as cloud services count it."""


@dataclass(frozen=True)
class Monthly:
    """USD a month: `least` without requests, and `most` if all allowed instances run all the time."""

    least: float = 0.0
    most: float = 0.0

    def __add__(self, other: Monthly) -> Monthly:
        return Monthly(self.least + other.least, self.most + other.most)


def monthly_cost(resources: Sequence[Resource], region: str) -> Monthly:
    """What resources cost together; those that are not in the table cost nothing, or next to nothing."""
    return sum((cost_of(one, resources, region) for one in resources), Monthly())


def cost_of(one: Resource, among: Sequence[Resource], region: str) -> Monthly:
    """What one resource costs a month; the schedule of a job, another resource, says how often it runs."""
    if one.kind in _EACH:
        amount = _EACH[one.kind]()
        return Monthly(amount, amount)
    return _COSTS[one.kind](one, among, region) if one.kind in _COSTS else Monthly()


def prices_date() -> date:
    """The date of the prices."""
    found: date = prices()["date"]
    return found


@cache
def prices() -> Mapping[str, Any]:
    """The table."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _service(one: Resource, among: Sequence[Resource], region: str) -> Monthly:
    template = one.body.get("template", {})
    scaling = template.get("scaling", {})
    samples = prices()["assumed"]["samples_a_minute"] * MONTH_S / 60 / 1e6 * prices()["metrics"]["million_samples"]
    of_one = _second(template, region) * MONTH_S + (samples if len(template.get("containers", ())) > 1 else 0.0)
    return Monthly(of_one * scaling.get("minInstanceCount", 0), of_one * scaling.get("maxInstanceCount", 1))


def _job(one: Resource, among: Sequence[Resource], region: str) -> Monthly:
    """Looks that find nothing at least, and a job that trains all the time at most."""
    crons = [other.body["schedule"] for other in among if (other.kind, other.name) == ("schedule", one.name)]
    second = _second(one.body.get("template", {}).get("template", {}), region)
    looks = sum(map(_runs, crons)) * prices()["assumed"]["look_seconds"]
    return Monthly(second * min(looks, MONTH_S), second * MONTH_S)


def _pipeline(one: Resource, among: Sequence[Resource], region: str) -> Monthly:
    runs, table = _runs(str(one.body["cron"]).partition(" ")[2]), prices()["pipeline"]
    looks = runs * (table["run"] + prices()["assumed"]["look_seconds"] * table["cpu_second"])
    return Monthly(looks, looks + MONTH_S * table["cpu_second"])


def _second(template: Mapping[str, Any], region: str) -> float:
    """What a second of an instance costs, all of its containers together."""
    table = prices()["run"]
    limits = [one.get("resources", {}).get("limits", {}) for one in template.get("containers", ())]
    cpus = sum(quantity(one.get("cpu", 1)) for one in limits)
    gib = sum(quantity(one.get("memory", "512Mi")) for one in limits) / 2**30
    factor = table["dear"] if region in table["dear_regions"] else 1.0
    return float((cpus * table["cpu_second"] + gib * table["gib_second"]) * factor)


def _runs(cron: str) -> float:
    """How often a schedule begins something; 0 for other forms of Cloud Scheduler, such as `every 5 minutes`."""
    try:
        return runs_a_month(cron)
    except ValueError:
        return 0.0


_EACH: Mapping[str, Callable[[], float]] = {
    "schedule": lambda: prices()["schedule"]["job"],
    "bucket": lambda: prices()["assumed"]["bucket_gib"] * prices()["bucket"]["gib"],
    "repository": lambda: prices()["assumed"]["repository_gib"] * prices()["repository"]["gib"],
    "secret": lambda: prices()["secret"]["version"],
    "alert-policy": lambda: prices()["alerts"]["condition"],
}
_COSTS: Mapping[str, Callable[[Resource, Sequence[Resource], str], Monthly]] = {
    "service": _service,
    "job": _job,
    "pipeline-schedule": _pipeline,
}
