"""Records whose order says something of the target are told; sorted by class, or in no order, they are not."""

import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Columns, Finding, Project
from omloop.data import Identity, prepare
from omloop.data.order import class_likeness, number_likeness
from omloop.data.quality.quality import find_oddities
from omloop.kinds import Classes, Column, Number, Table

ROWS = 400
DRAW = np.random.default_rng(11)
NUMBER = Project(
    name="toy",
    summary="A toy.",
    inputs=Table((Column("x", "number"),)),
    outputs=Number("y"),
    target="y",
    models={},
    baseline="mean",
    simulate=lambda *_: {},
    ignored={"when": "a time", "shop": "a place"},
)
MOODS = replace(NUMBER, outputs=Classes("y", ("calm", "cross", "glad")))


def found(records: Columns, project: Project = NUMBER, *, by: str = "") -> Finding | None:
    identity = Identity.of(project, records, by=by)
    dataset = prepare(project, records, project.inputs, seed=0, identity=identity)
    told = find_oddities(project, project.inputs, records, dataset, identity)
    return next((finding for finding in told if finding.check == "order"), None)


def noise(rows: int = ROWS) -> Any:
    return np.random.default_rng(5).normal(size=rows)


def days(rows: int = ROWS) -> list[str]:
    return [str(day) for day in np.datetime64("2021-03-01") + np.arange(rows)]


WALK = np.cumsum(DRAW.normal(size=ROWS))


def test_a_walk_is_a_warning_that_says_what_to_do() -> None:
    told = found({"x": noise(), "y": WALK})
    assert told is not None and told.severity == "warning"
    assert "rank correlation 0.9" in told.message and "split.by=COLUMN" in told.message


def test_a_column_of_dates_is_named_if_the_records_are_in_its_order() -> None:
    told = found({"x": noise(), "when": days()[::-1], "y": WALK})
    assert told is not None and "split.by=when" in told.message
    told = found({"x": noise(), "when": DRAW.permutation(days()), "y": WALK})
    assert told is not None and "split.by=COLUMN" in told.message


def test_a_feature_that_counts_like_a_clock_is_named_as_a_time() -> None:
    told = found({"x": np.arange(ROWS) * 0.25, "y": WALK})
    assert told is not None and (told.severity, "split.by=x" in told.message) == ("warning", True)


def test_records_sorted_by_a_feature_are_a_note_that_names_it() -> None:
    x = np.sort(noise())
    told = found({"x": x, "y": x + noise()[::-1]})
    assert told is not None and told.severity == "note" and "sorted by 'x'" in told.message


def test_records_sorted_by_the_target_are_a_note() -> None:
    told = found({"x": noise(), "y": np.sort(noise())})
    assert told is not None and told.severity == "note" and "sorted by the target 'y'" in told.message


def test_nothing_is_told_once_the_split_goes_by_time_or_the_publisher_dealt_the_parts() -> None:
    records = {"x": noise(), "when": days(), "y": WALK}
    assert found(records, by="when") is None
    parts = ["test" if row % 7 == 0 else "train" for row in range(ROWS)]
    assert found({**records, "part": parts}, replace(NUMBER, part="part")) is None


@pytest.mark.parametrize("y", [noise(), np.round(noise()), np.where(noise() > 1, noise(), 0)])
def test_records_in_no_order_are_nothing_odd(y: Any) -> None:
    assert found({"x": noise()[::-1], "y": y}) is None


def moods(*counts: tuple[str, int]) -> list[str]:
    return [mood for mood, count in counts for _ in range(count)]


@pytest.mark.parametrize(
    "y",
    [
        moods(("calm", 200), ("glad", 50), ("cross", 150)),
        moods(("calm", 200), ("cross", 50), ("glad", 70), ("calm", 40), ("cross", 20), ("glad", 20)),
        [("calm", "cross", "glad")[row] for row in np.random.default_rng(2).integers(0, 3, ROWS)],
    ],
)
def test_records_sorted_by_class_or_read_from_two_sets_of_folders_are_nothing_odd(y: list[str]) -> None:
    assert found({"x": noise(), "y": y}, MOODS) is None


def test_classes_that_last_a_while_are_a_warning() -> None:
    """As the states of a machine do."""
    stays, y = DRAW.random(ROWS) < 0.8, ["calm"]
    for stay in stays[1:]:
        y.append(y[-1] if stay else str(DRAW.choice(["calm", "cross", "glad"])))
    told = found({"x": noise(), "y": y}, MOODS)
    assert told is not None and told.severity == "warning" and "differ in class" in told.message


def test_groups_and_repeats_that_lie_together_are_counted_once() -> None:
    """Their records stay in one part, so neighbours flatter nothing."""
    level = np.repeat(DRAW.normal(size=ROWS // 4), 4)
    grouped = {"x": noise(), "shop": np.repeat(np.arange(ROWS // 4), 4), "y": level + noise() / 10}
    assert found(grouped) is not None
    assert found(grouped, replace(NUMBER, group="shop")) is None
    assert found({"x": np.repeat(noise(ROWS // 4), 4), "y": level}) is None


def test_live_records_are_left_out() -> None:
    """They are in the order of time anyway, and are not the source's."""
    y = np.concatenate([noise(200), WALK[:200]])
    records = {"x": noise(), "y": y}
    identity = Identity.of(NUMBER, records)
    live = replace(identity, predictions=np.repeat(np.array([0, 1], np.uint64), 200))
    dataset = prepare(NUMBER, records, NUMBER.inputs, seed=0, identity=identity)
    told = [one.check for one in find_oddities(NUMBER, NUMBER.inputs, records, dataset, live)]
    assert "order" not in told and found(records) is not None


def test_likeness_is_beyond_chance_in_few_of_many_shuffles() -> None:
    """At most 3 of 2,000, where one in 10,000 is promised: for numbers, and for a class of one in twelve."""
    draw = np.random.default_rng(3)
    rare = [class_likeness((draw.random(700) < 0.085) * 1.0).beyond_chance for _ in range(2000)]
    heavy = [number_likeness(draw.standard_t(1, 300)).beyond_chance for _ in range(2000)]
    assert sum(rare) <= 3 and sum(heavy) <= 3


def test_the_real_faces_are_in_no_order_of_time() -> None:
    """Classes lie in folders, one after the other, in two sets of folders."""
    root = Path(os.environ.get("OMLOOP_DATA", Path(__file__).parents[3] / "shared" / "data"))
    path = root / "emotion" / "fer2013_images.zip"
    if not path.is_file():
        pytest.skip(f"needs the real data; set OMLOOP_DATA to the folder that holds {path}")
    with zipfile.ZipFile(path) as archive:
        y = [name.split("/")[1] for name in archive.namelist() if name.endswith(".jpg")]
    project = replace(NUMBER, outputs=Classes("y", tuple(sorted(set(y)))))
    assert found({"x": noise(len(y)), "y": y}, project) is None
