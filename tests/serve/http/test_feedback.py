import json

import pytest

from omloop.core import Label
from omloop.kinds import Classes, Number
from omloop.serve import Refusal
from omloop.serve.http.feedback import read_labels

SCORE = Number("score", low=0, high=100)


def body(*labels):
    return json.dumps({"labels": [{"id": name, "label": label} for name, label in labels]}).encode()


def test_labels_carry_the_time_at_which_they_became_known():
    labels = read_labels(SCORE, body(("a", 61), ("b", 7.5)), limit=10, moment=5.0)
    assert labels == [Label("a", 61.0, 5.0), Label("b", 7.5, 5.0)]


def test_a_class_is_a_label_too():
    assert read_labels(Classes("mood", ("sad", "ok")), body(("a", "ok")), limit=1, moment=0.0)[0].label == "ok"


def test_a_bad_label_is_named_by_its_place():
    with pytest.raises(Refusal) as refused:
        read_labels(SCORE, body(("a", 61), ("b", 101)), limit=10, moment=0.0)
    assert (refused.value.status, refused.value.field) == (422, "labels[1].label")


def test_more_labels_than_allowed_are_refused():
    with pytest.raises(Refusal, match="at most 1"):
        read_labels(SCORE, body(("a", 61), ("b", 7)), limit=1, moment=0.0)
