"""A text of a table as numbers: how many words it has, and how often words of each hash come."""

from collections.abc import Sequence
from unicodedata import normalize
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from omloop.kinds.text.grams import count_grams

PROJECTIONS = 8
"""Numbers that show drift detection which words texts have, as `omloop.kinds.text.numbers` has them."""


def count_words(texts: Sequence[str], size: int) -> NDArray[np.float32]:
    """Words by hash, in any language; shape (n, size). See `omloop.kinds.text.grams`."""
    counts = np.zeros((len(texts), size), np.float32)
    if len(texts):
        rows, places, found = count_grams([normalize("NFC", text) for text in texts], 1, size + 1)
        counts[rows, places - 1] = found
    return counts


def project_words(counts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Eight sums of the counts, each with signs of its own, by the root of their number; shape (n, 8).

    Random projections (Achlioptas 2003, "Database-friendly random projections"): where other words come, their means
    are others. NaN where the counts are.
    """
    hashes = np.array([crc32(b"%d" % place) for place in range(counts.shape[1])], np.int64)
    signs = 1.0 - 2 * (hashes[:, None] >> np.arange(PROJECTIONS) & 1)
    projected: NDArray[np.float64] = counts @ signs / np.sqrt(np.maximum(1.0, counts.sum(axis=1)))[:, None]
    return projected
