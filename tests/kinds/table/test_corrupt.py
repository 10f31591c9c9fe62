from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from omloop.core import UnknownNameError
from omloop.kinds import Column, Table

KIND = Table(
    (
        Column("hours", "number", low=0, high=24),
        Column("age", "integer", low=14, high=24, missing=True),
        Column("sex", "category", categories=("f", "m")),
    )
)
RECORDS: Mapping[str, Any] = {
    "hours": [*map(str, np.linspace(1, 20, 200))],
    "age": np.tile([15.0, 20.0], 100),
    "sex": ["f", "m"] * 100,
    "score": [7] * 200,
}


def spoilt(name: str, strength: float = 1.0, seed: int = 0) -> Mapping[str, Any]:
    return KIND.corrupted(RECORDS, name, strength, seed)


def test_missing_values_are_in_every_column_and_the_target_is_left() -> None:
    found = spoilt("missing")
    shares = [np.mean([value is None for value in found[name]]) for name in KIND.fields]
    assert shares == pytest.approx([0.3] * 3, abs=0.1) and found["score"] == RECORDS["score"]


def test_noise_keeps_integers_and_leaves_words() -> None:
    found = spoilt("noise", 0.5)
    spread = np.std(np.array(found["hours"]) - np.linspace(1, 20, 200))
    assert spread == pytest.approx(0.5 * np.std(np.linspace(1, 20, 200)), rel=0.2)
    assert all(value == round(value) for value in found["age"]) and found["sex"] == RECORDS["sex"]


def test_a_wrong_unit_multiplies_a_whole_column() -> None:
    found = spoilt("units", 0.5)
    factors = {
        name: np.unique(np.round(np.array(found[name], float) / np.array(RECORDS[name], float), 9))
        for name in ("hours", "age")
    }
    assert sorted(len(of) for of in factors.values()) == [1, 1] and sum(of[0] != 1 for of in factors.values()) == 1


def test_swapped_columns_have_each_others_values() -> None:
    found = spoilt("swapped")
    assert found["hours"] == [*RECORDS["age"]] and found["age"] == RECORDS["hours"]


def test_words_that_nobody_knew_are_refused_as_a_server_would() -> None:
    bad = KIND.bad_rows(spoilt("unseen"))
    assert 0.2 < bad.mean() < 0.4 and bad.tolist() == [word == "unseen" for word in spoilt("unseen")["sex"]]


def test_a_table_without_words_has_none_to_spoil() -> None:
    numbers = KIND.select(["hours"])
    assert numbers.corruptions == ("missing", "noise", "units", "swapped")
    assert KIND.select(["sex"]).corruptions == ("missing", "unseen")
    with pytest.raises(UnknownNameError):
        numbers.corrupted(RECORDS, "unseen", 1.0, 0)


@pytest.mark.parametrize("name", KIND.corruptions)
def test_the_same_seed_does_the_same_and_the_records_are_left_alone(name: str) -> None:
    before = {column: list(values) for column, values in RECORDS.items()}
    assert str(spoilt(name)) == str(spoilt(name))
    assert {column: list(values) for column, values in RECORDS.items()} == before


def test_a_value_that_is_no_number_stays_what_it_is() -> None:
    found = KIND.corrupted({"hours": ["", None, "x", "3"], "age": [1] * 4, "sex": ["f"] * 4}, "units", 1.0, 3)
    assert found["hours"][:3] == ["", None, "x"]
