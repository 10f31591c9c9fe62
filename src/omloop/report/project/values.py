"""The contents of a project's report: facts that runs, versions and logs hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from omloop.core import Estimate


@dataclass(frozen=True)
class Place:
    """A memory of the circuit, what lies there, and its address or folder."""

    memory: str
    holds: str
    where: str


@dataclass(frozen=True)
class RunFacts:
    """A run: its name, when it began (UTC, as text), what it was, its chosen model and how good that was."""

    name: str
    began: str
    kind: str
    status: str
    model: str
    score: str
    seconds: float | None
    version: str


@dataclass(frozen=True)
class ChampionFacts:
    """The version in service, what it scored on test rows, and where it came from.

    `reason` is the reason for its promotion, `by` who promoted it, `since` when (UTC, as text). `lineage` are lines
    such as run and commit. Each of the `variants` is a row: its name, whether it serves, its time, how much faster, its
    scores.
    """

    version: str
    model: str
    scores: Mapping[str, Estimate]
    reason: str
    by: str
    since: str
    lineage: Mapping[str, str]
    variants: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Decision:
    """An event of the project's history: when (UTC, as text), what, which version, by whom and why."""

    time: str
    kind: str
    version: str
    by: str
    reason: str


@dataclass(frozen=True)
class LoadFacts:
    """A load test on record: when, of which version, and its result in words."""

    made: str
    version: str
    asked: str
    result: str


@dataclass(frozen=True)
class ProjectReport:
    """All that a project's memories hold. Things that nobody did yet are empty, and the report says how to do them.

    `traffic` counts predictions of the last `day` and in `total`. `drift` is what the newest look of a watch said, and
    `looked` when (UTC, as text). `ringing` are alerts that ring now. `costs` are lines of what it costs.
    """

    project: str
    summary: str
    made: str
    omloop: str
    target: str
    places: Sequence[Place]
    caution: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[Sequence[str]] = ()
    champion: ChampionFacts | None = None
    runs: Sequence[RunFacts] = ()
    run_count: int = 0
    decisions: Sequence[Decision] = ()
    incidents: Sequence[Decision] = ()
    loads: Sequence[LoadFacts] = ()
    traffic: Mapping[str, int] = field(default_factory=dict)
    drift: str = ""
    looked: str = ""
    ringing: Sequence[str] = ()
    costs: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
