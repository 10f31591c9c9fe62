"""A table that a graph looks whole numbers up in: hash and displace (Belazzougui, Botelho and Dietzfelbinger, 2009).

Each key has its own slot, found by one division and one displacement. Comparing a number with the one key in its slot
tells whether the table has it. ONNX has no other way of finding a number among many.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

BUCKET = 3
"""Keys that share a displacement, on average: more make a smaller table, and take longer to be placed."""
SPARE = 1.3
"""Slots for each key."""
EMPTY = -1


@dataclass(frozen=True)
class HashTable:
    """Slots for keys: the key `k` has the slot `(k // buckets + displacements[k % buckets]) % slots`.

    `places`, int64 of shape (slots,), says which of the keys has the slot, or `EMPTY`.
    """

    displacements: NDArray[np.int32]
    places: NDArray[np.int64]

    def slots_of(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slot in which each key must lie, if it is there at all."""
        count = len(self.displacements)
        return np.asarray((keys // count + self.displacements[keys % count]) % len(self.places))


def hash_table(keys: NDArray[np.int64]) -> HashTable:
    """A table of different keys, whole numbers from 0 to `2**31`; the same keys give the same table."""
    count = max(1, len(keys) // BUCKET)
    size = max(2, int(len(keys) * SPARE))
    while len(np.unique(keys % count * size + keys // count % size)) < len(keys):
        size += 1  # two keys of one bucket would lie in one slot whatever displaces them
    bucket, step = keys % count, keys // count % size
    order = np.argsort(bucket, kind="stable")
    sizes = np.bincount(bucket, minlength=count)
    ends = np.cumsum(sizes)
    steps, taken, displaced = step[order].tolist(), bytearray(size), np.zeros(count, np.int32)
    random = Random(0)
    for place in np.argsort(-sizes, kind="stable").tolist():
        mine = steps[ends[place] - sizes[place] : ends[place]]
        if not mine:
            break
        by = random.randrange(size)
        while any(taken[(one + by) % size] for one in mine):
            by = random.randrange(size)
        displaced[place] = by
        for one in mine:
            taken[(one + by) % size] = 1
    places = np.full(size, EMPTY, np.int64)
    places[(step + displaced[bucket]) % size] = np.arange(len(keys))
    return HashTable(displaced, places)
