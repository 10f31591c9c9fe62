from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

from omloop import Classes, Number, Table
from omloop.core import DataError, UnknownNameError
from omloop.data import read_table
from omloop.data.infer import TableGuess, TextGuess, infer_table
from omloop.evaluate import metric

DRAW = np.random.default_rng(7)


def guess(path: Path, target: str = "rent", **more: Any) -> TableGuess:
    """What is inferred, proven to take the file's own records."""
    found = infer_table(path, target, **more)
    assert isinstance(found, TableGuess)
    records = read_table(path, **found.reading.options)
    Table(found.columns).encode(records)
    answer = found.answer
    output = Classes(target, answer.words) if answer.kind == "classes" else Number(target, low=answer.low)
    assert metric(answer.metric, output)
    there = [value for value in records[found.answer.target] if value not in ("", None)]
    assert len(output.encode(there)) == answer.labelled
    return found


def types(found: TableGuess) -> dict[str, str]:
    return {one.name: one.type for one in found.columns}


def test_columns_become_the_types_that_they_hold(write: Any, columns: Any) -> None:
    columns["paid"] = DRAW.choice(["true", "false"], 60)
    columns["zip"] = DRAW.choice(["0124", "0391", "9712"], 60)
    columns["since"] = [f"{1 + day % 28}.{1 + day % 12}.20{10 + day % 9}" for day in DRAW.permutation(60)]
    columns["seen"] = [f"2024-01-{1 + day % 28:02d}T10:{day:02d}" for day in DRAW.permutation(60)]
    columns["large"] = DRAW.integers(2**30, 2**31, 60).tolist()
    columns["note"] = [f"the {a} flat of {b} was {c} today" for a, b, c in DRAW.integers(0, 9, (60, 3))]
    found = guess(write(columns))
    assert types(found) == {
        "rooms": "integer",
        "area": "number",
        "district": "category",
        "paid": "boolean",
        "zip": "category",
        "since": "date",
        "seen": "datetime",
        "large": "number",
        "note": "text",
    }
    assert next(one for one in found.columns if one.name == "since").format == "%d.%m.%Y"


def test_an_unseen_word_is_taken_and_rare_ones_are_folded(write: Any, columns: Any) -> None:
    columns["district"] = [f"d{place % 15}" for place in range(45)] + [f"rare{place}" for place in range(15)]
    column = guess(write(columns)).columns[2]
    assert len(column.categories) == 15 and column.other == "other" and "rare3" not in column.words
    assert Table((column,)).encode({"district": ["never seen"]}).tolist() == [[15.0]]


@pytest.mark.parametrize("word", ["NA", "n/a", "?", "-", "null", "None", ""])
def test_words_for_what_is_absent_are_told_where_the_rest_are_numbers(write: Any, columns: Any, word: str) -> None:
    columns["area"][5] = columns["area"][9] = word
    found = guess(write(columns))
    assert found.reading.options == ({"missing": (word,)} if word else {})
    assert found.columns[1].missing and "3.3 % missing" in found.features[1].reason
    assert not found.columns[0].missing  # a column whose file had none stays required


def test_a_word_that_is_absent_in_one_column_stays_a_word_in_another(write: Any, columns: Any) -> None:
    columns["area"][5] = "None"
    columns["heating"] = DRAW.choice(["None", "gas"], 60)
    found = guess(write(columns))
    assert found.reading.options == {"missing": {"area": ("None",)}}
    assert found.columns[3].categories == ("None", "gas")


def test_odd_words_are_words_of_a_category_and_absent_among_many_numbers(write: Any, columns: Any) -> None:
    columns["gear"] = [*(place % 4 for place in range(58)), "x", "reverse"]
    columns["area"][3] = "not measured"
    found = guess(write(columns))
    assert found.reading.options == {"missing": ("not measured",)} and found.columns[1].type == "number"
    assert found.columns[3].categories == ("0", "1", "2", "3", "reverse", "x")


def test_codes_of_countries_keep_namibia(write: Any, columns: Any) -> None:
    columns["country"] = ["NA", "DE", "FR", "NL", "US", "IT"] * 10
    assert "NA" in guess(write(columns)).columns[3].categories


