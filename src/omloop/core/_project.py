"""A project says what is learned: plain functions in a frozen value."""

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

    `config` is a dataclass of what can be configured, with its defaults; `fit` trains it; `extra` is the omloop extra
    it needs, and `serves` the extra that its versions are answered with, where the base install is not enough. `best`
    says when `model=best` tries it: always, where its extra is `installed`, or only when `asked` for among others. A
    training that stops by the validation part, or chooses by it, `needs_validation`; where that depends on what is
    configured, it is a function of the configuration. Only one that does without can learn once more from all but the
    test part; its job has an empty validation part then.
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
    """One thing to be learned.

    `read` turns the files of a source into raw record columns; the default reads a CSV or Parquet table.
    `simulate(rows, seed, drift)` generates records of a known truth, `drift` from 0 (as in training) to 1 (all moved).
    `ignored` maps each record column that is never a feature to the reason why. `slices` names record columns to report
    by, `group` the one whose groups are never torn apart by the split, `time` the one that says when a record came, by
    which the split goes then (the newest are the test part), `part` the one in which a publisher says which records are
    for `test` and for `validation`. `id` is the column that says which record is which, whatever becomes of the others;
    without one a record is known by its inputs and target. `weight` is the column that says how much each record counts
    in training, a number of at least 0; metrics count all alike. `metrics` are the project's own, by name, which are
    reported beside the output's. `caution` is a plain warning to everybody who reads an answer, such as what it is not
    to be taken for; every version carries it. `folder` is where the project's `conf/` lies; discovery fills it in.

    Raises ConfigError where one name would stand for two things, such as an input column called `prediction`, for a
    metric that does not say which way is better, and for a caution that is no text.
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
