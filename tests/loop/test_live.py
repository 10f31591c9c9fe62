"""Labelled live predictions as records to learn from."""

from dataclasses import replace

from omloop.bundle import Classes, Text
from omloop.core import Prediction, Project, Window
from omloop.data import prepare
from omloop.loop.live import live_records

MOOD = Classes("mood", ("sad", "calm", "happy"))


def test_live_labels_of_other_classes_are_left_out(student: Project) -> None:
    """A champion of eight classes leaves labels that a project of seven does not know."""
    kind = Text("review")
    labels = {"a": "sad", "b": "calm", "c": "happy"}
    inputs = {"a": {"review": "one"}, "b": {"review": "two"}, "c": {"length": 5.0}}
    window = Window(tuple(Prediction(key, 0.0, "v", row, {}, 1.0) for key, row in inputs.items()), labels)
    project = replace(student, outputs=MOOD, target="mood", inputs=kind)
    assert live_records(project, kind, window) == {"review": ["one", "two"], "mood": ["sad", "calm"]}
    fewer = replace(project, outputs=MOOD.select(["sad", "happy"]))
    assert live_records(fewer, kind, window) == {"review": ["one"], "mood": ["sad"]}


def test_live_predictions_are_groups_of_their_own_and_dealt_to_no_part(student: Project) -> None:
    """A project with both is split as before, and the publisher's test part stays what it was."""
    kind = Text("review")
    window = Window((Prediction("a", 0.0, "v", {"review": "new"}, {}, 1.0),), {"a": "sad"})
    project = replace(student, outputs=MOOD, target="mood", inputs=kind, group="film", part="part")
    live = live_records(project, kind, window)
    assert live == {"review": ["new"], "mood": ["sad"], "film": ["live a"], "part": [None]}
    rows = 200
    records = {
        "review": [f"review {row}" for row in range(rows)],
        "mood": ["sad"] * rows,
        "film": [f"film {row // 2}" for row in range(rows)],
        "part": ["test" if row % 10 < 2 else "train" for row in range(rows)],
    }
    many = {name: [*records[name], *values * 50] for name, values in live.items()}
    many["film"][rows:] = [f"live {row}" for row in range(50)]
    before, after = (prepare(project, found, kind, seed=1) for found in (records, many))
    assert set(before.test.rows) == {row for row in after.test.rows if row < rows}
    assert 0 < sum(row >= rows for row in after.test.rows) < 20
    assert len(after.validation) >= len(before.validation) > 0
