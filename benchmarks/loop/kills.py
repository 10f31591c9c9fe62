"""A full circle with SIGKILL at a random moment to the watch, its trainer or the server; then both are begun again.

Run: python benchmarks/loop/kills.py [KILLS]
Each time a copy of a workspace with a drifted, labelled cohort: a server under steady traffic and a watch that
retrains, tries the candidate beside the champion and promotes it. Checked at the end of each: one retraining, one
promotion, a champion that loads, and every answered prediction in the log.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from omloop.core import OmloopError, Settings
from omloop.loop import Workspace, find_project
from omloop.loop.bench.traffic import steady
from omloop.loop.rehearsal.faults import add_cohort
from omloop.loop.rehearsal.ground import Ground, prepared_ground
from omloop.loop.serving.server_process import session

NAME = "student_performance"
POLICY = "shadow: 20\npause_minutes: 0\nprobation: 0\nleast_labels: 200\n"
WITHIN_S = 120.0
TARGETS = ("watch", "trainer", "server")


def main() -> None:
    """Print what each kill hit, and how many circles ended as they must."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kills", nargs="?", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, hits, seconds = random.Random(given.seed), Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.yaml"
        policy.write_text(POLICY)
        workspace = Workspace(Settings(workspace=f"{folder}/ws", projects="projects"))
        project = find_project(NAME, workspace.settings)
        with prepared_ground(project, workspace, ("data.rows=1500", "model=linear"), print) as ground:
            for number in range(given.kills):
                begun = time.monotonic()
                hit = circle(ground, policy, chance)
                hits[hit] += 1
                seconds.append(time.monotonic() - begun)
                print(f"{number + 1}: {hit}, {seconds[-1]:.0f} s", flush=True)
    print(f"{given.kills} circles ended with one retraining, one promotion and nothing missing; killed: {dict(hits)}")


def circle(ground: Ground, policy: Path, chance: random.Random) -> str:
    """One circle with one kill; says who was hit. Raises AssertionError when it does not end as it must."""
    with ground.copy() as workspace:
        add_cohort(ground, workspace)
        rows = ground.session.inputs.render(ground.session.inputs.encode(ground.records(300, 41, 1.0)))
        wanted, wait_s = chance.choice(TARGETS), chance.uniform(0.2, 7.0)
        answered: list[str] = []
        with contextlib.ExitStack() as stack:
            address, server = stack.enter_context(session(NAME, workspace, quiet=True))
            tally = stack.enter_context(steady(address, rows, pause_s=0.02))
            watch = stack.enter_context(watching(workspace, policy))
            time.sleep(wait_s)
            hit = kill(wanted, watch, server)
            answered += tally.ids
            if hit == "server":
                address, _ = stack.enter_context(session(NAME, workspace, quiet=True))
                tally = stack.enter_context(steady(address, rows, pause_s=0.02))
            if hit == "watch":
                stack.enter_context(watching(workspace, policy))
            done(workspace)
            answered += tally.ids
        check(workspace, answered)
        return hit


@contextlib.contextmanager
def watching(workspace: Workspace, policy: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`omloop watch` as a service, in a process of its own, ended by its id."""
    words = [sys.executable, "-m", "omloop", "watch", NAME, "--every", "1s", "--policy", str(policy)]
    words += ["--workspace", str(workspace.root), "--projects", workspace.settings.projects]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def kill(wanted: str, watch: subprocess.Popen[bytes], server: int) -> str:
    """Kill whom was wanted; the watch where there is no trainer at that moment."""
    if wanted == "server":
        os.killpg(server, signal.SIGKILL)
        return wanted
    children = Path(f"/proc/{watch.pid}/task/{watch.pid}/children").read_text().split()
    if wanted == "trainer" and children:
        os.kill(int(children[0]), signal.SIGKILL)
        return wanted
    watch.kill()
    return "watch"


def done(workspace: Workspace) -> None:
    """Wait until the second champion serves, or its training is recorded as failed."""
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        events = workspace.registry(NAME).history()
        ended = [event for event in events if event.kind == "retrained"]
        promoted = [event for event in events if event.kind == "promote"]
        if len(promoted) == 2 or (ended and ended[-1].evidence["verdict"] == "failed"):
            return
        time.sleep(0.2)
    raise AssertionError(f"the circle did not end: {[e.kind for e in workspace.registry(NAME).history()]}")


def check(workspace: Workspace, answered: list[str]) -> None:
    """The invariants."""
    registry = workspace.registry(NAME)
    kinds = [event.kind for event in registry.history()]
    if kinds.count("retrain") != 1 or kinds.count("promote") > 2:
        raise AssertionError(f"{kinds.count('retrain')} retrainings, {kinds.count('promote')} promotions")
    try:
        registry.load(registry.champion() or "")
    except OmloopError as error:
        raise AssertionError(f"the champion does not load: {error}") from error
    with contextlib.closing(workspace.predictions(NAME)) as log:
        missing = [one for one in answered if log.find(one) is None]
    if missing:
        raise AssertionError(f"{len(missing)} of {len(answered)} answered predictions are missing")


if __name__ == "__main__":
    main()
