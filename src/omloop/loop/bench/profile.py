"""Profiling a training, a prediction or a server: the very code that runs otherwise, looked at from beside it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from omloop.bundle import Session
from omloop.core import ExampleArray, OmloopError, cpu_quota, megabytes, milliseconds
from omloop.loop.bench.load import rows_of
from omloop.loop.project.plan import Plan
from omloop.loop.serving.serve import serve_project
from omloop.loop.turn.turn import train_only
from omloop.profile import graph_costs, peak_bytes, stacks
from omloop.report import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from omloop.bundle import Bundle
    from omloop.core import Project
    from omloop.loop.project.configure import Configuration
    from omloop.loop.turn.turn import ModelComparison
    from omloop.loop.workspace import Workspace
    from omloop.profile import Stacks
    from omloop.profile.steps import StepTimes

GRAPH_RUNS = 10
ESTIMATORS = (
    "None: a scikit-learn model is profiled by pyinstrument alone, so its time is in the Python functions below. So is "
    "that of a network of fewer than nine steps."
)


def profile_train(plan: Plan) -> tuple[ModelComparison, Profile]:
    """Train as `omloop train` does, and say where the time went; the models are those that it would have given.

    Stages are what a training tells of itself. Operators are those of a few steps of the first network.
    """
    stages = _Stages(plan.tell)
    with _network_steps(plan.project, plan.config) as steps, stacks() as seen:
        compared = train_only(replace(plan, tell=stages))
        stages.end()
    looked = steps if steps and steps.count else None
    gpu = {"Peak of GPU memory": megabytes(looked.peak_bytes)} if looked and looked.peak_bytes else {}
    profile = Profile(
        title=f"{plan.project.name}: training",
        facts={**_facts(seen), **gpu},
        stages=stages.seconds,
        operators=looked.operators if looked else (),
        operators_of=f"Of {looked.count} training steps, by torch's profiler." if looked else ESTIMATORS,
        tree=seen.tree,
        loading={"loading data": looked.loading_s, "computing": looked.seconds - looked.loading_s} if looked else {},
    )
    return compared, profile


def profile_predict(name: str, workspace: Workspace, *, rows: int = 64, seconds: float = 3.0) -> Profile:
    """Answer the same rows again and again for some seconds, as `omloop predict` does, and say where the time went."""
    bundle = _champion(name, workspace)
    session, kind = Session.of(bundle), bundle.kind
    known = rows_of(bundle)
    body = json.dumps({"rows": [known[number % len(known)] for number in range(rows)]}).encode()
    stages: defaultdict[str, float] = defaultdict(float)
    with stacks() as seen:
        while sum(stages.values()) < seconds:
            begun = perf_counter()
            examples = kind.read(body, "application/json")
            read = perf_counter()
            kind.feeds(examples)
            fed = perf_counter()
            outputs = session.predict(examples)  # which makes feeds of its own
            answered = perf_counter()
            session.outputs.answer(outputs)
            stages["reading rows"] += read - begun
            stages["making feeds"] += fed - read
            stages["running the graph"] += answered - fed - (fed - read)
            stages["phrasing answers"] += perf_counter() - answered
    return Profile(
        title=f"{name}: {rows} rows at once, version {bundle.version}",
        facts=_facts(seen),
        stages=dict(stages),
        **_operators(bundle, session, examples, rows),
        tree=seen.tree,
    )


def profile_serve(name: str, workspace: Workspace, *, rate: float, seconds: float) -> Profile:
    """Serve here, let another process send requests for some seconds, and say where the server's time went.

    The server records these requests as those of a load test, which watching leaves out.
    """
    bundle = _champion(name, workspace)
    session = Session.of(bundle)
    told: list[subprocess.CompletedProcess[str]] = []
    words = ["--rate", str(rate), "--for", f"{seconds:g}s", "--workspace", str(workspace.root), "--json"]
    words += ["--projects", str(workspace.settings.projects)]

    def ask(address: str) -> None:
        command = [sys.executable, "-m", "omloop", "load", name, "--url", address, *words]
        try:
            told.append(subprocess.run(command, capture_output=True, text=True, check=False))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    with stacks() as seen:
        serve_project(name, workspace, ready=lambda at: threading.Thread(target=ask, args=(at,)).start())
    if not told or not told[0].stdout:
        raise OmloopError(f"Nothing was asked of the server: {told[0].stderr.strip() if told else 'it ended early'}")
    load = json.loads(told[0].stdout)
    p99 = load["latency_ms"]["p99"] / 1000
    examples = session.inputs.parse(rows_of(bundle)[:1])
    return Profile(
        title=f"{name}: a server asked {rate:g} times a second, version {bundle.version}",
        facts={**_facts(seen), "Answered": f"{load['answered']:,}", "p99": milliseconds(p99)},
        stages={"computing, on all threads": seen.cpu_seconds, "waiting": max(0.0, seen.seconds - seen.cpu_seconds)},
        **_operators(bundle, session, examples, 1),
        tree=seen.tree,
    )


class _Stages:
    """Passes messages on, and measures the time from one message to the next."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.seconds: dict[str, float] = {}
        self._tell, self._doing, self._since = tell, "", perf_counter()

    def __call__(self, message: str) -> None:
        self.end()
        self._doing = message
        self._tell(message)

    def end(self) -> None:
        """End the stage of the last message."""
        now = perf_counter()
        if self._doing:
            self.seconds[self._doing] = now - self._since
        self._since = now


@contextlib.contextmanager
def _network_steps(project: Project, config: Configuration) -> Iterator[StepTimes | None]:
    """Look at the steps of a network, if the run trains one; it imports torch for no other model."""
    if not any(project.models[name].extra == "torch" for name in config.models):
        yield None
        return
    from omloop.profile.steps import steps

    with steps() as seen:
        yield seen


def _champion(name: str, workspace: Workspace) -> Bundle:
    registry = workspace.registry(name)
    return registry.load(registry.require_champion())


def _operators(bundle: Bundle, session: Session, examples: ExampleArray, rows: int) -> dict[str, Any]:
    feeds = session.inputs.feeds(examples)
    costs = graph_costs(bundle.files[bundle.variant()], [feeds] * GRAPH_RUNS, threads=cpu_quota())
    return {"operators": costs, "operators_of": f"Of {GRAPH_RUNS} runs of {rows} rows, by ONNX Runtime's profile."}


def _facts(seen: Stacks) -> dict[str, str]:
    peak = {"Peak of memory": megabytes(peak_bytes())} if peak_bytes() else {}
    return {"Duration": f"{seen.seconds:.1f} s", "CPU time": f"{seen.cpu_seconds:.1f} s", **peak}
