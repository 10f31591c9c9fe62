"""The circle where it is deployed: processes with folders of their own, which share nothing but a bucket or a database.

Two servers, a watch that only looks, and a trainer; one server is killed on the way.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.postgres import postgres

from omloop.bundle import Session
from omloop.core import Project, Settings
from omloop.loop import Workspace
from omloop.loop.bench.traffic import Tally, send, steady
from omloop.monitor.log.records import PredictionRecord, read_record
from omloop.monitor.log.sealed import open_segment, segment_files

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

__all__ = ["postgres"]

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


def get(address: str, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(address + path, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


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
    looks: int = 0

    def machine(self, name: str) -> Machine:
        return Machine(self.root / name, self.environment)

    def server(self, name: str) -> Server:
        self.servers.append(Server(self.machine(name)))
        self.servers[-1].start()
        return self.servers[-1]

    def workspace(self, name: str) -> Workspace:
        """What a machine of that name sees, from this process."""
        named = ("projects", "store", "track", "predictions")
        given = {one: self.environment[f"OMLOOP_{one.upper()}"] for one in named}
        return Workspace.of(workspace=str(self.root / name / "ws"), **given)

    def cohort(self, rows: int, *, drift: float, seed: int) -> tuple[Rows, Truth]:
        """Rows as a client sends them, and what will turn out to be true of them."""
        registry = self.workspace("clients").registry(NAME)
        kind = Session.of(registry.load(registry.require_champion())).inputs
        records = self.project.simulate(rows, seed, drift)
        return list(kind.render(kind.encode(records))), [float(value) for value in records[self.project.target]]

    def label(self, answered: Sequence[tuple[Tally, Truth]]) -> None:
        """Send the labels from a machine that serves nothing, again and again until each is known."""
        path = self.root / "labels.csv"
        with path.open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["id", "label"])
            for tally, truth in answered:
                lines.writerows(zip(tally.ids, truth, strict=False))  # of a killed server some
        told = ("feedback", NAME, "--csv", str(path))
        until("all labels are known", lambda: not self.machine("labeller").run(*told)["unknown"])

    def look(self, *, code: int = 0) -> dict[str, Any]:
        """A look of a job whose disk is a new one each time."""
        self.looks += 1
        told = ("watch", NAME, "--once", "--fail-on", "drift")
        return dict(self.machine(f"watch-{self.looks}").run(*told, code=code))

    def recorded(self) -> list[str]:
        """The ids of all that is in the log, as a machine sees it that is new here."""
        memory = self.workspace("auditor").predictions(NAME)
        try:
            return [prediction.id for prediction in memory.window().predictions]
        finally:
            memory.close()

    def lines(self, *machines: str) -> list[str]:
        """The id of each record of a prediction in the segments that lie on some machines."""
        folders = (self.root / one / "ws/predictions" / NAME / "segments" for one in machines)
        lines = (line for folder in folders for path in segment_files(folder) for line in lines_of(path))
        return [record.id for line in lines if isinstance(record := read_record(line), PredictionRecord)]


def lines_of(path: Path) -> list[bytes]:
    with open_segment(path) or path.open("rb") as file:
        return file.readlines()


@pytest.fixture
def circle(tmp_path: Path, student: Project, settings: Settings, bucket: str) -> Iterator[Callable[..., Circle]]:
    """A circle whose versions and runs are in a bucket, and whose other memories are in the environment given."""
    made: list[Circle] = []

    def make(**environment: str) -> Circle:
        kept = {"OMLOOP_STORE": f"{bucket}/versions", "OMLOOP_TRACK": f"{bucket}/runs"}
        made.append(Circle(tmp_path, {"OMLOOP_PROJECTS": settings.projects, **kept, **environment}, student))
        return made[-1]

    yield make
    for server in (server for one in made for server in one.servers if server.process):
        server.process.kill()
        server.process.communicate()


@pytest.fixture
def scheme() -> str:
    pytest.importorskip("gcsfs")
    return "gs"


def go_round(it: Circle) -> None:
    """Good traffic, drift, a server that is killed under load, a retraining, a promotion, a swap."""
    trainer = it.machine("trainer")
    first = trainer.run("turn", NAME, "data.rows=1200", "model=linear")["version"]
    one, two = it.server("one"), it.server("two")
    assert get(one.address, "/v1/drift")[0] == 404

    calm, truth = it.cohort(600, drift=0.0, seed=5)
    it.label([(one.send(calm[:300]), truth[:300]), (two.send(calm[300:]), truth[300:])])
    assert it.look()["drift"] is False

    moved, truth = it.cohort(1000, drift=1.0, seed=6)
    with steady(one.address, moved[:400], pause_s=0.0) as tally:
        until("many are answered", lambda: len(tally.ids) > 200)
        assert one.end(kill=True) == -9
    one.ids += tally.ids
    answered = [(tally, truth[:400]), (two.send(moved[400:700]), truth[400:700])]
    one.start()
    it.label([*answered, (one.send(moved[700:]), truth[700:])])
    assert it.look(code=3)["drift"] is True
    again = it.look(code=3)
    assert again["events"] == again["alerts"] == [], "what one job told, the next one does not tell again"
    for server in (one, two):
        until("the server tells it", lambda server=server: json.loads(get(server.address, "/v1/drift")[1])["drift"])

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


def check_log(it: Circle) -> None:
    """All that was answered is in the log, though the disks of both servers are gone."""
    ids = sorted(one for server in it.servers for one in server.ids)
    for name in ("one", "two"):
        shutil.rmtree(it.root / name)
    recorded = it.recorded()
    assert len(recorded) == len(set(recorded)) and not set(ids) - set(recorded)
    # What a killed server recorded, and could not answer any more: of one client one request at most.
    assert len(recorded) - len(ids) <= 1


def test_it_closes_through_a_bucket(bucket: str, circle: Callable[..., Circle]) -> None:
    it = circle(OMLOOP_PREDICTIONS=f"{bucket}/predictions")
    go_round(it)
    check_log(it)
    lines = it.lines("auditor")
    assert len(lines) == len(set(lines)), "no piece was sent or fetched twice"


def test_it_closes_through_a_database(
    circle: Callable[..., Circle], postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMLOOP_POSTGRES_URL", postgres.url)
    it = circle(OMLOOP_PREDICTIONS="postgres")
    go_round(it)
    lines = it.lines("one", "two")
    assert len(lines) == len(set(lines))
    check_log(it)
