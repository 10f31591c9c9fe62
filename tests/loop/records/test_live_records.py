"""Labelled live predictions as records to learn from."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omloop.core import DataError, Dataset, Part, Prediction, Project, Window
from omloop.data import Identity, prepare
from omloop.kinds import Classes, Text
from omloop.loop.records.episodes import BrokenSpans
from omloop.loop.records.live_records import LiveChoice, is_live, learned_from, live_records, with_live

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


class OneLabelled:
    """A log of one labelled prediction."""

    def window(self, **_: object) -> Window:
        return Window((Prediction("a", 0.0, "v", {"review": "new"}, {}, 1.0),), {"a": "sad"})

    def close(self) -> None:
        """Nothing is open."""


def test_a_live_record_counts_as_the_others_do_on_average(student: Project) -> None:
    project = replace(student, outputs=MOOD, target="mood", inputs=Text("review"), weight="persons", slices=())
    records = {"review": ["one", "two"], "mood": ["sad", "calm"], "persons": ["1", "5"]}
    log: Any = OneLabelled()
    chosen = LiveChoice(0, 0, BrokenSpans({}))
    found, _, live = with_live(project, project.inputs, records, Identity.of(project, records), log, chosen)
    assert live == 1 and found["persons"] == ["1", "5", 3.0]


@pytest.mark.parametrize(("past", "train", "validation"), [("all", 800, 80), ("balanced", 700, 80), ("none", 200, 20)])
def test_what_of_the_past_is_learned_from(past: str, train: int, validation: int) -> None:
    """Live examples all stay, old ones as many as are asked for, and the test part is what it was."""
    dataset = Dataset(
        a_part(range(600), range(700, 900)), a_part(range(600, 660), range(900, 920)), a_part(range(660, 700)), "f", "s"
    )
    found = learned_from(dataset, 700, past)
    assert (len(found.train), len(found.validation), found.test) == (train, validation, dataset.test)
    assert is_live(found.train, 700).sum() == 200
    assert found.train.examples[:, 0].tolist() == list(found.train.rows) == sorted(found.train.rows)
    assert learned_from(dataset, 920, past) is dataset, "nothing is live"


def test_live_rows_that_are_too_few_to_learn_from_alone_are_refused() -> None:
    dataset = Dataset(a_part(range(600), [700]), a_part(range(600, 660)), a_part(range(660, 700)), "f", "s")
    with pytest.raises(DataError, match="too few labelled live rows. Take data.past=all"):
        learned_from(dataset, 700, "none")


def a_part(*rows: Iterable[int]) -> Part:
    every = [row for some in rows for row in some]
    numbers = np.array(every, np.float32)
    keys = np.array([f"{row * 7919 % 1000:04}" for row in every])
    return Part(numbers[:, None], numbers, keys, {"odd": numbers % 2}, every)
