"""A turn that a watch begins: in its own process, claimed once, and finished by the next watch if need be.

The claim is an event of the history, so that only one of two watchers retrains. The trainer signs its events with the
claim's number. After a kill the next watcher sees whether the candidate is there, and trains again only if it is not.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from omloop.core import ConflictError, Event, OmloopError, Settings, as_store_error
from omloop.core import _locks as locks
from omloop.loop.serving.server_process import ended_by_signals
from omloop.loop.watch.stage import BY, claimed_by, stage_of

if TYPE_CHECKING:
    from omloop.loop.watch.policy import Policy
    from omloop.loop.workspace import Workspace
    from omloop.register import Registry


@dataclass(frozen=True)
class Order:
    """The order of a trainer: a turn of `name` with `overrides`; it signs its events `by`.

    Its clock is `ahead` seconds before the machine's.
    """

    name: str
    overrides: tuple[str, ...]
    by: str
    settings: Mapping[str, Any]
    ahead: float


def claim(
    name: str, workspace: Workspace, version: str, policy: Policy, *, reason: str, evidence: Mapping[str, object]
) -> Event:
    """Claim in the history of `name` a retraining of the champion `version`, for `reason`.

    Returns an existing claim if nobody works on it any more. Raises ConflictError if another machine does, or if the
    champion has changed.
    """
    until = workspace.clock() + 60.0 * policy.most_minutes

    def unless(events: tuple[Event, ...]) -> Event | None:
        stage = stage_of(events)
        if stage.where == "retraining":
            return stage.event
        if stage.where != "listening" or events[-1].champion != version:
            raise ConflictError(f"Another watcher was first: see what it did with `omloop history {name}`.")
        return None

    about = {**evidence, "until": until, "host": socket.gethostname()}
    return workspace.registry(name).record("retrain", version, by=BY, reason=reason, evidence=about, unless=unless)


def retrain(name: str, workspace: Workspace, claimed: Event, policy: Policy, tell: Callable[[str], None]) -> Event:
    """Run a claimed retraining, or the rest of it, and record the result.

    A failed or killed training changes nothing but the history. Raises ConflictError while another process runs it.
    """
    rest = claimed.evidence["until"] - workspace.clock()  # a clock that was far ahead keeps nobody waiting
    if claimed.evidence["host"] != socket.gethostname() and 0 < rest <= 120.0 * policy.most_minutes:
        raise ConflictError(f"{claimed.evidence['host']} retrains {name} since event {claimed.number}.")
    registry, by = workspace.registry(name), claimed_by(claimed.number)
    with _alone(name, workspace) as held:
        # Under the lock, since whoever held it may have finished this very retraining.
        events = registry.history()
        stage = stage_of(events)
        if stage.where != "retraining" or stage.claim != claimed.number:
            raise ConflictError(f"Another watcher has finished the retraining of event {claimed.number}.")
        reason = ""
        if _signed(events, "decide", by) is None:
            settings = {**asdict(workspace.settings), "workspace": str(workspace.root.resolve())}
            overrides = _overrides(registry.load(claimed.version).files["config.yaml"].decode(), policy, claimed)
            order = Order(name, overrides, by, settings, workspace.clock() - time.time())
            reason = _train(order, 60.0 * policy.most_minutes, held, tell)
        return _ended(registry, claimed, by, reason)


def _overrides(config: str, policy: Policy, claimed: Event) -> tuple[str, ...]:
    """The champion's own overrides, and the data to learn from: by the policy, since the drift began."""
    from omloop.loop.project.configure import overrides_in

    live = {"data.live": "true", "data.live_days": policy.learn_days, "data.past": policy.past}
    live["data.live_since"] = claimed.evidence.get("since", 0.0)
    stored = [word for word in overrides_in(config) if word.partition("=")[0] not in live]
    return (*stored, *(f"{name}={value}" for name, value in live.items()))


def _ended(registry: Registry, claimed: Event, by: str, reason: str) -> Event:
    """Record the end of a retraining: the gate's verdict on its candidate, or why there is none."""
    candidate = _signed(registry.history(), "decide", by)
    decision = registry.decision(candidate) if candidate else None
    if candidate is None or decision is None:
        about: dict[str, object] = {"claim": claimed.number, "verdict": "failed"}
        told = reason or "the trainer ended without a decision"
        return registry.record("retrained", claimed.version, by=BY, reason=f"failed: {told}", evidence=about)
    about = {"claim": claimed.number, "verdict": decision.verdict, **decision.evidence}
    return registry.record("retrained", candidate, by=BY, reason=decision.reason, evidence=about)


def _signed(events: Sequence[Event], kind: str, by: str) -> str | None:
    """The version that the event of this kind and signature is about, None if there is no such event."""
    return next((event.version for event in events if event.kind == kind and event.by == by), None)


def _train(order: Order, seconds: float, held: tuple[int, ...], tell: Callable[[str], None]) -> str:
    """Run the trainer; say why it failed, or nothing. It keeps the lock `held` for as long as it lives."""
    words = [sys.executable, "-m", "omloop.loop.watch.retraining", json.dumps(asdict(order))]
    last: dict[str, str] = {}
    with ended_by_signals(), subprocess.Popen(words, stdout=subprocess.PIPE, text=True, pass_fds=held) as process:
        over = threading.Timer(seconds, process.kill)
        over.daemon = True
        over.start()
        try:
            for line in process.stdout or ():
                with contextlib.suppress(ValueError):  # a library that prints
                    last = json.loads(line)
                    tell(last.get("tell", ""))
        except BaseException:
            process.terminate()
            raise
        finally:
            in_time = over.is_alive()  # before it is cancelled, or every trainer would seem to be late
            over.cancel()
    if process.returncode == 0:
        return ""
    if not in_time:
        return f"it took longer than the policy's {seconds / 60:g} minutes"
    return last.get("error") or f"the trainer ended with exit code {process.returncode}"


@contextlib.contextmanager
def _alone(name: str, workspace: Workspace) -> Iterator[tuple[int, ...]]:
    """Hold the lock of this machine's retraining, and give its descriptor for the trainer to inherit."""
    path = workspace.watch(name) / "retraining.lock"
    with as_store_error("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if os.name == "posix" and not locks.take(descriptor):
            raise ConflictError(f"A trainer of {name} still runs on this machine, since an earlier watch.")
        yield (descriptor,) if os.name == "posix" else ()
    finally:
        os.close(descriptor)


def main(order: Order) -> int:
    """What the trainer's process does: one turn that promotes nothing, told line by line as JSON."""

    def say(**words: str) -> None:
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()

    try:
        from omloop.loop.project.discover import find_project
        from omloop.loop.project.plan import Plan
        from omloop.loop.turn.turn import turn
        from omloop.loop.version.rescore import judge_version
        from omloop.loop.workspace import Workspace

        workspace = Workspace(Settings(**order.settings), clock=lambda: time.time() + order.ahead)
        project = find_project(order.name, workspace.settings)
        added = _signed(workspace.registry(order.name).history(), "add", order.by)
        if added:  # by a trainer that was killed before the gate
            judge_version(project, (), workspace, version=added, gate=True, by=order.by)
            return 0
        plan = Plan.of(project, order.overrides, workspace, by=order.by, tell=lambda text: say(tell=text))
        turn(replace(plan, config=replace(plan.config, promote="ask")))
    except OmloopError as error:
        say(error=str(error))
        return 1
    except Exception as error:  # whatever it is, the watch has to know why
        say(error=f"{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Order(**json.loads(sys.argv[1]))))
