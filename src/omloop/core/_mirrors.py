"""What a mirror must be able to do: a tracker beside the memory of runs that omloop writes to and never reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from omloop.core._memories import Annotation


class LoggedStep(NamedTuple):
    """Numbers of one step, and when the run logged them, in seconds since 1970."""

    step: int
    time: float
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class MirroredVersion:
    """A registered version as a mirror takes it: the `run` and the model that it came of, its metrics, its files."""

    version: str
    run: str
    model: str
    metrics: Mapping[str, float]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class VersionLine:
    """The versions of a project, the oldest first, and the champion among them; `read` gives one with its files."""

    project: str
    versions: Sequence[str]
    champion: str | None
    read: Callable[[str], MirroredVersion]


class MirrorRun(Protocol):
    """One run in a mirror. If an answer is lost, omloop calls the verb again with the same arguments."""

    def log(self, steps: Sequence[LoggedStep]) -> None:
        """Send numbers, of 1,000 steps at most, in the order of logging."""

    def keep(self, name: str, content: bytes) -> None:
        """Send a file under its name; it replaces one of the same name."""

    def annotate(self, change: Annotation) -> None:
        """Change the run's tags and its note."""

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run as `finished`, `failed` or `killed`, with its results."""


class Mirror(Protocol):
    """A tracker that receives runs and versions, from one thread; it may be slow or out of reach.

    Every verb raises ConnectionError while the other side is out of reach; omloop then calls it again. Any other error
    means that the tracker does not take this one thing; omloop then leaves it out.
    """

    def start(self, project: str, run: str, config: str, facts: Mapping[str, object]) -> MirrorRun:
        """Begin the run of that name, or continue it if it exists."""

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change tags and note of a run that ended, where the mirror can."""

    def register(self, line: VersionLine) -> None:
        """Make the mirror's registry say what ours says: the versions that it lacks, and who is champion."""
