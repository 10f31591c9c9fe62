"""The whole circuit once, from nothing: what a newcomer watches first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from omloop.bundle import Session
from omloop.core import Event, OmloopError, Output, Project, UnknownNameError
from omloop.data import of_classes
from omloop.evaluate import metric
from omloop.loop.bench.traffic import Tally, label, send, steady
from omloop.loop.project.discover import find_project, project_names
from omloop.loop.project.examples import DEMO, examples_beside
from omloop.loop.project.plan import Plan
from omloop.loop.rehearsal.ground import on_simulated
from omloop.loop.serving.server_process import server
from omloop.loop.turn.turn import TurnResult, turn
from omloop.loop.watch.policy import Policy
from omloop.loop.watch.watch import WatchResult, watch_once
from omloop.loop.workspace import Workspace

REQUESTS = 2000
DRIFTED = 2000
AFTER = 500
SWAP_S = 15.0
PROVING_S = 60.0

POLICY = Policy(shadow=50, pause_minutes=0.0, most_times_slower=100.0)
"""The policy of the demonstration: the default, but without pauses, whatever model is best."""


@dataclass(frozen=True)
class Cohort:
    """Live rows as a client sends them, with the labels that come late."""

    rows: Sequence[object]
    labels: Sequence[object]


@dataclass(frozen=True)
class DemoResult:
    """What the demonstration showed. Errors are of the output's first metric on live rows, in the order of events."""

    project: str
    workspace: str
    address: str
    metric: str
    first: TurnResult
    quiet: WatchResult
    watched: WatchResult
    promoted: Event
    requests: int
    failed: int
    error_before: float
    error_drifted: float
    error_after: float
    swap_seconds: float
    seconds: float


def demo_project(name: str, workspace: Workspace) -> Project:
    """The project to show: the named one, the setting's, the only one, or else an example."""
    names = project_names(workspace.settings)
    names = names or [*({DEMO} & examples_beside(workspace.settings).keys())]
    wanted = name or workspace.settings.demo or (names[0] if len(names) == 1 else "")
    if not wanted:
        raise UnknownNameError("project", "", names, next_step="Name one: omloop demo NAME")
    return find_project(wanted, workspace.settings)


@contextmanager
def show_circuit(
    project: Project, workspace: Workspace, overrides: Sequence[str], tell: Callable[[str], None]
) -> Iterator[DemoResult]:
    """Go round once; the server stays up for as long as the context lasts.

    Turn, serve, live requests, a drifted cohort with late labels, drift found, turned again on old and new data, gate,
    promotion, hot swap under traffic. Everything happens in a new folder inside the workspace.
    """
    begun = time.monotonic()
    place = workspace.root / time.strftime("demo-%Y%m%d-%H%M%S")
    workspace = workspace.at(str(place))
    plan = Plan.of(project, on_simulated(overrides), workspace, by="demo", tell=tell)
    project, first = plan.project, turn(plan)
    if not first.promoted:
        raise OmloopError(f"The first turn promoted nothing: {first.decision.reason}.")
    usual, moved = cohort(project, workspace, REQUESTS, 11, 0.0), cohort(project, workspace, DRIFTED, 12, 1.0)
    fresh = cohort(project, workspace, AFTER, 13, 1.0)

    with server(project.name, workspace) as address:
        tell(f"serve: {address}, {REQUESTS} live requests")
        calm = send(address, usual.rows)
        label(address, calm, usual.labels)
        quiet = watch_once(project.name, workspace, POLICY, tell=tell)
        tell(f"drift: a cohort of {DRIFTED} arrives that differs from the training data; its labels come late")
        drifting = send(address, moved.rows)
        label(address, drifting, moved.labels)
        with steady(address, moved.rows) as traffic:
            watched, promoted = watch_until_promoted(project.name, workspace, tell)
            tell("swap: the server takes up the new champion while requests go on")
            waited = wait_for(traffic, promoted.version)
        after = send(address, fresh.rows)
        tallies = [calm, drifting, traffic, after]
        registry = workspace.registry(project.name)
        answered = registry.load(first.version).output
        yield DemoResult(
            project=project.name,
            workspace=str(place),
            address=address,
            metric=project.outputs.metrics[0],
            first=first,
            quiet=quiet,
            watched=watched,
            promoted=promoted,
            requests=sum(tally.sent for tally in tallies),
            failed=sum(tally.failed for tally in tallies),
            error_before=error(answered, calm, usual.labels),
            error_drifted=error(answered, drifting, moved.labels),
            error_after=error(registry.load(promoted.version).output, after, fresh.labels),
            swap_seconds=waited,
            seconds=time.monotonic() - begun,
        )


def watch_until_promoted(name: str, workspace: Workspace, tell: Callable[[str], None]) -> tuple[WatchResult, Event]:
    """Look until the watch has found, proven and promoted a better version; gives the first look and the promotion.

    Raises OmloopError if no retraining begins, or without a promotion.
    """
    first = found = watch_once(name, workspace, POLICY, tell=tell)
    begun = time.monotonic()
    while found.action.startswith("proving") and time.monotonic() - begun < PROVING_S:
        time.sleep(0.2)
        found = watch_once(name, workspace, POLICY, tell=tell)
    last = workspace.registry(name).history()[-1]
    if last.kind != "promote" or not found.events:
        raise OmloopError(f"The drifted cohort led to no promotion: {found.action}.")
    return first, last


def cohort(project: Project, workspace: Workspace, rows: int, seed: int, drift: float) -> Cohort:
    """Simulated live rows, rendered as the champion's signature wants them."""
    registry = workspace.registry(project.name)
    kind = Session.of(registry.load(registry.champion() or "")).inputs
    classes = project.outputs.observed.get("prediction", ())
    records, _ = of_classes(project.target, project.simulate(rows, seed, drift), classes)
    labels = [project.outputs.parse(project.outputs.read_label(str(value))) for value in records[project.target]]
    return Cohort(kind.render(kind.encode(records)), labels)


def error(output: Output, tally: Tally, labels: Sequence[object]) -> float:
    """The first metric of a version's `output`, of the answers of a tally, which are that version's."""
    return metric(output.metrics[0], output)(output.encode(labels), output.gather(tally.answers))


def wait_for(traffic: Tally, version: str) -> float:
    """Wait until live answers come from `version`; return the seconds it took."""
    begun = time.monotonic()
    while not traffic.versions[version]:
        if time.monotonic() - begun > SWAP_S:
            raise OmloopError(f"The server did not take up {version} within {SWAP_S:g} s.")
        time.sleep(0.02)
    return time.monotonic() - begun
