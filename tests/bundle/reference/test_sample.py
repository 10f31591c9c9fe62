import msgspec
import numpy as np

from omloop.bundle import Sample

ROWS = {"hours": np.array([1.5, np.nan, 3.0]), "sex": np.array([0.0, 1.0, 1.0])}


def test_rows_come_back_as_they_went() -> None:
    sample = Sample.of(ROWS, [{"text": "a"}] * 3)
    again = msgspec.json.decode(msgspec.json.encode(sample), type=Sample)
    np.testing.assert_equal(again.observed, ROWS)
    assert again.glimpses == [{"text": "a"}] * 3


def test_glimpses_are_kept_as_long_as_there_is_room() -> None:
    sample = Sample.of(ROWS, [{"image": "x" * 900_000}] * 3)
    assert len(sample.glimpses) == 2 and len(sample.columns["hours"]) == 3
