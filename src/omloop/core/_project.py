"""A project says what to learn: plain functions in a frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.core._errors import ConfigError
from omloop.core._metric import Metric, check_metrics
from omloop.core._names import check_names

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.core._data import Fitted, Job
    from omloop.core._kinds import Columns, Kind
    from omloop.core._outputs import Output


@dataclass(frozen=True)
class Model:
    """A model that a project can train.

    `config` is a dataclass of its configuration, with defaults. `fit` trains it. `extra` is the omloop extra that
    training needs. `serves` is the extra that its versions need to answer, if the base install is not enough. `best`
    says when `model=best` tries it: always, if its extra is `installed`, or only when `asked` for among others. A model
    `needs_validation` if its training stops or chooses by the validation part. If that depends on the configuration,
    `needs_validation` is a function of it. Only a model that does without can learn once more from all but the test
    part; the validation part of that job is empty.
    """

    config: type
    fit: Callable[[Job[Any, Any]], Fitted]
    extra: str = "train"
    best: str = "always"
    serves: str = ""
    needs_validation: bool | Callable[[Any], bool] = True

    def validates(self, config: Any) -> bool:
        """Whether a training so configured needs a validation part.

        >>> @dataclass
        ... class Tree:
        ...     patience: int = 0
        >>> tree = Model(Tree, lambda job: None, needs_validation=lambda config: config.patience > 0)
        >>> tree.validates(Tree()), tree.validates(Tree(patience=5))
        (False, True)
        """
        return self.needs_validation(config) if callable(self.needs_validation) else self.needs_validation


@dataclass(frozen=True)
class Project:
    """One learning problem: its records, inputs, output and models.

    `read` turns the files of a source into raw record columns; the default reads a CSV or Parquet table.
    `simulate(rows, seed, drift)` generates records of a known truth, `drift` from 0 (as in training) to 1 (all moved).
    `ignored` maps each record column that is never a feature to the reason why. `slices` names record columns to report
    by. The split never divides a group of the column `group`. With `time`, the column of when a record came, the split
    goes by time: the newest records are the test part. `part` is the column where a publisher says which records are
    for `test` and for `validation`.

    `id` is the column that identifies a record, whatever becomes of the others; without one its inputs and target
    identify it. `weight` is the column that says how much each record counts in training, a number of at least 0;
    metrics count all alike. `metrics` are the project's own, by name; reports show them beside the output's. `caution`
    is a plain warning to everybody who reads an answer, such as how not to use it; every version carries it. `folder`
    is where the project's `conf/` lies; discovery fills it in.

    Raises ConfigError if one name would stand for two things, such as an input column called `prediction`. Raises it
    too for a metric that does not say which way is better, and for a caution that is no text.
    """

    name: str
    summary: str
    inputs: Kind
    outputs: Output
    target: str
    models: Mapping[str, Model]
    baseline: str
    simulate: Callable[[int, int, float], Columns]
    read: Callable[[Path], Columns] | None = None
    ignored: Mapping[str, str] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    group: str | None = None
    time: str | None = None
    part: str | None = None
    id: str | None = None
    weight: str | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    caution: str = ""
    folder: Path | None = None

    def __post_init__(self) -> None:
        check_names(
            self.name,
            self.inputs,
            self.outputs,
            roles={
                "target": self.target,
                "group": self.group,
                "time": self.time,
                "part": self.part,
                "id": self.id,
                "weight": self.weight,
            },
            slices=self.slices,
            ignored=self.ignored,
        )
        check_metrics(self.name, self.metrics)
        if not isinstance(self.caution, str):
            told = f"`caution` of '{self.name}' is {self.caution!r:.60}. Write it as one text, or leave it out."
            raise ConfigError(told)
