"""What becomes of labels that come in: new, said before, contradicting, or of no prediction that we know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from omloop.core import Label, Receipt
from omloop.monitor.log.records import LabelRecord, to_json


@dataclass(frozen=True)
class LabelState:
    """The labels of a prediction: how many came so far, and the last of them."""

    number: int = 0
    label: Any = None


def judge(labels: Sequence[Label], known: Mapping[str, LabelState]) -> tuple[Receipt, list[LabelRecord]]:
    """Compare `labels` with the `known` ones, by prediction id; return the receipt and the labels to keep.

    The receipt counts every label once. It does not keep an equal label twice; of contradicting ones the last counts.
    Raises DataError for a label that is no JSON value.

    >>> labels = [Label("a", 1.0, 0.0), Label("a", 1.0, 5.0), Label("a", 2.0, 9.0), Label("b", 1.0, 9.0)]
    >>> receipt, kept = judge(labels, {"a": LabelState()})
    >>> receipt
    Receipt(accepted=1, repeated=1, changed=1, unknown=('b',))
    >>> [record.number for record in kept]
    [1, 2]
    """
    latest = dict(known)
    counts = {"accepted": 0, "repeated": 0, "changed": 0}
    unknown, kept = [], []
    for label in labels:
        before = latest.get(label.id)
        if before is None:
            unknown.append(label.id)
            continue
        answer = _compare(label, before)
        counts[answer] += 1
        if answer != "repeated":
            latest[label.id] = LabelState(before.number + 1, label.label)
            kept.append(LabelRecord(label.id, msgspec.Raw(to_json(label.label)), label.time, before.number + 1))
    return Receipt(**counts, unknown=tuple(unknown)), kept


def _compare(label: Label, before: LabelState) -> str:
    if before.number == 0:
        return "accepted"
    return "repeated" if label.label == before.label else "changed"
