"""A block of rows to read, answer and keep together, and how they become examples."""

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
    """A bad row: its place in its block, from 0, its fault, and its content, if known.

    `file` is its name if each row is a file.
    """

    place: int
    problem: str
    given: Mapping[str, object] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True)
class ReadBlock:
    """The content of a block of `count` rows: examples, their places from 0, columns to copy, and the bad rows.

    `examples` is None without a good row.
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
        """The type of each copied column; nothing for texts."""

    @property
    def name(self) -> str:
        """How the answers call it."""

    @property
    def size(self) -> int:
        """Where the last block ends, in the unit of their beginnings: bytes, rows or files."""

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
    """Encode the good records and name the problems of the others; it looks at each alone only if one is bad.

    The records and their `kept` columns stand at `places` of the block. The rest of its `count` rows are `torn`.
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
