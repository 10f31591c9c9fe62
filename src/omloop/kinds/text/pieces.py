"""A text in pieces, its words."""

import numpy as np
from numpy.typing import NDArray

from omloop.core import Pieces
from omloop.kinds.text.wire import as_texts

MOST = 32
"""Pieces at most: of a longer text some words that follow each other are one."""
NOTHING = "..."
"""A text without a word."""


def pieces_of_text(text: str) -> Pieces | None:
    """The words, or runs of them, in their order; those that are left out are gone, and none stand in for them."""
    words = text.split()
    if not words:
        return None
    parts = np.array_split(np.arange(len(words)), min(MOST, len(words)))
    runs = [" ".join(words[part[0] : part[-1] + 1]) for part in parts]

    def compose(rows: NDArray[np.integer]) -> NDArray[np.object_]:
        kept = ([run for run, gone in zip(runs, row, strict=True) if not gone] for row in rows.tolist())
        return as_texts([text if len(some) == len(runs) else " ".join(some) or NOTHING for some in kept])

    return Pieces(tuple(runs), (None,) * len(runs), 1, compose)
