"""The frozen values that travel between stages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from omloop.core._kept import keep_nothing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from omloop.core._protocols import Kind, Output

Columns = Mapping[str, "Sequence[Any] | NDArray[Any]"]
"""Raw records: a name and its values, one a record, all of one length."""


@dataclass(frozen=True)
class Origin:
    """The source that records came from: its `kind`, what it is `about` such as a path, and whether they are `real`."""

    kind: str
    about: str
    real: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {self.about}".rstrip()


@dataclass(frozen=True)
class Part:
    """Some examples of a dataset with what is to be learned about them.

    `examples` is an array whose first axis counts examples (a table: float32, shape (n, columns)). `targets` has shape
    (n,): float64 for a number, int64 class indices for classes. `keys` names each record by its content. `slices` maps
    the name of a grouping to one group name an example. `rows` are the examples' positions in the source's records.
    `times` says when each came, float64 seconds since 1970 (UTC); it is empty where that is not known.
    """

    examples: NDArray[Any]
    targets: NDArray[Any]
    keys: NDArray[Any]
    slices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    rows: Sequence[int] = ()
    times: Sequence[float] | NDArray[Any] = ()

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Finding:
    """Something odd in data: which check found it, how often, and in words.

    A `warning` may make a score wrong, a `note` is worth knowing. `examples` are positions in the source's records of
    up to five of those concerned.
    """

    check: str
    severity: Literal["warning", "note"]
    count: int
    message: str
    examples: tuple[int, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Checked records in three parts, and what is odd about them.

    `fingerprint` is the SHA-256 of all the records, whatever their order.
    """

    train: Part
    validation: Part
    test: Part
    fingerprint: str
    source: str
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.train) + len(self.validation) + len(self.test)


@dataclass(frozen=True)
class Job:
    """What a model is asked to learn. `log(step, metrics)` records one step of it; `folder` is scratch space.

    What lies in `cache` outlives the job, so that a later one need not make it again; anybody may empty it.
    `keep(name, content)` keeps a file, bytes or a text, with the run: `kept/<model>/<name>`. Outside of a run it keeps
    nothing. It raises TrainError for a name that is no relative path or that some system cannot hold.
    """

    config: Any
    inputs: Kind
    outputs: Output
    train: Part
    validation: Part
    seed: int
    log: Callable[[int, Mapping[str, float]], None]
    folder: Path
    cache: Path | None = None
    keep: Callable[[str, bytes | str], None] = keep_nothing


@dataclass(frozen=True)
class Fitted:
    """A trained model. `family` names its exporter; `predict` maps examples to outputs as the original model answers.

    Outputs are float64 of shape (n,) for a number and (n, classes) probabilities for classes. `inputs` is the input
    kind as this model reads it, where that is not the job's own: the same fields, other feeds, as with a tokenizer.
    """

    family: str
    model: Any
    predict: Callable[[NDArray[Any]], NDArray[Any]]
    inputs: Kind | None = None


@dataclass(frozen=True)
class Parity:
    """How far the packaged model's answers are from the original's, over batches of several sizes.

    `largest` and `mean` are absolute differences of outputs; `relative` is the largest difference divided by the
    largest absolute output of the original (1 for probabilities); `agreement` is the share of equal labels.
    """

    rows: int
    batches: tuple[int, ...]
    largest: float
    mean: float
    relative: float
    agreement: float
    tolerance: float

    @property
    def verified(self) -> bool:
        """Whether the packaged model may stand for the original."""
        return self.relative <= self.tolerance


@dataclass(frozen=True)
class Estimate:
    """A measured number with its 95 % confidence interval; NaN where it is not defined."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}]" if self.defined else "not defined"

    @property
    def defined(self) -> bool:
        """Whether there is a number at all."""
        return math.isfinite(self.value)


@dataclass(frozen=True)
class Report:
    """What a model scored on one part of the data; `slices` is grouping -> group -> metric."""

    part: str
    rows: int
    metrics: Mapping[str, Estimate]
    slices: Mapping[str, Mapping[str, Mapping[str, Estimate]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Annotation:
    """What people say of a run: `tags` by key, and a `note`.

    As a change, an empty tag takes the one of its key away, and a note of None leaves the note as it is.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None


Verdict = Literal["better", "worse", "not enough evidence"]


@dataclass(frozen=True)
class PartUse:
    """What one decision of the gate took from a test part: enough to judge the next candidate on the same rows rightly.

    `version` is the candidate that was judged, `gain` what it gained by `metric` on `rows` rows that count. `keys` are
    the smallest hashes of the rows, by which the same rows are known again. `shares` say how much each of a fixed
    number of groups of rows, the same for every candidate, pushed the gain up or down. `better` says whether the gain
    was found to be beyond doubt.
    """

    version: str
    metric: str
    gain: float
    rows: int
    keys: tuple[int, ...]
    shares: tuple[float, ...]
    better: bool = False


@dataclass(frozen=True)
class Decision:
    """The gate's answer, with its reason in words and its evidence in numbers, and the use of test rows it made."""

    verdict: Verdict
    reason: str
    evidence: Mapping[str, float] = field(default_factory=dict)
    use: PartUse | None = field(default=None, repr=False)

    @property
    def promote(self) -> bool:
        """Whether the candidate should become champion."""
        return self.verdict == "better"


TrialMode = Literal["shadow", "canary"]