def test_what_says_nothing_or_too_much_is_left_out_with_what_was_measured(write: Any, columns: Any) -> None:
    columns["town"], columns["empty"] = ["Delft"] * 60, [""] * 60
    columns["where"] = [word[0].upper() for word in columns["district"]]
    columns["person"] = [f"{''.join(map(chr, word))}" for word in DRAW.integers(97, 123, (59, 8))] + ["abc"]
    columns["rent in cents"] = [100 * value for value in columns["rent"]]
    found = guess(write(columns))
    assert types(found) == {"rooms": "integer", "area": "number", "district": "category"}
    reasons = found.left_out
    assert "in one word such as" in reasons["flat"] and "in one word" in reasons["person"]
    assert reasons["town"].startswith("constant: every value is 'Delft'") and "all 60 values" in reasons["empty"]
    assert reasons["where"].startswith("a copy of 'district': in all 60 rows")
    assert "gives the target away" in reasons["rent in cents"] or "one to one" in reasons["rent in cents"]


def test_a_leak_is_found_by_its_score_and_not_by_its_name(write: Any) -> None:
    y = DRAW.integers(0, 2, 400)
    shown = {"x": DRAW.normal(size=400), "result_of_test": DRAW.normal(size=400), "z": y + DRAW.normal(0, 0.05, 400)}
    found = guess(write({**shown, "y": y}), "y")
    assert list(found.left_out) == ["z"] and "log loss saved" in found.left_out["z"]
    assert "'x'" in found.left_out["z"] or "'result_of_test'" in found.left_out["z"]


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        (["no", "yes"], "classes", ("no", "yes")),
        ([1, 0], "classes", ("0", "1")),
        (["true", "false"], "classes", ("false", "true")),
        ([3, 5, 9, 10, 12, 20], "classes", ("3", "5", "9", "10", "12", "20")),
        ([0.5, 1.5, 2.5], "number", ()),
        (list(range(1900, 1960)), "number", ()),
        (["b", "a", "c"], "classes", ("a", "b", "c")),
    ],
)
def test_an_answer_is_a_number_or_classes(write: Any, values: Any, kind: str, words: tuple[str, ...]) -> None:
    n = 60
    found = guess(write({"x": DRAW.normal(size=n), "y": [values[place % len(values)] for place in range(n)]}), "y")
    assert (found.answer.kind, found.answer.words) == (kind, words)


def test_a_count_is_a_number_and_names_in_digits_are_classes(write: Any) -> None:
    count, digit = DRAW.poisson(2.0, 500), DRAW.permutation(500) % 10
    path = write({"x": DRAW.normal(size=500), "count": count, "digit": digit})
    assert guess(path, "count").answer.kind == "number"
    assert guess(path, "digit").answer.words == tuple(map(str, range(10)))


def test_a_rare_class_is_looked_for_and_weighed_up(write: Any) -> None:
    found = guess(write({"x": DRAW.normal(size=300), "state": ["ok"] * 288 + ["broken"] * 12}), "state")
    assert found.answer.words == ("ok", "broken") and found.answer.counts == (288, 12)
    assert found.answer.metric == "pr_auc" and found.answer.balance == 0.5


def test_rows_without_a_target_are_counted_and_told(write: Any) -> None:
    y = [round(value, 3) for value in DRAW.normal(size=50)] + ["NA"] * 150
    found = guess(write({"x": DRAW.normal(size=200), "y": y}), "y")
    assert (found.answer.labelled, found.answer.missing) == (50, 150)
    assert any("150 of 200 rows have no 'y'" in note for note in found.notes)


def test_a_group_is_an_id_that_comes_again_and_whose_rows_are_alike(write: Any) -> None:
    person = DRAW.permutation(200) % 40
    facts = {"sex": DRAW.integers(0, 2, 40), "born": DRAW.integers(1950, 1990, 40)}
    shown = {name: values[person] for name, values in facts.items()}
    table = {"patient_id": person + 1000, **shown, "dose": DRAW.normal(size=200), "y": DRAW.normal(size=200)}
    found = guess(write(table), "y")
    assert found.group is not None and found.group.column == "patient_id" and "'sex'" in found.group.reason
    assert "patient_id" in found.left_out


def test_of_a_time_and_a_group_the_time_splits_and_the_group_is_told(write: Any) -> None:
    days = [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(100)]
    table = {"day": days, "device_id": [place % 25 for place in range(100)], "x": DRAW.normal(size=100)}
    found = guess(write({**table, "y": DRAW.normal(size=100)}), "y")
    assert found.time is not None and found.group is None
    assert "device_id" in found.left_out and any("'device_id' groups the records too" in note for note in found.notes)


