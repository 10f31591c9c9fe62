"""Failing machines, for the fire drill: each must leave everything unchanged, or omloop must refuse and say why."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from omloop.bundle import MODEL
from omloop.core import BundleError, Event, Label, OmloopError, StoreError
from omloop.loop.bench.traffic import Client, send, steady
from omloop.loop.serving.server_process import session
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.watch import watch_once

if TYPE_CHECKING:
    from omloop.loop.rehearsal.ground import Ground
    from omloop.loop.workspace import Workspace

COHORT = 900
FLOOD = 20_000
WAIT_S = 60.0
AT_ONCE = Policy(shadow=0, pause_minutes=0.0, probation=0)
WATCH = "from omloop.loop.rehearsal.faults import watch_alone; watch_alone()"


class DrillError(OmloopError):
    """A fault did not end as it must. The check does without `assert`, which Python leaves out when it optimises."""


def require(held: bool, otherwise: str) -> None:
    """Raise DrillError with the words `otherwise` unless a promise `held`."""
    if not held:
        raise DrillError(otherwise)


def trainer_killed(ground: Ground, workspace: Workspace) -> str:
    """SIGKILL to a trainer at work; the next watch finishes the same retraining."""
    add_cohort(ground, workspace)
    with _watching(workspace, ground.project.name) as process:
        child = _child(process.pid)
        os.kill(child, signal.SIGKILL)
        process.wait(WAIT_S)
    failed = _kinds(workspace, ground)
    require(failed.count("retrained") == 1, "the failure was not recorded")
    require(workspace.registry(ground.project.name).champion() == ground.bundle.version, "the champion is another")
    return "seen, recorded as a failed retraining; the champion is as before"


def watcher_killed(ground: Ground, workspace: Workspace) -> str:
    """SIGKILL to a watch that retrains; the next one continues, and does not retrain twice."""
    add_cohort(ground, workspace)
    with _watching(workspace, ground.project.name) as process:
        child = _child(process.pid)
        process.kill()
        process.wait(WAIT_S)
    _gone(child)
    watch_once(ground.project.name, workspace, AT_ONCE, tell=_quiet)
    kinds = _kinds(workspace, ground)
    require(kinds.count("retrain") == 1, f"retrained {kinds.count('retrain')} times")
    require(kinds.count("promote") == 2, "nothing was promoted")
    return "the next watch went on from there: one retraining, one promotion"


def two_watchers(ground: Ground, workspace: Workspace) -> str:
    """Two watches at the same time; one retrains."""
    add_cohort(ground, workspace)
    name = ground.project.name
    with _watching(workspace, name) as one, _watching(workspace, name) as other:
        one.wait(WAIT_S)
        other.wait(WAIT_S)
    kinds = _kinds(workspace, ground)
    require(kinds.count("retrain") == 1, f"retrained {kinds.count('retrain')} times")
    return "one retrained, the other left it to it"


def candidate_corrupted(ground: Ground, workspace: Workspace) -> str:
    """Someone changes a candidate's model file on disk: omloop does not promote it."""
    add_cohort(ground, workspace)
    name, registry = ground.project.name, workspace.registry(ground.project.name)
    watch_once(name, workspace, msgspec.structs.replace(AT_ONCE, promote="ask"), tell=_quiet)
    candidate = _last(registry.history(), "retrained").version
    digest = next(e.evidence["digest"] for e in registry.history() if e.kind == "add" and e.version == candidate)
    model = workspace.root / "versions" / name / "bundles" / digest / MODEL
    model.write_bytes(model.read_bytes()[:-8] + b"\0" * 8)
    try:
        registry.promote(candidate, expected=ground.bundle.version, by="drill", reason="a drill")
    except BundleError as error:
        require(registry.champion() == ground.bundle.version, "it was refused, and the champion is another")
        return f"refused: {str(error)[:80]}..."
    raise DrillError("a spoilt candidate was promoted")


def champion_corrupted(ground: Ground, workspace: Workspace) -> str:
    """Someone changes the champion's file while it serves: the server continues with its loaded version."""
    name = ground.project.name
    rows = ground.session.inputs.render(ground.session.inputs.encode(ground.records(200, 5)))
    with session(name, workspace, quiet=True) as (address, _):
        before = send(address, rows[:50])
        for model in (workspace.root / "versions" / name / "bundles").glob(f"*/{MODEL}"):
            model.write_bytes(b"spoilt")
        time.sleep(1.2)
        after = send(address, rows)
    require(before.failed == after.failed == 0, f"{before.failed + after.failed} requests failed")
    return f"{len(after.ids)} requests answered by what was loaded, 0 failed"


def server_killed(ground: Ground, workspace: Workspace) -> str:
    """SIGKILL to a server under load; every answered prediction is in the log."""
    name = ground.project.name
    rows = ground.session.inputs.render(ground.session.inputs.encode(ground.records(200, 5)))
    with session(name, workspace, quiet=True) as (address, pid), steady(address, rows, pause_s=0.001) as tally:
        time.sleep(1.0)
        os.killpg(pid, signal.SIGKILL)
        time.sleep(0.2)
    with contextlib.closing(workspace.predictions(name)) as log:
        missing = [one for one in tally.ids if log.find(one) is None]
    require(not missing, f"{len(missing)} answered predictions are missing")
    return f"all of {len(tally.ids)} answered predictions are in the log"


