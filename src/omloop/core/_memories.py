"""What a tracker, a prediction log and a store of versions must be able to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from omloop.core._predictions import Label, Position, Prediction, Receipt, RefusalCount, Shadow, Window


class Run(Protocol):
    """One run while omloop records it."""

    @property
    def name(self) -> str:
        """The run's name, unique in its project."""

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Record numbers of one step."""

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file with the run: a plot, a report."""

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run as `finished`, `failed` or, if somebody stopped it, `killed`, with its results."""


class Tracker(Protocol):
    """The memory of runs."""

    def start(self, project: str, config: str, facts: Mapping[str, object]) -> Run:
        """Begin a run; `config` is the composed configuration as YAML, `facts` are those of the environment."""

    def list(self, project: str) -> Iterable[Mapping[str, object]]:
        """The project's runs, newest first: `run`, `status`, what each came to, and `tags` and `note` where it has any.

        A run whose process ended without closing it is `killed`.
        """

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change a run's tags and its note, whatever its status; raises StoreError for a run that is not there."""

    def files(self, project: str, run: str) -> Sequence[str]:
        """Names of all files of a run, sorted: kept files, `config.yaml`, `environment.json`, `metrics.jsonl`."""

    def read(self, project: str, run: str, name: str) -> bytes:
        """One file of a run; raises StoreError if it is missing.

        `metrics.jsonl` has a line for each logged step, with `step` and the metrics.
        """


class Predictions(Protocol):
    """The memory of predictions and of the labels that come later."""

    def record(self, predictions: Sequence[Prediction]) -> None:
        """Keep answered predictions; when this returns they survive the death of the process."""

    def feedback(self, labels: Sequence[Label]) -> Receipt:
        """Keep labels of earlier predictions and say what became of each."""

    def find(self, prediction: str) -> Mapping[str, object] | None:
        """One prediction by its id, with its label if there is one."""

    def window(
        self,
        *,
        version: str | None = None,
        newest: int | None = None,
        labelled: bool = False,
        after: tuple[float, str] | None = None,
        oldest: int | None = None,
        known: tuple[int, int] | None = None,
    ) -> Window:
        """Live predictions, oldest first: of one version, only the newest few, only those with a label.

        `after` is the time and id of a prediction: it selects later ones, and among them the `oldest` ones, as many as
        that says. `known` holds the entries of two positions. It selects what became known behind the first and not
        behind the second, whatever its time. Predictions with the key `PROBE_KEY` are in no window: they only tested
        the server.
        """

    def position(self) -> Position:
        """The end of the log so far, in its own order; later entries have higher numbers."""

    def count(self, *, labelled: bool = False, since: float | None = None) -> int:
        """How many live predictions there are, or have a label; with `since`, only those made after it."""

    def record_shadows(self, shadows: Sequence[Shadow]) -> None:
        """Keep what a version on trial answered, as `record` keeps predictions; no other window shows it."""

    def shadowed(self, version: str, *, newest: int | None = None) -> Window:
        """The window of the live predictions that `version` answered too, as a shadow, with its answers."""

    def record_refusals(self, refusals: Sequence[RefusalCount]) -> None:
        """Keep counts of refused requests, as `record` keeps predictions; no window shows them."""

    def refusals(self, version: str, *, known: tuple[int, int] | None = None) -> tuple[RefusalCount, ...]:
        """What a version refused, oldest first; with `known` what became known between two positions' refusals."""

    def tidy(self) -> None:
        """Do work that can wait, such as compressing old files; a server calls it now and then, from another thread."""

    def close(self) -> None:
        """Let go of files; later calls are errors."""


class Blobs(Protocol):
    """Named byte strings that never change once written: all that the registry needs of a store."""

    def read(self, key: str) -> bytes:
        """The content of `key`; raises StoreError if there is none."""

    def create(self, key: str, content: bytes) -> None:
        """Write a new `key`; raises ConflictError if it exists, however close the race."""

    def list(self, prefix: str) -> list[str]:
        """Names directly under `prefix`, sorted."""


class Bucket(Blobs, Protocol):
    """A store of objects that allows overwriting: what runs and predictions need of a store."""

    def replace(self, key: str, content: bytes) -> None:
        """Write `key`, whether it exists or not: a reader sees the content before or this one, whole."""

    def below(self, prefix: str) -> Sequence[str]:
        """Every key below the folder `prefix`, however deep, sorted."""


@dataclass(frozen=True)
class Annotation:
    """What people say of a run: `tags` by key, and a `note`.

    As a change, an empty tag takes the one of its key away, and a note of None leaves the note as it is.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None

    def words(self) -> list[str]:
        """The words that say it on a command line.

        >>> Annotation({"for": "paper"}, "a note").words()
        ['--tag=for=paper', '--note=a note']
        """
        notes = [] if self.note is None else [f"--note={self.note}"]
        return [*(f"--tag={key}={value}" for key, value in self.tags.items()), *notes]
