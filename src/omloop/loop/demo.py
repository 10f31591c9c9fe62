"""The whole circuit once, from nothing: what a newcomer watches first."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omloop.bundle import Session
from omloop.core import OmloopError, Project, UnknownNameError
from omloop.evaluate import metric
from omloop.loop.configure import configure
from omloop.loop.discover import find_project, project_names
from omloop.loop.traffic import Tally, label, send, steady
from omloop.loop.turn import Turned, turn
from omloop.loop.watch import Policy, Watched, watch_once
from omloop.loop.workspace import Workspace

REQUESTS = 2000
DRIFTED = 2000
AFTER = 500
SWAP_S = 15.0


@dataclass(frozen=True)
class Cohort:
    """Live rows as a client sends them, with the labels that come late."""

    rows: list[Any]
    labels: list[Any]


@dataclass(frozen=True)
class Shown:
    """What the demonstration showed. Errors are of the main metric on live rows, in the order of events."""

    project: str
    workspace: str
    address: str
    metric: str
    first: Turned
    quiet: Watched
    watched: Watched
    requests: int
    failed: int
    error_before: float
    error_drifted: float
    error_after: float
    swap_seconds: float
    seconds: float


def demo_project(name: str, workspace: Workspace) -> Project:
    """The project to show: the one named, the setting's, or the only one there is."""
    wanted = name or workspace.settings.demo
    names = project_names(workspace.settings)
    if not wanted and len(names) == 1:
        wanted = names[0]
    if not wanted:
        raise UnknownNameError("project", "", names, next_step="Name one: omloop demo NAME")
    return find_project(wanted, workspace.settings)


@contextmanager
def show_circuit(project: Project, workspace: Workspace, tell: Callable[[str], None]) -> Iterator[Shown]:
    """Go round once; the server stays up for as long as the context lasts.

    Turn, serve, live requests, a drifted cohort with late labels, drift found, turned again on old and new data, gate,
    promotion, hot swap under traffic. Everything happens in a new folder inside the workspace.
    """
    begun = time.monotonic()
    place = workspace.root / time.strftime("demo-%Y%m%d-%H%M%S")
    workspace = Workspace(replace(workspace.settings, workspace=str(place)))
    first = turn(project, configure(project), workspace, by="demo", tell=tell)
    if not first.promoted:
        raise OmloopError(f"The first turn promoted nothing: {first.decision.reason}.")
    usual, moved = cohort(project, workspace, REQUESTS, 11, 0.0), cohort(project, workspace, DRIFTED, 12, 1.0)
    fresh = cohort(project, workspace, AFTER, 13, 1.0)

    with server(project.name, workspace) as address:
        tell(f"serve: {address}, {REQUESTS} live requests")
        calm = send(address, usual.rows)
        label(address, calm, usual.labels)
        quiet = watch_once(project.name, workspace, Policy(retrain=True), tell=tell)
        tell(f"drift: a cohort of {DRIFTED} arrives that differs from the training data; its labels come late")
        drifting = send(address, moved.rows)
        label(address, drifting, moved.labels)
        with steady(address, moved.rows) as traffic:
            watched = watch_once(project.name, workspace, Policy(retrain=True), tell=tell)
            if watched.turned is None or not watched.turned.promoted:
                raise OmloopError(f"The drifted cohort led to no promotion: {watched.action}.")
            tell("swap: the server takes up the new champion while requests go on")
            waited = wait_for(traffic, watched.turned.version)
        after = send(address, fresh.rows)
        tallies = [calm, drifting, traffic, after]
        yield Shown(
            project=project.name,
            workspace=str(place),
            address=address,
            metric=project.outputs.metrics[0],
            first=first,
            quiet=quiet,
            watched=watched,
            requests=sum(tally.sent for tally in tallies),
            failed=sum(tally.failed for tally in tallies),
            error_before=error(project, calm, usual.labels),
            error_drifted=error(project, drifting, moved.labels),
            error_after=error(project, after, fresh.labels),
            swap_seconds=waited,
            seconds=time.monotonic() - begun,
        )


def cohort(project: Project, workspace: Workspace, rows: int, seed: int, drift: float) -> Cohort:
    """Simulated live rows, rendered as the champion's signature wants them."""
    registry = workspace.registry(project.name)
    kind = Session.of(registry.load(registry.champion() or "")).inputs
    records = project.simulate(rows, seed, drift)
    labels = [project.outputs.parse(project.outputs.read_label(str(value))) for value in records[project.target]]
    return Cohort(kind.render(kind.encode(records)), labels)


def error(project: Project, tally: Tally, labels: Sequence[Any]) -> float:
    """The main metric of a tally's answers."""
    score = metric(project.outputs.metrics[0])
    return score(project.outputs.encode(labels), project.outputs.gather(tally.answers))


def wait_for(traffic: Tally, version: str) -> float:
    """Wait until live answers come from `version`; return the seconds it took."""
    begun = time.monotonic()
    while not traffic.versions[version]:
        if time.monotonic() - begun > SWAP_S:
            raise OmloopError(f"The server did not take up {version} within {SWAP_S:g} s.")
        time.sleep(0.02)
    return time.monotonic() - begun


@contextmanager
def server(name: str, workspace: Workspace) -> Iterator[str]:
    """`omloop serve` in a process of its own; gives its address, and ends it with a signal."""
    words = [sys.executable, "-m", "omloop", "serve", name, "--port", "0", "--json"]
    words += ["--workspace", str(workspace.root), "--projects", str(Path(workspace.settings.projects).resolve())]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise OmloopError("The server did not start; its message stands above.")
            yield json.loads(line)["address"]
        finally:
            process.terminate()
            process.wait(timeout=30)