def disk_full(ground: Ground, workspace: Workspace) -> str:
    """A server that may write no more bytes answers nothing that it cannot record, and answers again afterwards."""
    name = ground.project.name
    rows = ground.session.inputs.render(ground.session.inputs.encode(ground.records(60, 5)))
    with session(name, workspace, quiet=True) as (address, pid):
        first = send(address, rows)
        with _no_space(pid):
            statuses = {Client(address).post("/v1/predict", {"rows": [row]})[0] for row in rows[:20]}
        last = send(address, rows)
    require(statuses == {503}, f"it answered {sorted(statuses)}")
    require(not first.failed and not last.failed, f"{last.failed} requests failed afterwards")
    return "503 while it lasted, never an answer without a record; answers again afterwards"


def store_read_only(ground: Ground, workspace: Workspace) -> str:
    """A watch that cannot write says so and changes nothing; the next one acts."""
    add_cohort(ground, workspace)
    name = ground.project.name
    before = _kinds(workspace, ground)
    with _no_space(0):
        try:
            watch_once(name, workspace, AT_ONCE, tell=_quiet)
        except StoreError as error:
            told = str(error)
        else:
            raise DrillError("nobody was told")
    require(_kinds(workspace, ground) == before, "something was written")
    watch_once(name, workspace, AT_ONCE, tell=_quiet)
    require("promote" in _kinds(workspace, ground)[len(before) :], "it did not act afterwards")
    return f"told ({told[:60]}...), and done at the next look"


def clock_jumps(ground: Ground, workspace: Workspace) -> str:
    """The clock goes back a day and then forward a year; history stays in order and the watch acts."""
    add_cohort(ground, workspace)
    name = ground.project.name
    for jump in (-86_400.0, 365 * 86_400.0):
        moved = replace(workspace, clock=partial(_clock, jump))
        watch_once(name, moved, AT_ONCE, tell=_quiet)
    times = [event.time for event in workspace.registry(name).history()]
    require(times == sorted(times), "the history is out of order")
    retrained = _kinds(workspace, ground).count("retrain")
    require(retrained == 1, f"retrained {retrained} times")
    return "history in order, one retraining"


def label_flood(ground: Ground, workspace: Workspace) -> str:
    """Many labels at once, most of them unknown; the known ones count and the watch continues."""
    name = ground.project.name
    with contextlib.closing(workspace.predictions(name)) as log:
        window = log.window(newest=100)
        known = [Label(p.id, window.labels[p.id], time.time()) for p in window.predictions]
        strange = [Label(f"nobody-{number}", known[0].label, time.time()) for number in range(FLOOD)]
        receipt = log.feedback([*strange, *known])
    counted = len(receipt.unknown) == FLOOD and receipt.repeated == len(known)
    require(counted, f"{len(receipt.unknown)} labels were unknown and {receipt.repeated} repeated")
    watch_once(name, workspace, TELL, tell=_quiet)
    return f"{FLOOD} unknown labels told as such, {len(known)} repeated ones counted once"


FAULTS: Mapping[str, Callable[[Ground, Workspace], str]] = {
    "trainer killed": trainer_killed,
    "watcher killed": watcher_killed,
    "two watchers": two_watchers,
    "candidate corrupted": candidate_corrupted,
    "champion corrupted": champion_corrupted,
    "server killed": server_killed,
    "disk full": disk_full,
    "store read-only": store_read_only,
    "clock jumps": clock_jumps,
    "label flood": label_flood,
}
"""The faults of machines, by name."""


def watch_alone() -> None:
    """Look once with the policy of the drill: what the processes of a drill run; arguments are settings and name."""
    from omloop.core import Settings
    from omloop.loop.workspace import Workspace

    settings, name = msgspec.json.decode(sys.argv[1].encode(), type=Settings), sys.argv[2]
    with contextlib.suppress(OmloopError):
        watch_once(name, Workspace(settings), AT_ONCE, tell=_quiet)


@contextlib.contextmanager
def _watching(workspace: Workspace, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A watch in a process of its own."""
    settings = msgspec.json.encode(workspace.settings).decode()
    with subprocess.Popen([sys.executable, "-c", WATCH, settings, name], start_new_session=True) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _child(parent: int) -> int:
    """The process that a process has begun, once it is there."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = Path(f"/proc/{parent}/task/{parent}/children")
        children = found.read_text().split() if found.exists() else []
        if children:
            return int(children[0])
        time.sleep(0.02)
    raise DrillError("no retraining began")


def _gone(process: int) -> None:
    """End a process and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    end = time.monotonic() + WAIT_S
    while Path(f"/proc/{process}").exists() and time.monotonic() < end:
        time.sleep(0.02)


def add_cohort(ground: Ground, workspace: Workspace) -> None:
    """A cohort that differs, with its labels: what a retraining makes better."""
    from omloop.loop.rehearsal.ground import next_moment

    columns = ground.records(COHORT, 31, 1.0)
    ground.serve(workspace, columns, next_moment(workspace, ground.project), ground.truth(columns))


@contextlib.contextmanager
def _no_space(process: int) -> Iterator[None]:
    """For as long as the context lasts, the process (0: this one) can write no byte to any file."""
    import resource

    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


def _clock(jump: float) -> float:
    return time.time() + jump


def _kinds(workspace: Workspace, ground: Ground) -> list[str]:
    return [event.kind for event in workspace.registry(ground.project.name).history()]


def _last(events: tuple[Event, ...], kind: str) -> Event:
    found = next((event for event in reversed(events) if event.kind == kind), None)
    if found is None:
        raise DrillError("the drifted cohort led to no retraining: give the first turn more data.rows to test on")
    return found


def _quiet(text: str) -> None:
    """Report to nobody."""
