"""What the door refuses, as a watch sees it: a column of the drift detector, and a fault with a field's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Reference
from omloop.bundle.reference.reference import OUTCOME, OUTCOMES
from omloop.core import BODY, Kind
from omloop.loop.turn.faults import ABSENT, Fault

if TYPE_CHECKING:
    from omloop.loop.watch.counts import Counted

REASONS = OUTCOMES[1:]
WORDS = {"empty": "is missing", "undecodable": "cannot be read", "refused": "does not fit"}


def door_of(kind: Kind) -> list[tuple[str, str]]:
    """Every field that a request can be refused for, with every reason."""
    return [(field, reason) for field in (*kind.fields, BODY) for reason in REASONS]


def is_watched(reference: Reference) -> bool:
    """Whether the reference has a column for the door, which is not a project's own of that name."""
    return OUTCOME in reference.columns and reference.columns[OUTCOME].categories == OUTCOMES


def with_refusals(reference: Reference, counted: Counted) -> NDArray[np.int64]:
    """The counts of whole buckets, with what was refused where that was more than a few.

    A public server always refuses some. A bucket with a smaller share than `ABSENT` of its requests refused counts as
    one with none. References of an older omloop have no place for it: they stay as they are.
    """
    refused = counted.refused[: counted.whole]
    if not is_watched(reference) or not len(refused):
        return counted.buckets
    rows = refused.reshape(len(refused), -1, len(REASONS)).sum(axis=1)
    rows[rows.sum(axis=1) < ABSENT * (rows.sum(axis=1) + counted.bucket)] = 0
    bucket, reason = np.nonzero(rows)
    times = rows[bucket, reason]
    return reference.with_refusals(counted.buckets, np.repeat(bucket, times), np.repeat(1 + reason, times))


def fault_of(names: list[tuple[str, str]], refused: NDArray[np.int64], answered: int) -> Fault:
    """The fault that rows were refused, of shape (names,), while others were answered; the field told most is named."""
    total, worst = int(refused.sum()), int(refused.argmax())
    field, reason = names[worst]
    what = "the body" if field == BODY else field
    return Fault(
        OUTCOME,
        f"{field} {reason}",
        f"{total / (total + answered):.0%} of the requests are refused: {what} {WORDS[reason]} "
        f"({int(refused[worst]):,} of {total + answered:,})",
    )
