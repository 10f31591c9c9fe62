"""What the door refuses, as a watch sees it: a column of the drift detector, and a fault with a field's name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Reference
from omloop.bundle.reference.reference import OUTCOME, OUTCOMES
from omloop.core import BODY, RecordEncoder
from omloop.loop.records.faults import ColumnFault

REASONS = OUTCOMES[1:]
WORDS = {"empty": "is missing", "undecodable": "cannot be read", "refused": "does not fit"}


def door_of(kind: RecordEncoder) -> list[tuple[str, str]]:
    """Every field that can cause a refusal, with every reason."""
    return [(field, reason) for field in (*kind.fields, BODY) for reason in REASONS]


def is_watched(reference: Reference) -> bool:
    """Whether the reference has a column for refusals, not a project's own column of that name."""
    return OUTCOME in reference.columns and reference.columns[OUTCOME].categories == OUTCOMES


def fault_of(names: list[tuple[str, str]], refused: NDArray[np.int64], answered: int) -> ColumnFault:
    """The fault of refused rows, of shape (names,), beside answered ones; it names the most frequent field."""
    total, worst = int(refused.sum()), int(refused.argmax())
    field, reason = names[worst]
    what = "the body" if field == BODY else field
    return ColumnFault(
        OUTCOME,
        f"{field} {reason}",
        f"{total / (total + answered):.0%} of the requests are refused: {what} {WORDS[reason]} "
        f"({int(refused[worst]):,} of {total + answered:,})",
    )
