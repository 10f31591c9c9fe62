"""Rows that are read, answered and kept together, and how they become examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, ExampleArray, RecordEncoder
from omloop.data import take_rows


@dataclass(frozen=True)
class Refusal:
    """A row that was set aside: its place in its block, from 0, what is wrong with it, and what was given, if known.

    `file` is its name where each row is a file.
    """

    place: int
    problem: str
    given: Mapping[str, object] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True)
class ReadBlock:
    """What was read of a block of `count` rows: examples, their places from 0, columns to carry along, and the others.

    `examples` is None where no row was accepted.
    """

    count: int
    examples: ExampleArray | None
    places: NDArray[np.int64]
    kept: Mapping[str, Any]
    refusals: Sequence[Refusal] = ()


@dataclass(frozen=True)
class Block:
    """A part of a source that somebody else may `read`, in another thread; the next one begins at `following`."""

    read: Callable[[], ReadBlock]
    following: int


class BlockSource(Protocol):
    """One file of rows, or all files of a folder or zip: `has_rows` tells which."""

    has_rows: ClassVar[bool]

    @property
    def kept_types(self) -> Mapping[str, str]:
        """Of which type each column is that is carried along; nothing for those that are texts."""

    @property
    def name(self) -> str:
        """How the answers call it."""

    @property
    def size(self) -> int:
        """Where the last block ends, in the unit in which blocks begin: bytes, rows or files."""

    def blocks(self, begin: int) -> Iterator[Block]:
        """The blocks from there on: 0, or what a block called `following`."""


def read_columns(
    kind: RecordEncoder,
    records: Columns,
    kept: Mapping[str, Any],
    places: NDArray[np.int64],
    *,
    count: int,
    torn: Sequence[Refusal] = (),
) -> ReadBlock:
    """Encode the records that are accepted and say what is wrong with the others; only then each is looked at alone.

    The records, and what is `kept` of them, stand at `places` of the block; the rest of its `count` rows are `torn`.
    """
    if not len(places):
        return ReadBlock(count, None, places, kept, torn)
    try:
        return ReadBlock(count, kind.encode(records), places, kept, torn)
    except DataError:
        refused = kind.refusals(records)
        if not refused:
            raise
    good = np.setdiff1d(np.arange(len(places)), np.fromiter(refused, np.int64))
    given = {**records, **kept}
    refusals = [
        Refusal(int(places[row]), problem, {name: values[row] for name, values in given.items()})
        for row, problem in refused.items()
    ]
    examples = kind.encode(take_rows(records, good)) if len(good) else None
    told = sorted([*torn, *refusals], key=lambda one: one.place)
    return ReadBlock(count, examples, places[good], {name: _some(values, good) for name, values in kept.items()}, told)


def _some(values: Any, rows: NDArray[np.int64]) -> Any:
    return [values[row] for row in rows.tolist()] if isinstance(values, list) else values[rows]