def test_a_pair_is_a_group_though_nothing_in_it_is_alike(write: Any) -> None:
    table = {"pair_id": DRAW.permutation(100) // 2, "x": DRAW.normal(size=100), "y": DRAW.normal(size=100)}
    found = guess(write(table), "y")
    assert found.group is not None and "come 2 times each" in found.group.reason


def test_infinite_numbers_of_a_typed_file_are_absent_and_told(tmp_path: Path) -> None:
    numbers = [float("inf"), *DRAW.normal(size=39).tolist()]
    polars.DataFrame({"x": numbers, "y": DRAW.normal(size=40)}).write_parquet(tmp_path / "a.parquet")
    found = guess(tmp_path / "a.parquet", "y")
    assert found.reading.options == {"missing": ("inf",)} and found.columns[0].missing


def test_a_time_is_a_date_that_rises_with_the_rows(write: Any, columns: Any) -> None:
    columns["born"] = [f"{day:02d}/01/1980" for day in (DRAW.permutation(60) % 28 + 1)]
    columns["day"] = [f"{1 + day % 28:02d}/{1 + day // 28:02d}/2024" for day in range(60)]
    found = guess(write(columns))
    assert found.time is not None and found.time.column == "day"
    assert {one.name: one.format for one in found.columns if one.type == "date"} == {
        "born": "%d/%m/%Y",
        "day": "%d/%m/%Y",
    }


def test_a_date_that_can_be_read_in_two_ways_is_told(write: Any, columns: Any) -> None:
    columns["day"] = [f"{1 + a % 12:02d}/{1 + b % 12:02d}/2024" for a, b in DRAW.integers(0, 12, (60, 2))]
    assert any("would fit as well" in note for note in guess(write(columns)).notes)


def test_times_that_are_always_midnight_are_dates(write: Any, columns: Any) -> None:
    columns["day"] = [f"2024-0{1 + day // 28}-{1 + day % 28:02d} 00:00:00" for day in range(60)]
    assert types(guess(write(columns)))["day"] == "date"


def test_names_that_omloop_uses_itself_are_given_others(write: Any, columns: Any) -> None:
    columns["prediction"], columns["outcome"] = columns.pop("area"), columns.pop("rooms")
    found = guess(write(columns))
    assert found.reading.options["rename"] == {"prediction": "prediction_given", "outcome": "outcome_given"}
    assert {"prediction_given", "outcome_given"} <= set(types(found))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["same"] * 60, "is 'same' in every row"),
        ([f"sentence number {place} of many" for place in range(60)], "a free text or an id"),
        ([""] * 50 + ["a", "b"] * 5, "has a value in 10 of 60 rows"),
        ([f"2024-01-{1 + place % 28:02d}" for place in range(60)], "holds dates"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(write: Any, columns: Any, values: Any, reason: str) -> None:
    columns["rent"] = values
    with pytest.raises(DataError, match=reason):
        infer_table(write(columns), "rent")


def test_a_target_that_there_is_not_is_told_with_the_nearest(write: Any, columns: Any) -> None:
    with pytest.raises(UnknownNameError, match="No column is called 'rents'. Did you mean 'rent'"):
        infer_table(write(columns), "rents")


def test_limits_leave_room_for_tomorrow(write: Any, columns: Any) -> None:
    found = {one.name: one for one in guess(write(columns)).columns}
    area = columns["area"]
    assert found["area"].high >= max(area) + (max(area) - min(area)) and found["area"].low is None
    assert (found["rooms"].low, found["rooms"].high) == (None, 10.0)


def test_texts_are_answered_from_alone(write: Any) -> None:
    words = np.array(["good", "bad", "film", "plot", "slow", "fine", "long"])
    texts = [" ".join(row) for row in DRAW.choice(words, (80, 7))]
    table = {"id": range(80), "review": texts, "sentiment": DRAW.choice(["neg", "pos"], 80)}
    for found in (infer_table(write(table), "sentiment"), infer_table(write(table), "sentiment", text="review")):
        assert isinstance(found, TextGuess) and found.column == "review" and "id" in found.left_out
        assert found.answer.words == ("neg", "pos") and found.characters[2] == max(map(len, texts))
    with pytest.raises(DataError, match="holds numbers, no texts"):
        infer_table(write(table), "sentiment", text="id")


def test_records_that_are_mostly_copies_are_known_by_their_place_in_the_file(tmp_path: Path) -> None:
    """A table of three questions with few answers: by content its parts would be a handful of rows."""
    rows = [f"{row % 3},{'ab'[row % 2]},{'yes' if row % 5 else 'no'}" for row in range(300)]
    (tmp_path / "votes.csv").write_text("\n".join(["class,sex,survived", *rows]))
    found = infer_table(tmp_path / "votes.csv", "survived")
    assert isinstance(found, TableGuess) and found.id is not None and found.id.column == "row"
    assert "only 12 of 300 records differ" in found.left_out["row"]
    records = read_table(tmp_path / "votes.csv", **found.reading.options)
    assert list(records["row"])[:3] == [1, 2, 3] and len(records["row"]) == 300
