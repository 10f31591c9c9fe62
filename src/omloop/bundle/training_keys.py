"""Which records a version learned from, as a compact set: no later comparison may use rows that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import BundleError

TRAINING_KEYS = "training_keys.json"

KEY_BYTES = 5
"""How many bytes of a record's digest to keep.

With n keys, the chance of taking a new record for a learned one is `n / 2**40`: one in a million for a million learned
records. The other error cannot happen.
"""


@dataclass(frozen=True)
class TrainingKeys:
    """The keys of all records in the training and validation parts; both chose the model.

    `by` names the columns that make a key. `keys` holds them sorted, `KEY_BYTES` bytes each, the largest byte first.
    `false_positives` is the chance of taking another record for one of them.
    """

    by: tuple[str, ...]
    keys: bytes
    false_positives: float

    @classmethod
    def of(cls, by: tuple[str, ...], keys: NDArray[np.uint64]) -> Self:
        """The set of `keys`, whole numbers below `2**40`."""
        known = np.unique(keys[keys > 0])
        content = known.astype(">u8").view(np.uint8).reshape(-1, 8)[:, -KEY_BYTES:].tobytes()
        return cls(by, content, len(known) / 2.0 ** (8 * KEY_BYTES))

    def holds(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of some keys are in the set; shape (n,)."""
        return np.isin(keys, self.numbers)

    @property
    def numbers(self) -> NDArray[np.uint64]:
        """The keys as numbers, sorted; shape (n,)."""
        known = np.frombuffer(self.keys, np.uint8).reshape(-1, KEY_BYTES)
        padded = np.zeros((len(known), 8), np.uint8)
        padded[:, -KEY_BYTES:] = known
        return padded.reshape(-1).view(">u8").astype(np.uint64)

    def encode(self) -> bytes:
        """The content of training_keys.json; the keys are in base64."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def decode_training_keys(content: bytes) -> TrainingKeys:
    """Read training_keys.json; raises BundleError for anything else."""
    try:
        found = msgspec.json.decode(content, type=TrainingKeys)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{TRAINING_KEYS} cannot be read: {error}. Package the model again.") from error
    if len(found.keys) % KEY_BYTES:
        raise BundleError(f"{TRAINING_KEYS} holds part of a key: it was cut. Package the model again.")
    return found


def known_keys(files: Mapping[str, bytes]) -> TrainingKeys | None:
    """The keys among a bundle's files; None where an older omloop packaged it."""
    return decode_training_keys(files[TRAINING_KEYS]) if TRAINING_KEYS in files else None
