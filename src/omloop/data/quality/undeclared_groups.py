"""Looking for groups that nobody declared: records of one patient or one film that the split deals to both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Finding
from omloop.data.quality.alone import LEAST, Score, Side, scores_alone

if TYPE_CHECKING:
    from omloop.data.quality.pool import Pool

SCORE = 0.8
"""Score from which a group's other records give the target of a held-out one away."""
LEAST_SIZE, MOST_SIZE = 1.1, 50.0
"""Records that one value has on average, if it names a thing that was looked at more than once."""


def undeclared_groups(pool: Pool) -> Finding | None:
    """Columns that are no features whose values name groups, each of about one target, on both sides of the split.

    A model may know the group by what it reads: a face, a handwriting, a device.
    """
    if pool.project.group is not None:
        return None
    found = {}
    for name in pool.project.ignored:
        if name in pool.records and (score := _score_in(pool, _numbered(pool.column(name)))):
            found[name] = f"'{name}' ({100 * score.value:.0f} % of the target follows)"
    if not found:
        return None
    message = (
        f"records that share a value of {', '.join(found.values())} have about one target, and lie in training and in "
        "validation or test. If it names a thing that was looked at more than once, declare it as the project's `group`"
    )
    return Finding("undeclared groups", "warning", len(found), message)


def _numbered(values: Sequence[object] | NDArray[Any]) -> NDArray[np.float64]:
    """A number for each different value; shape (n,). None at all for numbers with a fraction, which name nothing."""
    try:
        numbers = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return np.unique([str(value) for value in values], return_inverse=True)[1].astype(np.float64)
    return numbers if (numbers == np.floor(numbers)).all() else np.empty(0)


def _score_in(pool: Pool, groups: NDArray[np.float64]) -> Score | None:
    if not len(groups):
        return None
    targets = np.asarray(pool.targets, np.float64)
    return group_score(groups, targets, pool.place == 0, words=bool(pool.classes))


def group_score(
    groups: NDArray[np.float64], targets: NDArray[np.float64], train: NDArray[np.bool_], *, words: bool
) -> Score | None:
    """The score of a record's group on held-out records of groups that training has too; None if it gives little away.

    The arrays have shape (n,). `train` marks the training records. `words` says that the targets have no order.
    """
    if not LEAST_SIZE <= len(groups) / len(np.unique(groups)) <= MOST_SIZE:
        return None
    known = ~train & np.isin(groups, groups[train])
    if known.sum() < max(LEAST, (~train).sum() / 10):
        return None
    target = Side(targets[train], targets[known], words=words)
    score = scores_alone({"group": Side(groups[train], groups[known], words=True)}, target).get("group")
    return score if score is not None and score.value - score.error >= SCORE else None
