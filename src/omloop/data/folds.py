"""Folds for cross-validation: every record has one fold that holds it out, and records of one group share theirs.

As the split does, folds go by content and seed alone, whatever the order of the records.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omloop.data.split import places

STRATA = 10
"""How many ranges of equal mass a number has, so that each fold has small and large ones."""


def folds_of(
    groups: NDArray[np.str_], targets: NDArray[np.generic], count: int, *, seed: int, classes: bool
) -> NDArray[np.int64]:
    """A fold from 0 to `count` - 1 for each record, shape (n,); records of one group share theirs.

    Every fold gets its share of each class, or of small and large numbers, as nearly as groups allow. With fewer groups
    than folds, some folds stay empty.

    >>> folds_of(np.array(["a", "b", "c", "c"]), np.array([0, 0, 1, 1]), 2, seed=0, classes=True).tolist()
    [0, 1, 0, 0]
    """
    strata = np.unique(targets, return_inverse=True)[1] if classes else _ranges(targets)
    names, first, ids = np.unique(groups, return_index=True, return_inverse=True)
    counts = np.zeros((len(names), int(strata.max(initial=0)) + 1), np.int64)
    np.add.at(counts, (ids, strata), 1)
    sizes, drawn = counts.sum(axis=1), places(groups[first], seed)
    held = np.zeros((count, counts.shape[1]), np.int64)
    fold = np.empty(len(names), np.int64)
    # Large groups first: the small ones then even out what those left uneven.
    for group in np.lexsort((drawn, counts.argmax(axis=1), -sizes)):
        mine = counts[group] > 0
        fold[group] = np.lexsort((held.sum(axis=1), held[:, mine].sum(axis=1)))[0]
        held[fold[group]] += counts[group]
    return fold[ids]


def _ranges(targets: NDArray[np.generic]) -> NDArray[np.int64]:
    """Which range of equal mass each number lies in; equal numbers lie in the same."""
    ranks = np.unique(targets, return_inverse=True)[1]
    below = np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=1))[:-1]])
    return np.asarray(below[ranks] * STRATA // max(1, len(targets)), np.int64)
