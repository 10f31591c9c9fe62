"""A map of examples in two dimensions, by their neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

MOST = 1_000
"""Points of a t-SNE map: with more it takes minutes, and shows no more."""
PERPLEXITY = 30.0


def neighbour_map(coordinates: NumberArray, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The t-SNE map of examples, shape (m, 2), and which of the n they are: at even distances, 1,000 at most.

    van der Maaten and Hinton 2008, "Visualizing Data using t-SNE". Needs four examples at least.
    """
    from sklearn.manifold import TSNE

    rows = np.linspace(0, len(coordinates) - 1, min(MOST, len(coordinates))).astype(np.int64)
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    found = TSNE(perplexity=perplexity, random_state=seed)
    return np.asarray(found.fit_transform(np.asarray(coordinates, np.float64)[rows]), np.float64), rows