@dataclass(frozen=True)
class Trial:
    """A version that is tried beside the champion, since `since` (seconds since 1970, UTC).

    As a `shadow` it answers a `share` of the requests, above 0 and at most 1, after the champion did, for the log
    alone; as a `canary` it answers that share of the callers itself.
    """

    version: str
    mode: TrialMode
    share: float
    since: float


EventKind = Literal[
    "add",
    "decide",
    "promote",
    "rollback",
    "try",
    "stop",
    "alarm",
    "quiet",
    "retrain",
    "retrained",
    "dropped",
    "settled",
]


@dataclass(frozen=True)
class Event:
    """One line of a registry's history. `champion` is the version in charge after the event, None before the first.

    A watch says what it saw (`alarm`, and `quiet` again), that it retrains and what came of it (`retrain`,
    `retrained`), that it let a candidate go (`dropped`), and that a promoted one has proved itself (`settled`).

    `number` counts from 1 without gaps; `time` is in seconds since 1970 (UTC) and never decreases. `trial` is the one
    that runs after the event.
    """

    number: int
    time: float
    kind: EventKind
    version: str
    champion: str | None
    by: str
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    trial: Trial | None = None


PROBE_KEY = "omloop-probe"
"""The caller's key of what a monitor or a load test asked: recorded as all is, and no part of any window."""


class Demand(NamedTuple):
    """What answering a request will take, as far as can be told of its body before it is read.

    `pixels` are those to decode, `memory` the bytes that are taken meanwhile, beside the body itself.
    """

    rows: int
    pixels: int = 0
    memory: int = 0


@dataclass(frozen=True)
class Prediction:
    """One answered prediction. `inputs` and `output` are JSON values; `time` is in seconds since 1970 (UTC).

    `id` is unique and sorts by time; `latency_ms` is from the request's last byte to the answer's encoding. `variant`
    is the file of the bundle that answered, `key` what the caller calls itself or its request, None if it says nothing.
    """

    id: str
    time: float
    version: str
    inputs: Mapping[str, Any]
    output: Mapping[str, Any]
    latency_ms: float
    variant: str = "model.onnx"
    key: str | None = None


@dataclass(frozen=True)
class Shadow:
    """What a version on trial answered to a prediction's input, for the log alone; `id` is the prediction's.

    `output` is None where it could not answer. `latency_ms` is from the reading of the input to the answer, without any
    wait. `time` is in seconds since 1970 (UTC).
    """

    id: str
    time: float
    version: str
    output: Mapping[str, Any] | None
    latency_ms: float


@dataclass(frozen=True)
class Label:
    """What turned out to be true of one prediction; `time` is when it became known, in seconds since 1970 (UTC)."""

    id: str
    label: Any
    time: float


@dataclass(frozen=True)
class Receipt:
    """What became of some labels: how many were new, said the same again, or said otherwise, and the unknown ids.

    A label that contradicts an earlier one counts from then on; both stay in the log.
    """

    accepted: int
    repeated: int
    changed: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Window:
    """Some live predictions, oldest first, with the labels that have come for them so far, by prediction id.

    `shadows` are the answers of a version on trial to the same inputs, by prediction id, where those were asked for.
    `label_times` says when each label became known, in seconds since 1970 (UTC).
    """

    predictions: tuple[Prediction, ...]
    labels: Mapping[str, Any]
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    label_times: Mapping[str, float] = field(default_factory=dict)


BODY = "(body)"
"""Stands for whatever of a request is no column of the signature, so that what a caller makes up is no name."""


@dataclass(frozen=True)
class RefusalCount:
    """Requests that were refused at the door within a second or so of `time`, in seconds since 1970.

    `field` is the column of the signature that did not fit, or `BODY`. `reason` is one of `empty`, `undecodable` and
    `refused`. `rows` is how many rows were asked for, as far as can be told. No value of
    a request is kept.
    """

    time: float
    version: str
    field: str
    reason: str
    rows: int


@dataclass(frozen=True)
class Position:
    """A place in a log's own order, that in which its index came to know the predictions, whatever their times.

    `entry` is the number of the last prediction that is before it, `refusal` that of the last refusal; what comes later
    has a higher one. `index` names the index: one that was made anew has another name, and counts anew.
    """

    index: str
    entry: int
    refusal: int = 0


@dataclass(frozen=True)
class Movement:
    """How one observed column moved: the smallest p-value of its tests times their number, and its size.

    `distance` is the population stability index over the reference's cells, an effect size and never the verdict;
    `effects` are others by name, such as `shift`, in standard deviations.
    """

    column: str
    p_value: float
    distance: float
    moved: bool
    effects: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Alarm:
    """Drift, told after the bucket numbered `bucket`, counted from 0: which columns moved, the surest first.

    Behind the columns come those that moved together. It rang in a window of the last `buckets` buckets. The drift
    began about with the bucket `since`. `level` is what a column's p-value had to be below.
    """

    bucket: int
    buckets: int
    since: int
    columns: tuple[Movement, ...]
    level: float


@dataclass(frozen=True)
class Drift:
    """Whether live rows differ from the reference, and in which columns, the most moved first."""

    rows: int
    columns: tuple[Movement, ...]
    level: float

    @property
    def moved(self) -> bool:
        """Whether any column moved."""
        return any(column.moved for column in self.columns)
