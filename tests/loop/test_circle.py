"""The circle where it is deployed: processes with folders of their own, which share nothing but a bucket or a database.

Two servers, a watch that only looks, and a trainer; one server is killed on the way.
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omloop.bundle import Session
from omloop.core import Project, Settings
from omloop.loop import Workspace
from omloop.loop.bench.traffic import Tally, send

if TYPE_CHECKING:
    pass

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NAME = "student_performance"
POLICY = "loss: retrain\nshadow: 20\npause_minutes: 0\nmost_times_slower: 100\n"
LONGEST_S = 60.0
"""By then all have surely seen what is sent every ten seconds, on a slow machine too."""

Rows, Truth = list[Any], list[float]


def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + LONGEST_S
    while not holds():
        assert time.monotonic() < end, f"still not: {what}"
        time.sleep(0.2)


@dataclass
class Machine:
    """A machine with a folder of its own."""

    folder: Path
    environment: Mapping[str, str]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command as a process of this machine."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.environment, "OMLOOP_WORKSPACE": str(self.folder / "ws")}
        told = [sys.executable, "-m", "omloop", *words, "--json"]
        return subprocess.Popen(told, stdout=subprocess.PIPE, text=True, cwd=self.folder, env=environment)

    def run(self, *words: str, code: int = 0) -> Any:
        """What a command prints; it must end with `code`."""
        process = self.start(*words)
        out, _ = process.communicate(timeout=300)
        assert process.returncode == code, out
        return json.loads(out)


@dataclass
class Server:
    """A server of a machine, and what it answered in all its lives."""

    machine: Machine
    ids: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    address: str = ""

    def start(self) -> None:
        self.process = self.machine.start("serve", NAME, "--port", "0")
        assert self.process.stdout is not None
        self.address = json.loads(self.process.stdout.readline())["address"]

    def send(self, rows: Rows) -> Tally:
        tally = send(self.address, rows)
        self.ids += tally.ids
        return tally

    def end(self, *, kill: bool = False) -> int:
        """The exit code."""
        assert self.process is not None
        (self.process.kill if kill else self.process.terminate)()
        self.process.communicate(timeout=60)
        return self.process.returncode


@dataclass
class Circle:
    """Machines that share nothing but what `environment` names."""

    root: Path
    environment: Mapping[str, str]
    project: Project
    servers: list[Server] = field(default_factory=list)

    def machine(self, name: str) -> Machine:
        return Machine(self.root / name, self.environment)

    def server(self, name: str) -> Server:
        self.servers.append(Server(self.machine(name)))
        self.servers[-1].start()
        return self.servers[-1]

    def workspace(self, name: str) -> Workspace:
        """What a machine of that name sees, from this process."""
        named = ("projects", "store", "track", "predictions")
        given = {one: value for one in named if (value := self.environment.get(f"OMLOOP_{one.upper()}"))}
        return Workspace.of(workspace=str(self.root / name / "ws"), **given)

    def cohort(self, rows: int, *, drift: float, seed: int) -> tuple[Rows, Truth]:
        """Rows as a client sends them, and what will turn out to be true of them."""
        registry = self.workspace("clients").registry(NAME)
        kind = Session.of(registry.load(registry.require_champion())).inputs
        records = self.project.simulate(rows, seed, drift)
        return list(kind.render(kind.encode(records))), [float(value) for value in records[self.project.target]]

    def label(self, answered: Sequence[tuple[Tally, Truth]], machine: str) -> None:
        """Send the labels from any machine, again and again until each is known."""
        path = self.root / "labels.csv"
        with path.open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["id", "label"])
            for tally, truth in answered:
                lines.writerows(zip(tally.ids, truth, strict=True))
        told = ("feedback", NAME, "--csv", str(path))
        until("all labels are known", lambda: not self.machine(machine).run(*told)["unknown"])

    def recorded(self) -> list[str]:
        """The ids of all that is in the log, as a machine sees it that is new here."""
        memory = self.workspace("auditor").predictions(NAME)
        try:
            return [prediction.id for prediction in memory.window().predictions]
        finally:
            memory.close()


@pytest.fixture
def circle(tmp_path: Path, student: Project, settings: Settings) -> Iterator[Callable[..., Circle]]:
    """A circle whose memories are in the environment that is given."""
    made: list[Circle] = []

    def make(**environment: str) -> Circle:
        given = {"OMLOOP_PROJECTS": settings.projects, **environment}
        made.append(Circle(tmp_path, given, student))
        return made[-1]

    yield make
    for server in (server for one in made for server in one.servers if server.process):
        server.process.kill()
        server.process.communicate()


class TestThroughABucket:
    """All memories in a bucket of an emulated Cloud Storage."""

    @pytest.fixture
    def scheme(self) -> str:
        pytest.importorskip("gcsfs")
        return "gs"

    def test_it_closes(self, bucket: str, circle: Callable[..., Circle]) -> None:
        memories = {f"OMLOOP_{name.upper()}": f"{bucket}/{name}" for name in ("store", "track", "predictions")}
        it = circle(**memories)
        trainer, watch = it.machine("trainer"), it.machine("watch")
        first = trainer.run("turn", NAME, "data.rows=1200", "model=linear")["version"]
        one, two = it.server("one"), it.server("two")
        look = ("watch", NAME, "--once", "--fail-on", "drift")

        calm, truth = it.cohort(600, drift=0.0, seed=5)
        answered = [(one.send(calm[:300]), truth[:300]), (two.send(calm[300:]), truth[300:])]
        it.label(answered, "labeller")
        assert watch.run(*look)["drift"] is False

        moved, truth = it.cohort(1000, drift=1.0, seed=6)
        answered = [(one.send(moved[:400]), truth[:400])]
        assert one.end(kill=True) == -9
        answered.append((two.send(moved[400:700]), truth[400:700]))
        one.start()
        answered.append((one.send(moved[700:]), truth[700:]))
        it.label(answered, "labeller")
        assert watch.run(*look, code=3)["drift"] is True

        (policy := it.root / "policy.yaml").write_text(POLICY)
        step = ("watch", NAME, "--once", "--policy", str(policy))
        assert trainer.run(*step)["action"].startswith("proving")

        def promoted() -> bool:
            for server in (one, two):
                server.send(moved[:20])
            return str(trainer.run(*step)["action"]).startswith("promoted")

        until("the candidate is promoted", promoted)
        new = it.workspace("clients").registry(NAME).champion()
        assert new != first
        for server in (one, two):
            until("the server swapped", lambda server=server: set(server.send(moved[:1]).versions) == {new})
        assert [one.end(), two.end()] == [0, 0]
        recorded = it.recorded()
        assert sorted(recorded) == sorted(set(recorded)) == sorted(one.ids + two.ids)
