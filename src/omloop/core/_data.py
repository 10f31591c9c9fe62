"""The values that training works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from omloop.core._arrays import NumberArray
from omloop.core._kept import keep_nothing, tell_nobody

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import TypeVar as WithDefault  # of `typing` from Python 3.13 on

    from omloop.core._kinds import Kind
    from omloop.core._memories import Bucket
    from omloop.core._outputs import Output

    InputsT_co = WithDefault("InputsT_co", bound=Kind, default=Kind, covariant=True)
    OutputsT_co = WithDefault("OutputsT_co", bound=Output, default=Output, covariant=True)
else:
    InputsT_co, OutputsT_co = TypeVar("InputsT_co"), TypeVar("OutputsT_co")


@dataclass(frozen=True)
class Origin:
    """The source of records: its `kind`, its address `about`, such as a path, and whether the records are `real`."""

    kind: str
    about: str
    real: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {self.about}".rstrip()


@dataclass(frozen=True)
class Part:
    """Some examples of a dataset, with their targets.

    `examples` is an array whose first axis counts examples (a table: float32, shape (n, columns)); its dtype is that of
    the project's kind. `targets` has shape (n,): float64 for a number, int64 class indices for classes. `keys` names
    each record by its content. `slices` maps the name of a grouping to one group name an example. `rows` are the
    examples' positions in the source's records. `times` says when each came, float64 seconds since 1970 (UTC); it is
    empty if unknown. `weights` says how much each counts in training, float64 of shape (n,); it is empty if all count
    alike.
    """

    examples: NDArray[Any]
    targets: NumberArray
    keys: NDArray[np.str_]
    slices: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    rows: Sequence[int] = ()
    times: Sequence[float] | NDArray[np.float64] = ()
    weights: Sequence[float] | NDArray[np.float64] = ()

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Finding:
    """Something odd in data: which check found it, how often, and in words.

    A `warning` may make a score wrong, a `note` is worth knowing. `examples` are positions in the source's records of
    up to five of those concerned. `columns` are the columns concerned, where it is about columns.
    """

    check: str
    severity: Literal["warning", "note"]
    count: int
    message: str
    examples: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Checked records in three parts, and findings about them.

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
class Job(Generic[InputsT_co, OutputsT_co]):
    """What a model has to learn. `log(step, metrics)` records one step of it; `folder` is scratch space.

    If `log` answers False, as in a sweep, the training is not worth continuing. A `fit` may then stop and give what it
    has; `fit_network` and `fit_partly` do.

    `Job` alone is a job of any kind and output; a `fit` for one of them says so, as in `Job[Image, Classes]`.

    Files in `cache` outlive the job, so that a later job need not make them again; anybody may empty it. Files in
    `shared_cache`, if there is one, spare other machines the work too. `keep(name, content)` keeps a file, bytes or a
    text, with the run: `kept/<model>/<name>`. Outside of a run it keeps nothing. It raises TrainError for a name that
    is no relative path or that some system cannot hold. `tell(words)` reports progress to the user; outside of a run it
    reports to nobody.
    """

    config: Any
    inputs: InputsT_co
    outputs: OutputsT_co
    train: Part
    validation: Part
    seed: int
    log: Callable[[int, Mapping[str, float]], bool | None]
    folder: Path
    cache: Path | None = None
    shared_cache: Bucket | None = None
    keep: Callable[[str, bytes | str], None] = keep_nothing
    tell: Callable[[str], None] = tell_nobody


@dataclass(frozen=True)
class Fitted:
    """A trained model. `family` names its exporter; `predict` maps examples to outputs as the original model answers.

    Outputs are float64 of shape (n,) for a number and (n, classes) probabilities for classes. `inputs` is the input
    kind as this model reads it, if it differs from the job's own. It has the same fields and other feeds, as with a
    tokenizer.
    """

    family: str
    model: Any
    predict: Callable[[NDArray[Any]], NDArray[Any]]
    inputs: Kind | None = None


@dataclass(frozen=True)
class PartUse:
    """What one decision of the gate used up of a test part. It lets the gate judge the next candidate on the same rows.

    `version` is the candidate, and `gain` its gain in `metric` on `rows` rows that count. `keys` are the smallest
    hashes of the rows; they tell whether rows are the same again. `shares` say how much each group of rows pushed the
    gain up or down. The groups are the same for every candidate, and their number is fixed. `better` says whether the
    gain was beyond doubt.
    """

    version: str
    metric: str
    gain: float
    rows: int
    keys: tuple[int, ...]
    shares: tuple[float, ...]
    better: bool = False
