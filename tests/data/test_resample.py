"""What a project made from a file simulates: records of the same form, which can drift."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from omloop.core import DataError
from omloop.data import Resample, sample_of, write_sample
from omloop.kinds import Column, Image, Table, Text

TABLE = Table(
    (
        Column("price", "number", low=0, high=100),
        Column("rooms", "integer", missing=True),
        Column("garden", "boolean"),
        Column("town", "category", categories=("Bonn", "Ulm"), other="other"),
        Column("sold", "date"),
    )
)
RECORDS = {
    "price": [str(10 + row) for row in range(40)],
    "rooms": ["" if row % 5 == 0 else str(row % 4) for row in range(40)],
    "garden": ["true" if row % 2 else "false" for row in range(40)],
    "town": ["Bonn" if row % 4 else "Ulm" for row in range(40)],
    "sold": [f"2024-01-{1 + row % 28:02}" for row in range(40)],
    "fast": ["yes" if row > 30 else "no" for row in range(40)],
    "number": list(range(40)),
}


@pytest.fixture
def draw(tmp_path: Path) -> Resample:
    write_sample(RECORDS, range(40), tmp_path / "sample.parquet")
    return Resample(tmp_path / "sample.parquet", TABLE, id="number")


def test_drawn_records_are_accepted_and_the_same_for_the_same_seed(draw: Resample) -> None:
    first, again, other = draw(200, 1, 0.5), draw(200, 1, 0.5), draw(200, 2, 0.5)
    np.testing.assert_array_equal(TABLE.encode(first), TABLE.encode(again))
    assert not np.array_equal(TABLE.encode(first), TABLE.encode(other), equal_nan=True)
    assert list(first["number"]) == list(range(1, 201)) and set(first) == set(RECORDS)
    assert 0.1 < np.isnan(TABLE.encode(first)[:, 1]).mean() < 0.3


def test_drift_moves_numbers_where_few_were_and_no_target(draw: Resample) -> None:
    before, half, after = (draw(400, 3, drift) for drift in (0.0, 0.5, 1.0))
    prices = [TABLE.encode(records)[:, 0] for records in (before, half, after)]
    assert prices[2].mean() > prices[0].mean() + 10 and prices[2].max() <= 100
    moved = [np.abs(one - prices[0]) > 5 for one in prices[1:]]
    assert moved[0].any() and not (moved[0] & ~moved[1]).any()
    assert list(before["fast"]) == list(half["fast"]) == list(after["fast"])
    assert list(after["town"]) == list(before["town"])


def test_without_numbers_words_and_booleans_move(tmp_path: Path) -> None:
    write_sample(RECORDS, range(40), tmp_path / "sample.parquet")
    draw = Resample(tmp_path / "sample.parquet", TABLE.select(["garden", "town"]))
    before, after = draw(400, 3, 0.0), draw(400, 3, 1.0)
    assert list(after["town"]).count("Ulm") > 2 * list(before["town"]).count("Ulm")
    assert all(one != other for one, other in zip(before["garden"], after["garden"], strict=True))


def test_texts_are_of_new_words_and_pictures_dark(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Pillow.new("RGB", (8, 8), (240, 120, 30)).save(buffer, "PNG")
    write_sample({"review": ["one two three four five six"] * 4, "y": [1, 2, 1, 2]}, range(4), tmp_path / "t.parquet")
    write_sample({"image": [buffer.getvalue()] * 4, "y": [1, 2, 1, 2]}, range(4), tmp_path / "p.parquet")
    assert set(Resample(tmp_path / "t.parquet", Text("review"))(9, 1, 1.0)["review"]) == {"eno owt eerht ruof evif xis"}
    pictures = Resample(tmp_path / "p.parquet", Image(8, 8, 3))
    light = [Image(8, 8, 3).encode(pictures(5, 1, drift))["pixels"].mean() for drift in (0.0, 1.0)]
    assert light[1] == pytest.approx(light[0] / 3, rel=0.02)


def test_a_sample_has_some_of_every_class() -> None:
    rows = sample_of({"y": ["common"] * 990 + ["rare"] * 10}, "y", most=50, least=8)
    assert len([row for row in rows if row >= 990]) >= 8 and len(rows) < 70


def test_a_sample_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing can be simulated"):
        Resample(tmp_path / "none.parquet", TABLE)(5, 1, 0.0)
