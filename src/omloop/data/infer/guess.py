"""Inferred facts of a file, each decision with its reason: frozen values, the source of a new project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from omloop.kinds.table.column import Column


@dataclass(frozen=True)
class Dialect:
    """How to read a table file.

    `options` are keyword arguments of `omloop.data.read_table`: only those that differ from its defaults. `seen` gives
    the evidence in the file for each. `rows` counts the records, those without a target among them, and `columns` the
    names, in the file's order, as `read_table` gives them.

    >>> Dialect({"separator": ";"}, {"separator": "4 semicolons a line"}, rows=150, columns=("a", "b")).options
    {'separator': ';'}
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feature:
    """A column that a model may learn from, as the kind `table` takes it, and why it is of that type."""

    column: Column
    reason: str


@dataclass(frozen=True)
class Role:
    """A column that says how to treat records (their group, time or id), and the evidence."""

    column: str
    reason: str


@dataclass(frozen=True)
class AnswerGuess:
    """What a model is to answer: a number, or one of some classes.

    `target` names the record column. `words` are the classes, as `Classes` takes them and as the records spell them
    (`Classes.encode` takes the raw values). Of two, the second is the positive one. `counts` says how many records each
    has. `low` and `high` are limits that no label can pass, None if unsure. `labelled` counts the records with a
    target, `missing` those without.

    `metric` names the score of `omloop.evaluate` that suits, `metric_reason` says why. `balance` is the extra weight of
    rare classes, from 0 (none) to 1 (all classes alike).
    """

    target: str
    kind: Literal["number", "classes"]
    reason: str
    labelled: int
    missing: int = 0
    words: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    metric: str = "rmse"
    metric_reason: str = ""
    balance: float = 0.0


@dataclass(frozen=True)
class TableGuess:
    """What a table means: what to answer, from which columns, and which columns not to use and why.

    `left_out` maps the other columns, but not the target, to a reason in words with the measurement: what a project's
    `ignored` takes. A group, a time or an id is also among the features or the left out. `notes` tell the user of
    uncertain findings.
    """

    path: Path
    reading: Dialect
    answer: AnswerGuess
    features: tuple[Feature, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    group: Role | None = None
    time: Role | None = None
    id: Role | None = None
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The features as the kind `table` takes them, in the file's order."""
        return tuple(feature.column for feature in self.features)


@dataclass(frozen=True)
class TextGuess:
    """What a table of texts means: the answer follows from the one column `column`, which holds the texts.

    `characters` are the median, the 99th percentile and the most characters of a text. The other fields are those of
    `TableGuess`.
    """

    path: Path
    reading: Dialect
    answer: AnswerGuess
    column: str
    reason: str
    characters: tuple[int, int, int] = (0, 0, 0)
    left_out: Mapping[str, str] = field(default_factory=dict)
    group: Role | None = None
    time: Role | None = None
    id: Role | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureGuess:
    """What a folder of pictures means.

    `reader` names the function of `omloop.data` that reads them, `read_picture_folder` or `read_picture_table`.
    `options` are its keyword arguments beside the path, if they differ from the defaults. The records have the columns
    `image` (the bytes of a file), the answer's target, and `part` where folders have names such as train and test.
    Pictures of a table have its other columns too, and `left_out` maps each to the reason for leaving it out. `part` is
    the column that says train and test.

    `width`, `height` and `channels` are the form of pictures for the kind `image`, and `size_reason` says why. `sizes`
    are the smallest, median and largest (width, height). `unreadable` counts the bad pictures, which the reader leaves
    out, and `unreadable_names` are up to five of them.
    """

    path: Path
    reader: Literal["read_picture_folder", "read_picture_table"]
    options: Mapping[str, Any]
    answer: AnswerGuess
    width: int
    height: int
    channels: Literal[1, 3]
    size_reason: str
    sizes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    pictures: int
    part: str | None = None
    unreadable: int = 0
    unreadable_names: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    group: Role | None = None
    notes: tuple[str, ...] = ()
