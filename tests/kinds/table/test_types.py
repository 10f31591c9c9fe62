"""Columns that are neither numbers nor closed lists of words: booleans, texts, open categories, long integers."""

import json

import numpy as np
import pytest

from omloop import Column, ConfigError, DataError, InputError, Table


def test_a_boolean_of_a_file_is_spelt_in_many_ways_and_of_json_in_one() -> None:
    table = Table((Column("paid", "boolean"),))
    spelt = ["YES", "y", " True", "t", "1", 1, True, "no", "N", "false", "F", "0", 0.0, False]
    assert table.encode({"paid": spelt}).ravel().tolist() == [1] * 7 + [0] * 7
    assert table.encode({"paid": np.array([True, False])}).ravel().tolist() == [1, 0]
    for wrong in ("yes", 1, None, "true"):
        with pytest.raises(InputError, match="paid"):
            table.parse([{"paid": wrong}])
    with pytest.raises(DataError, match="'maybe' is not accepted; send true or false"):
        table.encode({"paid": ["maybe"]})


def test_words_of_a_text_are_counted_by_a_hash_that_stays() -> None:
    table = Table((Column("note", "text", size=4), Column("n", "number")))
    (row,) = table.matrix(table.parse([{"note": "Late, late bus!", "n": 7}]))
    assert table.places == ("note", "n", "note: words 0", "note: words 1", "note: words 2", "note: words 3")
    assert row.tolist() == [4, 7, 0, 2, 2, 0]


def test_an_empty_text_is_absent_where_that_is_accepted() -> None:
    for missing, rendered in ((True, None), (False, "")):
        table = Table((Column("note", "text", missing=missing),))
        rows = [table.parse([{"note": ""}]), table.encode({"note": [""]}), table.read(b'note\n""\n', "text/csv")]
        assert [table.render(row)[0]["note"] for row in rows] == [rendered] * 3


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, 7, True])
def test_what_is_no_text_is_refused(value: object) -> None:
    table = Table((Column("note", "text"), Column("more", "text", missing=True)))
    with pytest.raises(InputError, match=r"rows\[0\].note: .* is not accepted; send a text"):
        table.parse([{"note": value}, {"note": value}])


def test_an_absent_text_is_absent_in_all_its_places() -> None:
    table = Table((Column("note", "text", size=3, missing=True),))
    assert np.isnan(table.matrix(table.parse([{}]))).all() and np.isnan(table.observe(table.parse([{}]))["note"]).all()


def test_a_shuffled_text_takes_its_words_along() -> None:
    table = Table((Column("note", "text"), Column("day", "date")))
    rows = [{"note": "word " * n, "day": f"2024-01-{n:02}"} for n in range(1, 20)]
    examples = table.parse(rows)
    for name, shuffled in table.shuffled(examples, 1):
        changed = table.render(shuffled)
        assert table.matrix(table.parse(changed)).tolist() == table.matrix(shuffled).tolist()
        assert [row[name] for row in changed] != [row[name] for row in table.render(examples)]


@pytest.mark.parametrize("value", [2**24 + 1, 2.0**24 + 1, -(2**53) - 1, 2**63 - 1, 10**30 + 1])
def test_an_integer_that_float32_would_change_is_refused(value: float) -> None:
    table = Table((Column("n", "integer"),))
    read = table.reader()
    body = json.dumps({"rows": [{"n": value}]}).encode()
    for ask in (lambda: table.parse([{"n": value}]), lambda: read(body, "application/json")):
        with pytest.raises(InputError, match="has more digits than float32 keeps"):
            ask()
    with pytest.raises(DataError, match="record 2: .*name it in the project's `ignored` or `id`"):
        table.encode({"n": ["16777218", value]})


def test_arrays_of_long_integers_are_judged_by_what_they_hold() -> None:
    table = Table((Column("n", "integer", low=0),))
    assert table.bad_rows({"n": np.array([2**53, 2**53 + 1, 2**24 + 2, 7])}).tolist() == [False, True, False, False]


def test_a_category_of_very_many_words_is_one_like_others() -> None:
    words = tuple(f"shop {number}" for number in range(100_000))
    table = Table((Column("shop", "category", categories=words, other="elsewhere"), Column("n", "number")))
    body = b'{"rows": [{"shop": "shop 99999", "n": 1}, {"shop": "shop 100000", "n": 2}]}'
    assert table.reader()(body, "application/json")[0].tolist() == [[99_999, 1], [100_000, 2]]
    assert len(table.edges()) < 1000 and len(json.dumps(table.schema())) < 10_000


def test_a_column_called_as_what_another_gives_is_refused() -> None:
    with pytest.raises(ConfigError, match="'day: month' is called as"):
        Table((Column("day", "date"), Column("day: month", "number")))
