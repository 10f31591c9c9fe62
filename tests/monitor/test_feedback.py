"""Every label is counted once, and the last of a prediction counts."""

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import Label
from omloop.monitor import LabelState, judge

LABELS = st.lists(
    st.builds(Label, st.sampled_from("abx"), st.sampled_from([1.0, 2.0, "word"]), st.just(0.0)), max_size=8
)
KNOWN = {"a": LabelState(), "b": LabelState(3, 1.0)}


@settings(max_examples=50)
@given(LABELS)
def test_every_label_is_counted_once(labels: list[Label]) -> None:
    receipt, kept = judge(labels, KNOWN)
    assert receipt.accepted + receipt.repeated + receipt.changed + len(receipt.unknown) == len(labels)
    assert len(kept) == receipt.accepted + receipt.changed


@settings(max_examples=50)
@given(LABELS, st.integers(0, 8))
def test_labels_in_two_parts_come_to_the_same_as_in_one(labels: list[Label], cut: int) -> None:
    _, whole = judge(labels, KNOWN)
    _, first = judge(labels[:cut], KNOWN)
    between = KNOWN | {record.id: LabelState(record.number, orjson.loads(bytes(record.label))) for record in first}
    _, second = judge(labels[cut:], between)
    assert first + second == whole


def test_a_label_that_changes_back_is_a_change_again() -> None:
    receipt, kept = judge([Label("b", 2.0, 0.0), Label("b", 1.0, 0.0)], KNOWN)
    assert receipt.changed == 2
    assert [record.number for record in kept] == [4, 5]
