"""A load test of a project: the registry's examples, a server, and the generator of requests, put together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import API_KEY, OmloopError, SettingError
from omloop.loop.serving.server_process import champion_apart
from omloop.probe import Load, LoadPlan, RateStep, Target, ask, climb, described_project, load, locustfile, run
from omloop.probe.load.load import MOST_RATE, MOST_REQUESTS
from omloop.serve.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from omloop.bundle import Bundle
    from omloop.loop.workspace import Workspace

PATH = "/v1/predict"
ASK_S = 10.0
MOST_BODIES = 1000
P99_S = 0.05
"""What p99 may be where nobody says, in seconds."""


@dataclass(frozen=True)
class Subject:
    """The subject of a test: a server, the version that serves there, and rows that it takes. `ours`: we started it."""

    target: Target
    version: str
    rows: Sequence[object]
    ours: bool

    def requests(self, each: int) -> list[bytes]:
        """Requests of `each` rows; together they go through all rows."""
        many = len(self.rows)
        starts = range(0, many * each if many % each else many, each)
        rows = [[self.rows[(start + more) % many] for more in range(each)] for start in starts[:MOST_BODIES]]
        return [self.target.post(PATH, json.dumps({"rows": some}).encode()) for some in rows]


@contextmanager
def subject(name: str, workspace: Workspace, url: str | None, *, mine: bool = False) -> Iterator[Subject]:
    """The server at `url`, or else the champion in a process of its own, for as long as the context lasts.

    Raises SettingError for an address beyond this machine unless it is `mine`, and OmloopError when it does not serve
    the project called `name`.
    """
    if url is not None:
        yield running(name, workspace, _checked(Target.of(url), mine=mine))
        return
    with champion_apart(name, workspace) as served:
        yield Subject(Target.of(served.url), served.bundle.version, rows_of(served.bundle), ours=True)


def running(name: str, workspace: Workspace, target: Target) -> Subject:
    """The server at `target`, which must serve the project called `name`."""
    told = ask_server(target, "/v1/model")
    project, version = told.get("project"), str(told.get("version"))
    if project != name:
        raise OmloopError(f"{target.url} serves '{project}', not '{name}'. Name the project that it serves.")
    return Subject(target, version, known_rows(name, workspace, version) or _described(target), ours=False)


def known_rows(name: str, workspace: Workspace, version: str) -> Sequence[object]:
    """The rows of the examples of a version, none where the workspace does not hold it."""
    try:
        return workspace.registry(name).load(version).examples.rows
    except OmloopError:
        return ()


def load_once(of: Subject, plan: LoadPlan, *, rows: int) -> Load:
    """One load test, with so many rows a request."""
    return run(load(of.target, of.requests(rows), plan))


def find_capacity(
    of: Subject, plan: LoadPlan, *, rows: int, p99_s: float, tell: Callable[[RateStep], None] = lambda step: None
) -> list[RateStep]:
    """Raise the rate from that of `plan` until the server does not hold it; `tell` gets each step."""
    requests = of.requests(rows)

    def attempt(rate: float) -> Load:
        return run(load(of.target, requests, LoadPlan(rate, plan.seconds, plan.connections, plan.timeout_s)))

    steps = []
    for step in climb(attempt, plan.rate, p99_s=p99_s, most=min(MOST_RATE, MOST_REQUESTS / plan.seconds)):
        tell(step)
        steps.append(step)
    return steps


def locust_text(name: str, workspace: Workspace, url: str | None, plan: LoadPlan, *, p99_s: float) -> str:
    """The same test as a file for Locust, against `url` or the address that `omloop serve` has by default.

    The rows are those of the champion; without a champion, the server gives them.
    """
    target = Target.of(url or f"http://127.0.0.1:{workspace.settings.of(ServeSettings).port or 8000}")
    version = workspace.registry(name).champion()
    rows = known_rows(name, workspace, version) if version else ()
    return locustfile(name, target.url, rows or running(name, workspace, target).rows, plan, p99_s=p99_s)


def _checked(target: Target, *, mine: bool) -> Target:
    if not (target.here or mine):
        raise SettingError(
            f"{target.url} is not on this machine, and a load test may bring a server down. "
            "Say that it is yours to test with --yes-it-is-mine."
        )
    return target


def ask_server(target: Target, path: str) -> Any:
    """The decoded answer of a server that must be there; raises OmloopError."""
    try:
        answer = run(ask(target, target.get(path), timeout_s=ASK_S))
        told = json.loads(answer.body)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error) or f"no answer in {ASK_S:g} s"
        raise OmloopError(f"No omloop server answers at {target.url} ({reason}). Start one: omloop serve") from error
    if answer.status in (401, 403):
        raise OmloopError(f"{target.url} asks for a key with the role 'probe'. Set {API_KEY} to one.")
    if answer.status != 200 or not isinstance(told, dict):
        raise OmloopError(f"{target.url}{path} answers with status {answer.status}: no version serves there.")
    return told


def _described(target: Target) -> Sequence[object]:
    try:
        _, example = described_project(ask_server(target, "/openapi.json"))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise OmloopError(f"{target.url}/openapi.json has no example to send.") from error
    return [example.row]


def rows_of(bundle: Bundle) -> Sequence[object]:
    """The rows of a bundle's examples; raises OmloopError when there are none."""
    rows = bundle.examples.rows
    if not rows:
        raise OmloopError("The champion's bundle holds no examples to send. Package the model again.")
    return rows
