"""Identifies records, whatever columns a model learns from and whatever the notation of numbers."""

from __future__ import annotations

import hashlib
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import KEY_BYTES, TrainingKeys
from omloop.core import Columns, Project
from omloop.data.absent import is_absent
from omloop.data.by_time import Times, times_of
from omloop.data.split import record_keys

PREDICTION = "omloop prediction"
"""Stands for a column if a live record's identity is its prediction."""


WHOLE = re.compile(r"^(-?\d+)\.0+$")
"""The ending of a whole number in a column read as floats."""
_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Identity:
    """The identity of each record; all arrays have shape (n,), in the order of the records.

    The split goes by `deal`. `keys` are numbers, equal for equal records. They come from the columns `by`: the group,
    the id, or the inputs and the target. `predictions` are the same of the prediction that a live record was, and 0 for
    others. `times` says when each came, if the split goes by time.
    """

    by: tuple[str, ...]
    deal: NDArray[np.str_]
    keys: NDArray[np.uint64]
    predictions: NDArray[np.uint64]
    times: Times | None = None

    @classmethod
    def of(cls, project: Project, records: Columns, *, by: str = "") -> Self:
        """Of a source's records, which have all columns of the project; `by` is the column of times to split by.

        Raises ConfigError if there is no such column, and DataError for unreadable times.
        """
        times, names = times_of(_dated(project, records, by), by) if by else None, named_by(project)
        if by and names == (*project.inputs.fields, project.target):  # the same again, later, is another record
            names = (*names, by)
        keys = content_keys(records, names)
        return cls(names, record_keys(records, names), keys, np.zeros(len(keys), np.uint64), times)

    def __add__(self, other: Identity) -> Identity:
        deal, keys = np.concatenate([self.deal, other.deal]), np.concatenate([self.keys, other.keys])
        times = self.times + other.times if self.times and other.times else None
        return Identity(self.by, deal, keys, np.concatenate([self.predictions, other.predictions]), times)

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which records were live."""
        return self.predictions > 0

    def training_keys(self, rows: Sequence[int]) -> TrainingKeys:
        """What a version keeps that learned from the records at some positions."""
        chosen = np.asarray(rows, np.int64)
        return TrainingKeys.of(self.by, np.concatenate([self.keys[chosen], self.predictions[chosen]]))

    def among(self, learned: TrainingKeys, records: Columns) -> NDArray[np.bool_] | None:
        """Which records are in `learned`; None if `records` lack a column of its keys."""
        keys = self._by(learned.by, records)
        return None if keys is None else learned.holds(keys) | learned.holds(self.predictions)

    def share_of(self, learned: TrainingKeys, records: Columns) -> float:
        """The share of the training records among these records; 0 if unknown."""
        keys, known = self._by(learned.by, records), learned.numbers
        if keys is None or not len(known):
            return 0.0
        return float(np.isin(known, np.concatenate([keys, self.predictions])).mean())

    def _by(self, names: tuple[str, ...], records: Columns) -> NDArray[np.uint64] | None:
        if names == self.by:
            return self.keys
        return content_keys(records, names) if set(names) <= set(records) else None


def _dated(project: Project, records: Columns, by: str) -> Columns:
    """The records with the dates of `by` in ISO 8601, if the inputs say their format."""
    if by not in project.inputs.dates or by not in records:
        return records
    alone = project.inputs.select([by])
    return {**records, by: [row[by] for row in alone.render(alone.encode({by: records[by]}))]}


def named_by(project: Project) -> tuple[str, ...]:
    """The columns that say which record is which: the group's, else the id's, else all inputs and the target.

    All inputs of the project count, not the features in use: leaving some out makes no record another.
    """
    if project.group:
        return (project.group,)
    if project.id:
        return (project.id,)
    return (*project.inputs.fields, project.target)


def content_keys(records: Columns, names: Sequence[str]) -> NDArray[np.uint64]:
    """A number below `2**40` for each record's content over `names`, above 0; shape (n,).

    It is the same for 3.4, "3.40" and 3.4 in float32, and for None, NaN and "". A single column holds names: of those
    only 17 and "17.0" are the same.

    >>> one, same, other = content_keys({"hours": [3.4, "3.40", "3.5"], "sex": ["m", "m", "m"]}, ["hours", "sex"])
    >>> bool(one == same), bool(one == other)
    (True, False)
    """
    start = hashlib.blake2b("\x1f".join(names).encode(), digest_size=KEY_BYTES)

    def number(content: bytes) -> int:
        digest = start.copy()
        digest.update(content)
        return max(1, int.from_bytes(digest.digest(), "big"))

    size = len(records[names[0]])
    keys = np.empty(size, np.uint64)
    for begin in range(0, size, _AT_ONCE):  # a value's content takes some 50 bytes
        some = slice(begin, min(begin + _AT_ONCE, size))
        columns = [_contents(records[name][some], exact=len(names) == 1) for name in names]
        keys[some] = np.fromiter((number(b"".join(row)) for row in zip(*columns, strict=True)), np.uint64)
    return keys


def _contents(values: Sequence[object] | NDArray[np.generic], *, exact: bool) -> list[bytes]:
    """Each value's content behind its length; it reads a column of only numbers at once."""
    numbers = None if exact or not len(values) or isinstance(values[0], bytes | np.ndarray) else _numbers(values)
    if numbers is None:
        plain = (_plain(value, exact=exact) for value in values)
        return [len(content).to_bytes(4, "big") + content for content in plain]
    content = np.zeros((len(numbers), 8), np.uint8)
    content[:, 3], content[:, 4:] = 4, numbers.view(np.uint8).reshape(-1, 4)
    found: list[bytes] = content.reshape(-1).view("V8").tolist()
    return found


def _numbers(values: Sequence[object] | NDArray[np.generic]) -> NDArray[np.float32] | None:
    """The values in float32 where all of them are finite numbers, or texts of such."""
    given = np.asarray(values)
    if given.dtype.kind not in "iufU" or given.ndim != 1:
        return None
    try:
        with np.errstate(over="ignore"):
            found = (given.astype(np.float64) + 0.0).astype("<f4")  # -0.0 is 0
    except ValueError:
        return None
    return found if np.isfinite(found).all() else None


def _plain(value: object, *, exact: bool) -> bytes:
    """A value without its notation, or with it if it is `exact`, a name."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if is_absent(value):
        return b""
    text = str(value)
    if exact:
        return WHOLE.sub(r"\1", text).encode(errors="surrogatepass")
    try:
        found = float(text)
        return struct.pack("<f", found + 0.0) if math.isfinite(found) else text.encode()  # -0.0 is 0
    except (ValueError, OverflowError):
        return text.encode(errors="surrogatepass")
