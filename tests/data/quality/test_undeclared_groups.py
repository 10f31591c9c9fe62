"""Groups that the split tears apart because nobody declared them are named; other columns are not."""

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.core import Columns, Output, Project
from omloop.data import prepare
from omloop.data.quality.quality import find_oddities
from omloop.kinds import Classes, Column, Number, Table

ROWS = 600
DRAW = np.random.default_rng(4)
HOUSE = np.repeat(np.arange(ROWS // 4), 4)
LEVEL = np.repeat(DRAW.normal(size=ROWS // 4), 4) + DRAW.normal(size=ROWS) / 10
ORDER = DRAW.permutation(ROWS)


def found(records: dict[str, Any], outputs: Output | None = None, **more: Any) -> str:
    names = [name for name in records if name not in ("x", "y")]
    table, ignored = Table((Column("x", "number"),)), dict.fromkeys(names, "no feature")
    project = Project(
        "toy", "A toy.", table, outputs or Number("y"), "y", {}, "", lambda *_: {}, ignored=ignored, **more
    )
    whole: Columns = {"x": DRAW.normal(size=len(records["y"])), **records}
    dataset = prepare(project, whole, table, seed=0)
    told = find_oddities(project, table, whole, dataset)
    return next((finding.message for finding in told if finding.check == "undeclared groups"), "")


@pytest.mark.parametrize("house", [HOUSE, [f"house {number}" for number in HOUSE], [str(number) for number in HOUSE]])
def test_a_group_of_about_one_target_is_named(house: Any) -> None:
    said = found({"house": np.asarray(house)[ORDER], "y": LEVEL[ORDER]})
    assert "share a value of 'house' (9" in said and "`group`" in said


def test_a_declared_group_is_nothing_odd() -> None:
    assert found({"house": HOUSE[ORDER], "y": LEVEL[ORDER]}, group="house") == ""


def test_a_name_of_each_record_or_of_a_kind_is_no_group() -> None:
    """Nor is what was computed from the target and is ignored for that."""
    assert found({"number": np.arange(ROWS), "y": LEVEL}) == ""
    assert found({"band": np.where(LEVEL > 0, "high", "low"), "y": LEVEL}) == ""
    assert found({"exact": LEVEL.round(1), "y": LEVEL}) == ""


def test_groups_whose_records_differ_are_nothing_odd() -> None:
    assert found({"house": HOUSE[ORDER], "y": DRAW.normal(size=ROWS)}) == ""


def test_the_real_lesions_are_groups_and_nothing_else_of_them_is() -> None:
    """Each has one diagnosis, whichever of its pictures is taken."""
    root = Path(os.environ.get("OMLOOP_DATA", Path(__file__).parents[4] / "shared" / "data"))
    path = root / "skin_lesion" / "HAM10000_metadata.csv"
    if not path.is_file():
        pytest.skip(f"needs the real data; set OMLOOP_DATA to the folder that holds {path}")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    records = {name: [row[name] for row in rows] for name in rows[0]}
    records["y"] = records.pop("dx")
    outputs = Classes("y", tuple(sorted(set(records["y"]))))
    said = found(records, outputs)
    assert "share a value of 'lesion_id' (" in said and said.count("follows") == 1


def test_nothing_is_odd_without_held_out_records_of_known_groups() -> None:
    small = {"house": HOUSE[:40], "y": LEVEL[:40]}
    assert found(small) == ""
