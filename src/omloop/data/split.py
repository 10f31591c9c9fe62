"""Splitting by content: a record's part depends on the record and the seed alone.

So a record never changes its part when others come or go. No later model trains on records that tested an earlier
model, and equal records always lie in one part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ConfigError


def record_keys(records: Columns, names: Sequence[str]) -> NDArray[np.str_]:
    """A 32-digit name of each record's content over the columns called `names`; shape (n,)."""
    return np.array([_digest(values) for values in zip(*(records[name] for name in names), strict=True)])


def assign(keys: NDArray[np.str_], *, seed: int, validation: float, test: float) -> NDArray[np.int64]:
    """The part of each key: 0 train, 1 validation, 2 test; each with its share of the keys on average.

    >>> assign(np.array(["a", "b", "c", "d"]), seed=0, validation=0.25, test=0.25)
    array([0, 1, 0, 2])
    """
    require_shares(validation, test)
    drawn = places(keys, seed)
    return np.where(drawn < test, 2, np.where(drawn < test + validation, 1, 0))


def drawn(keys: NDArray[np.str_], share: float, *, seed: int) -> NDArray[np.bool_]:
    """Whether each key is among the `share` of them, on average, that the seed draws; equal keys go together.

    >>> drawn(np.array(["a", "b", "b", "c"]), 0.5, seed=1)
    array([False,  True,  True, False])
    """
    return places(keys, seed) < share


def places(keys: NDArray[np.str_], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) that looks uniform over keys, shape (n,); another seed gives others."""
    return np.array([_place(f"{seed}:{key}") for key in keys])


@dataclass(frozen=True)
class Shares:
    """The share of the records that each of two parts gets; the rest is for training."""

    validation: float = 0.1
    test: float = 0.1


TENTHS = Shares()


def require_shares(validation: float, test: float) -> None:
    """Let shares pass that leave something to train on; raises ConfigError for others."""
    if not (validation > 0 and test > 0 and validation + test < 1):
        raise ConfigError(
            f"split.validation={validation} and split.test={test} must be above 0 and leave something to train on."
        )


def dealt(
    parts: Sequence[object] | NDArray[np.generic], keys: NDArray[np.str_], *, seed: int, validation: float, test: float
) -> NDArray[np.int64]:
    """The part of each record where the publisher dealt them: `test` is 2, `validation` 1, anything else 0.

    If the publisher dealt no record to validation, that part gets the share `validation` of the others, by key and
    seed. A record of no part at all (None), which came later, goes to the test part by key and seed as `assign` would
    send it.

    >>> dealt(["test", "train", "train"], np.array(["a", "b", "c"]), seed=0, validation=0.5, test=0.1)
    array([2, 1, 0])
    """
    place = np.array([{"test": 2, "validation": 1}.get(str(part), 0) for part in parts])
    validated = (place == 1).any()
    undealt = np.array([part is None for part in parts])
    if undealt.any():
        later = assign(keys, seed=seed, validation=validation, test=test) == 2
        place[undealt & later] = 2
    if not validated:
        place[(place == 0) & drawn(keys, validation, seed=seed)] = 1
    return place


def fingerprint(keys: Iterable[str]) -> str:
    """SHA-256 over all keys, whatever their order."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


def _place(key: str) -> float:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=6).digest(), "big") / 2**48


def _digest(values: tuple[object, ...]) -> str:
    content = b"\x1f".join(_content(value) for value in values)
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _content(value: object) -> bytes:
    if isinstance(value, np.ndarray):
        return value.tobytes()  # its text leaves out most of a large one
    return value if isinstance(value, bytes) else str(value).encode()
