"""Killing a server under load, again and again: is anything lost that was answered, is the log ever corrupt?

    python benchmarks/serve/kills.py [kills] [process|disk]

Each life of a server is ended by SIGKILL at a random instant, up to a second and a half after it listens, while four
clients ask without a pause and a fifth labels what was answered. Every life writes to the same log, compresses what
those before it left, and is followed by the next without any repair. At the end the log is read by a new process, with
the index as it is and once more with an index made from nothing. Exits with 1 when an answered prediction or label is
missing, a record is broken, or the two readings differ.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omloop.loop import Workspace, find_project
from omloop.loop.bench.traffic import Client, Tally, steady
from omloop.loop.project.plan import Plan
from omloop.loop.turn.turn import turn

ROOT = Path(__file__).parent.parent.parent
PROJECT = "student_performance"
CLIENTS = 4
LONGEST_S = 1.5


@dataclass
class Acknowledged:
    """What clients were told is kept."""

    ids: list[str] = field(default_factory=list)
    labelled: list[str] = field(default_factory=list)


def main(kills: int, durability: str) -> int:
    with tempfile.TemporaryDirectory() as name:
        workspace = Workspace.of(workspace=str(Path(name) / "ws"), projects=str(ROOT / "projects"))
        project = find_project(PROJECT, workspace.settings)
        turn(Plan.of(project, ["model=linear", "data.rows=400"], workspace))
        rows = project.inputs.render(project.inputs.encode(project.simulate(50, 3, 0.0)))
        said, draw = Acknowledged(), random.Random(kills)
        began = time.monotonic()
        for number in range(kills):
            live_and_die(workspace, rows, durability, draw.uniform(0.0, LONGEST_S), said)
            if number % 20 == 19:
                print(f"{number + 1} kills, {len(said.ids):,} answered", flush=True)
        seconds = time.monotonic() - began
        print(f"{kills} kills in {seconds:.0f} s, durability {durability}")
        return judge(workspace, said)


def live_and_die(workspace: Workspace, rows: list[Any], durability: str, seconds: float, said: Acknowledged) -> None:
    words = ["serve", PROJECT, "--port", "0", "--json", "--workspace", str(workspace.root)]
    environment = {**os.environ, "OMLOOP_LOG_DURABILITY": durability, "OMLOOP_LOG_SEGMENT_MEGABYTES": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "omloop", *words, "--projects", workspace.settings.projects],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    with process:
        address = json.loads(process.stdout.readline())["address"]  # type: ignore[union-attr]
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        with ExitStack() as stack:
            tallies = [stack.enter_context(steady(address, rows, pause_s=0.0)) for _ in range(CLIENTS)]
            label_until_dead(address, tallies[0], process, said)
            process.wait()
        for tally in tallies:
            said.ids += tally.ids


def label_until_dead(address: str, tally: Tally, process: "subprocess.Popen[bytes]", said: Acknowledged) -> None:
    client, done = Client(address), 0
    while process.poll() is None:
        known = tally.ids[done : done + 20]
        if not known:
            time.sleep(0.01)
            continue
        body = {"labels": [{"id": one, "label": 50.0} for one in known]}
        status, answer = client.post("/v1/feedback", body)
        if status == 200:
            assert answer["accepted"] == len(known), answer
            said.labelled += known
        done += len(known)


def judge(workspace: Workspace, said: Acknowledged) -> int:
    folder = workspace.root / "predictions" / PROJECT
    packed = [path.suffix for path in (folder / "segments").iterdir()].count(".gz")
    first = reading(workspace)
    (folder / "index.sqlite").unlink()
    with closing(workspace.predictions(PROJECT)) as predictions:
        predictions.tidy()
    again = reading(workspace)
    missing = set(said.ids) - first["ids"]
    unlabelled = set(said.labelled) - first["labels"]
    print(
        f"answered {len(said.ids):,}, missing {len(missing)}; labels {len(said.labelled):,}, missing {len(unlabelled)}"
    )
    before, after = first["damage"], again["damage"]
    print(f"broken records {before.broken}; torn ends before tidying {before.torn}, after {after.torn}")
    print(f"recorded {len(first['ids']):,}, read again from the segments alone {len(again['ids']):,}")
    print(f"segments compressed by the servers {packed}")
    same = first["ids"] == again["ids"] and first["labels"] == again["labels"]
    broken = before.broken + after.broken + after.torn
    return int(bool(missing or unlabelled or broken or not same))


def reading(workspace: Workspace) -> dict[str, Any]:
    with closing(workspace.predictions(PROJECT)) as predictions:
        window = predictions.window()
        damage = predictions.damage()  # type: ignore[attr-defined]
        return {"ids": {one.id for one in window.predictions}, "labels": set(window.labels), "damage": damage}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 200, sys.argv[2] if sys.argv[2:] else "process"))
