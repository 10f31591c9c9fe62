"""The table kind: what it takes from JSON, CSV and records, and what each bad value is told."""

import csv
import io
import json
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import Columns, ConfigError, DataError, InputError, UnknownNameError
from omloop.kinds import Column, Table

JSON, CSV = "application/json", "text/csv"
FLOAT32_MAX = float(np.finfo(np.float32).max)

TABLE = Table(
    (
        Column("hours", "number", low=0, high=24, unit="h"),
        Column("age", "integer", low=14, high=24, missing=True),
        Column("sex", "category", categories=("f", "m")),
    ),
    refused={"passed": "it is known only after the exam"},
)
ROW = {"hours": 1.5, "age": 20, "sex": "m"}
FREE = Table((Column("x", "number"), Column("n", "integer")))
OPTIONAL = Table((Column("x", "number", missing=True), Column("word", "category", categories=("a", ""), missing=True)))


def row(**changes: Any) -> dict[str, Any]:
    return ROW | changes


def json_body(*rows: Any) -> bytes:
    return json.dumps({"rows": rows}).encode()


def refusal(table: Table, content: bytes, media_type: str) -> tuple[str, str]:
    """The field and the reason that a client is told."""
    with pytest.raises(InputError) as caught:
        table.read(content, media_type)
    assert "\n" not in str(caught.value)
    return caught.value.field, caught.value.reason


# What is accepted


def test_json_rows_become_a_float32_matrix() -> None:
    matrix = TABLE.read(json_body(ROW, row(sex="f", age=None)), JSON)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, np.array([[1.5, 20, 1], [1.5, np.nan, 0]], np.float32))


def test_csv_lines_become_the_same_matrix_whatever_the_order_of_the_columns() -> None:
    matrix = TABLE.read(b"sex,hours,age\nm,1.5,20\nf,1.5,\n", CSV)
    np.testing.assert_array_equal(matrix, TABLE.read(json_body(ROW, row(sex="f", age=None)), JSON))


def test_the_order_of_keys_does_not_matter() -> None:
    backwards = dict(reversed(ROW.items()))
    np.testing.assert_array_equal(TABLE.parse([backwards]), TABLE.parse([ROW]))


def test_an_integer_may_be_written_with_a_point_of_zero() -> None:
    assert TABLE.read(b'{"rows": [{"hours": 1, "age": 20.0, "sex": "m"}]}', JSON)[0, 1] == 20


@pytest.mark.parametrize("media_type", ["text/csv; charset=utf-8", "Text/CSV"])
def test_parameters_and_case_of_a_content_type_do_not_matter(media_type: str) -> None:
    assert len(TABLE.read(b"hours,age,sex\n1,20,m\n", media_type)) == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_blank_lines_and_either_newline_are_accepted_in_csv(newline: str) -> None:
    text = newline.join(["\ufeffhours,age,sex", "1,20,m", "", "2,,f", ""])
    assert TABLE.read(text.encode(), CSV).shape == (2, 3)


def test_quoted_newlines_and_commas_are_part_of_a_csv_value() -> None:
    table = Table((Column("where", "category", categories=("a\nb", "c,d")),))
    np.testing.assert_array_equal(table.read(b'where\n"a\nb"\n"c,d"\n', CSV), [[0], [1]])


def test_no_rows_parse_to_an_empty_matrix() -> None:
    assert TABLE.parse([]).shape == (0, 3)


def test_an_empty_word_is_a_category_in_json_and_an_absent_value_in_csv() -> None:
    assert OPTIONAL.parse([{"x": 1, "word": ""}])[0, 1] == 1
    assert np.isnan(OPTIONAL.read(b"x,word\n1,\n", CSV)[0, 1])


def test_the_word_none_is_a_category_like_any_other() -> None:
    table = Table((Column("help", "category", categories=("None", "Some")),))
    assert table.encode({"help": ["Some", "None"]}).tolist() == [[1], [0]]


# Names that do not fit


@pytest.mark.parametrize("kind", [JSON, CSV])
def test_a_missing_column_is_named_with_what_it_accepts(kind: str) -> None:
    content = json_body({"age": 20, "sex": "m"}) if kind == JSON else b"age,sex\n20,m\n"
    assert refusal(TABLE, content, kind) == ("rows[0].hours", "is missing; send a number from 0 to 24 h")


@pytest.mark.parametrize("kind", [JSON, CSV])
def test_a_renamed_column_is_told_its_right_name(kind: str) -> None:
    content = json_body({"hour": 1, "age": 20, "sex": "m"}) if kind == JSON else b"hour,age,sex\n1,20,m\n"
    assert refusal(TABLE, content, kind) == ("rows[0].hour", "is not a column of this model. Did you mean 'hours'?")


@pytest.mark.parametrize("kind", [JSON, CSV])
def test_an_extra_column_is_named(kind: str) -> None:
    content = json_body(row(shoes=42)) if kind == JSON else b"hours,age,sex,shoes\n1,20,m,42\n"
    assert refusal(TABLE, content, kind) == ("rows[0].shoes", "is not a column of this model.")


@pytest.mark.parametrize("kind", [JSON, CSV])
def test_a_refused_column_is_told_why(kind: str) -> None:
    content = json_body(row(passed=True)) if kind == JSON else b"hours,age,sex,passed\n1,20,m,1\n"
    assert refusal(TABLE, content, kind) == ("rows[0].passed", "is not a feature: it is known only after the exam")


def test_the_row_with_the_wrong_names_is_the_one_that_is_named() -> None:
    assert refusal(TABLE, json_body(ROW, ROW, {}), JSON)[0] == "rows[2].hours"


# Values that do not fit


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hours": "1.5"}, "'1.5' is not accepted; send a number from 0 to 24 h"),
        ({"hours": True}, "true is not accepted; send a number from 0 to 24 h"),
        ({"hours": None}, "a value is missing; give a number from 0 to 24 h"),
        ({"hours": [1]}, "[1] is not accepted; send a number from 0 to 24 h"),
        ({"hours": 24.001}, "24.001 is not accepted; send a number from 0 to 24 h"),
        ({"hours": -0.001}, "-0.001 is not accepted; send a number from 0 to 24 h"),
        ({"age": 20.5}, "20.5 is not accepted; send an integer from 14 to 24"),
        ({"age": 13}, "13 is not accepted; send an integer from 14 to 24"),
        ({"age": ""}, "'' is not accepted; send an integer from 14 to 24"),
        ({"sex": "x"}, "'x' is not accepted; send one of 'f', 'm'"),
        ({"sex": "M"}, "'M' is not accepted; send one of 'f', 'm'"),
        ({"sex": 1}, "1 is not accepted; send one of 'f', 'm'"),
        ({"sex": None}, "a value is missing; give one of 'f', 'm'"),
    ],
)
def test_a_bad_json_value_is_told_what_is_accepted(changes: dict[str, Any], told: str) -> None:
    (name,) = changes
    assert refusal(TABLE, json_body(ROW, row(**changes)), JSON) == (f"rows[1].{name}", told)


@pytest.mark.parametrize("value", ["abc", "NaN", "nan", "inf", "-Infinity", "1e999", "25", " ", "0x1", "1,5", "true"])
def test_a_bad_csv_value_is_told_what_is_accepted(value: str) -> None:
    field, told = refusal(TABLE, f'hours,age,sex\n1,20,m\n"{value}",20,m\n'.encode(), CSV)
    assert (field, told) == ("rows[1].hours", f"'{value}' is not accepted; send a number from 0 to 24 h")


def test_an_empty_csv_field_is_refused_where_a_value_must_be() -> None:
    assert refusal(TABLE, b"hours,age,sex\n,20,m\n", CSV)[1] == "a value is missing; give a number from 0 to 24 h"


def test_not_a_number_is_no_way_to_leave_a_value_out_of_a_request() -> None:
    assert refusal(OPTIONAL, b"x,word\nnan,a\n", CSV)[0] == "rows[0].x"


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-2.5E+9999", b"1" + b"0" * 5000])
def test_a_number_that_nothing_holds_is_told_with_its_field(value: bytes) -> None:
    field, reason = refusal(FREE, b'{"rows": [{"x": %b, "n": 1}]}' % value, JSON)
    assert field == "rows[0].x"
    assert reason.startswith(value[:37].decode())
    assert "is not accepted; send a number" in reason


@pytest.mark.parametrize("value", [b"01", b"'x'", b"nan", b'NaN, "y": "\\ud800"'])
def test_a_number_that_json_does_not_have_is_invalid_json(value: bytes) -> None:
    assert refusal(FREE, b'{"rows": [{"x": %b, "n": 1}]}' % value, JSON)[1].startswith("the body is not valid JSON: ")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**400), 1e39, -1e39])
def test_a_number_beyond_float32_is_refused(value: float) -> None:
    with pytest.raises(InputError, match=r"rows\[0\]\.x: .* is not accepted; send a number"):
        FREE.parse([{"x": value, "n": 1}])


@pytest.mark.parametrize("value", [FLOAT32_MAX, -FLOAT32_MAX, 1e-50, 2**60])
def test_a_number_within_float32_is_accepted(value: float) -> None:
    assert FREE.parse([{"x": value, "n": 1}])[0, 0] == np.float32(value)


def test_a_long_value_is_cut_in_the_message() -> None:
    assert len(refusal(TABLE, json_body(row(sex="x" * 10_000)), JSON)[1]) < 100


# Bodies that do not fit


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the body is not valid JSON"),
        (b"{", "the body is not valid JSON"),
        (b'{"rows": "\xff"}', "the body is not valid JSON"),
        (b"[" * 100_000, "the body is not valid JSON"),
        (b"[]", "the body must be an object with one key"),
        (b"null", "the body must be an object with one key"),
        (b'{"rows": {}}', "the body must be an object with one key"),
        (b'{"rows": [], "more": 1}', "the body must be an object with one key"),
        (b'{"rows": []}', "send at least one row"),
        (b'{"rows": [1]}', "must be an object with one value a column"),
        (b'{"rows": [null]}', "must be an object with one value a column"),
    ],
)
def test_a_bad_json_body_says_what_it_must_be(content: bytes, told: str) -> None:
    assert refusal(TABLE, content, JSON)[1].startswith(told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the CSV holds no row"),
        (b"\n\n", "the CSV holds no row"),
        (b"hours,age,sex\n", "the CSV holds no row"),
        (
            b"hours,age,sex,age\n1,20,m,20\n",
            "the CSV's header names the column 'age' twice, in fields 2, 4; remove one",
        ),
        (b"hours,age,sex\n1,20\n", "has 2 fields, the header has 3"),
        (b"hours,age,sex\n1,20,m,9\n", "has 4 fields, the header has 3"),
        (b"hours,age,sex\n1,20,\xe9\n", "the CSV is not UTF-8 (byte 19)"),
        (b'hours,age,sex\n1,20,"m\n', "the CSV cannot be read"),
        (b"hours,age,sex\n1,20," + b"m" * 200_000, "the CSV cannot be read"),
        (b"hours;age;sex\n1;20;m\n", "is not a column of this model."),
        ("hours,age,sex\n1,20,m\n".encode("utf-16"), "the CSV is not UTF-8"),
    ],
)
def test_a_bad_csv_says_what_is_wrong(content: bytes, told: str) -> None:
    assert refusal(TABLE, content, CSV)[1].startswith(told)


def test_another_content_type_is_told_those_that_can_be_read() -> None:
    assert refusal(TABLE, b"", "text/xml")[1] == "cannot read 'text/xml'; send application/json or text/csv"


# Records of training


def test_texts_and_numbers_encode_to_the_same_rows() -> None:
    texts = TABLE.encode({"hours": ["1.5", "2"], "age": ["20", ""], "sex": ["m", "f"]})
    numbers = TABLE.encode({"hours": np.array([1.5, 2]), "age": [20, None], "sex": np.array(["m", "f"])})
    np.testing.assert_array_equal(texts, numbers)


def test_not_a_number_in_an_array_of_numbers_is_an_absent_value() -> None:
    columns: Columns = {"hours": np.array([1.0]), "age": np.array([np.nan]), "sex": ["m"]}
    assert np.isnan(TABLE.encode(columns)[0, 1])
    with pytest.raises(DataError, match="column 'hours', record 1: a value is missing"):
        TABLE.encode({**columns, "hours": np.array([np.nan])})


def test_records_that_do_not_fit_list_each_bad_column_with_its_first_record() -> None:
    columns = {"hours": ["1", "x", "y"], "age": ["20", "20", "99"], "sex": ["m", "m", "m"]}
    with pytest.raises(DataError) as caught:
        TABLE.encode(columns)
    assert str(caught.value) == (
        "column 'hours', record 2: 'x' is not accepted; send a number from 0 to 24 h; "
        "column 'age', record 3: '99' is not accepted; send an integer from 14 to 24."
    )


def test_a_bad_number_of_an_array_is_told_as_a_plain_number() -> None:
    with pytest.raises(DataError, match=r"record 1: 99\.0 is not accepted"):
        TABLE.encode({"hours": np.array([99.0]), "age": [20], "sex": ["m"]})


def test_encoding_leaves_the_array_that_it_was_given_alone() -> None:
    given_hours = np.array([1.0, 99.0])
    TABLE.bad_rows({"hours": given_hours, "age": [20, 20], "sex": ["m", "m"]})
    assert given_hours.tolist() == [1.0, 99.0]


def test_missing_record_columns_are_listed() -> None:
    with pytest.raises(DataError, match=r"These columns are missing: hours, sex\. Did you mean 'hour'\?"):
        TABLE.encode({"hour": [1], "age": [20]})


def test_record_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(DataError, match="they have: hours 2, age 1, sex 1"):
        TABLE.encode({"hours": [1, 2], "age": [20], "sex": ["m"]})


def test_the_bad_rows_are_those_with_any_bad_value() -> None:
    columns = {"hours": ["1", "x", "1", "1"], "age": ["20", "20", "", "99"], "sex": ["m", "", "f", "?"]}
    assert TABLE.bad_rows(columns).tolist() == [False, True, False, True]


@given(st.lists(st.sampled_from(["1", "25", "", "x", "nan", None]), max_size=6))
@settings(max_examples=30, deadline=None)
def test_records_encode_when_and_only_when_none_is_bad(values: list[str | None]) -> None:
    table = Table((Column("x", "number", high=10),))
    good = [value for value, bad in zip(values, table.bad_rows({"x": values}), strict=True) if not bad]
    assert table.encode({"x": good}).shape == (len(good), 1)
    if len(good) < len(values):
        with pytest.raises(DataError):
            table.encode({"x": values})


# There and back again


@st.composite
def columns(draw: st.DrawFn) -> Column:
    kind: Literal["number", "integer"] = draw(st.sampled_from(["number", "integer"]))
    missing, name = draw(st.booleans()), draw(st.text(min_size=1, max_size=5))
    if draw(st.integers(0, 2)) == 0:
        words = draw(st.lists(st.text(max_size=4), min_size=1, max_size=4, unique=True))
        return Column(name, "category", categories=tuple(words), missing=missing)
    limit = st.none() | st.integers(-(2**40), 2**40) | st.floats(-1e38, 1e38)
    low, high = draw(limit), draw(limit)
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high) + 1
    return Column(name, kind, low=low, high=high, missing=missing)


tables = st.lists(columns(), max_size=4, unique_by=lambda column: column.name).map(lambda found: Table(tuple(found)))


@given(tables)
@settings(max_examples=100, deadline=None)
def test_the_edges_of_any_table_are_accepted_by_it(table: Table) -> None:
    edges = table.edges()
    assert edges.shape == (len(edges), len(table.columns))
    np.testing.assert_array_equal(table.parse(table.render(edges)), edges)


@given(tables)
@settings(max_examples=50, deadline=None)
def test_rendered_rows_survive_a_request(table: Table) -> None:
    edges = table.edges()
    np.testing.assert_array_equal(table.read(json.dumps({"rows": table.render(edges)}).encode(), JSON), edges)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False) | st.none(), max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_float32_renders_to_what_parses_to_it(values: list[float | None]) -> None:
    table = Table((Column("x", "number", missing=True),))
    matrix = table.parse([{"x": value} for value in values])
    np.testing.assert_array_equal(table.parse(table.render(matrix)), matrix)


@given(st.integers(-(10**38), 10**38))
@settings(max_examples=60, deadline=None)
def test_any_integer_renders_to_what_an_encoder_of_64_bits_can_write(value: int) -> None:
    table = Table((Column("n", "integer"),))
    matrix = table.parse([{"n": int(np.float32(value))}])
    (rendered,) = table.render(matrix)
    assert isinstance(rendered["n"], float) or abs(rendered["n"]) < 2**53
    np.testing.assert_array_equal(table.parse([rendered]), matrix)


@given(tables)
@settings(max_examples=30, deadline=None)
def test_rendered_rows_survive_a_csv_file(table: Table) -> None:
    words = [word for column in table.columns for word in column.categories]
    if (
        not table.columns
        or "" in words
        or any("\ud800" <= char <= "\udfff" for char in "".join([*words, *table.fields]))
    ):
        return
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerows([table.fields, *([*row.values()] for row in table.render(table.edges()))])
    np.testing.assert_array_equal(table.read(file.getvalue().encode(), CSV), table.edges())


@given(tables)
@settings(max_examples=50, deadline=None)
def test_a_restored_table_is_the_same(table: Table) -> None:
    assert Table.restore(json.loads(json.dumps(table.describe())), {}) == table


def test_a_value_at_a_limit_that_float32_rounds_is_still_within_it() -> None:
    table = Table((Column("x", "number", low=0.1, high=0.123456789012),))
    matrix = table.encode({"x": ["0.1", "0.123456789012"]})
    np.testing.assert_array_equal(table.parse(table.render(matrix)), matrix)


def test_the_edges_show_every_category_every_limit_and_the_absent_value() -> None:
    edges = TABLE.edges()
    assert {0, 24} <= set(edges[:, 0])
    assert {14, 24} <= set(edges[:, 1])
    assert np.isnan(edges[:, 1]).any()
    assert set(edges[:, 2]) == {0, 1}


# What else a kind does


def test_the_schema_says_what_parse_accepts() -> None:
    schema = TABLE.schema()
    assert schema["required"] == ["hours", "sex"]  # an age may be absent
    assert schema["additionalProperties"] is False
    assert schema["properties"]["hours"] == {"type": "number", "minimum": 0, "maximum": 24, "description": "In h."}
    assert schema["properties"]["age"] == {"type": ["integer", "null"], "minimum": 14, "maximum": 24}
    assert schema["properties"]["sex"] == {"enum": ["f", "m"]}


@given(tables)
@settings(max_examples=50, deadline=None)
def test_the_schema_accepts_what_render_gives(table: Table) -> None:
    properties = table.schema()["properties"]
    for rendered in table.render(table.edges()):
        assert set(rendered) == set(properties)
        assert all(fits(value, properties[name]) for name, value in rendered.items())


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """As much of JSON Schema as a column uses, to the precision of float32."""
    if "enum" in schema:
        return value in schema["enum"]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None:
        return "null" in types
    low, high = schema.get("minimum", -np.inf), schema.get("maximum", np.inf)
    whole = "integer" not in types or value == int(value)
    return whole and bool(np.float32(low) <= np.float32(value) <= np.float32(high))


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("x", "number"), "a number"),
        (Column("x", "number", low=2), "a number of at least 2"),
        (Column("x", "integer", high=1_234_567, unit="m"), "an integer of at most 1234567 m"),
        (Column("x", "number", low=0.1, high=0.3), "a number from 0.1 to 0.3"),
        (Column("x", "category", categories=("a", "b c")), "one of 'a', 'b c'"),
    ],
)
def test_a_column_says_in_words_what_it_accepts(column: Column, words: str) -> None:
    assert column.accepts == words


def test_selected_columns_keep_their_order_and_the_refusals() -> None:
    table = TABLE.select(["sex", "hours"])
    assert table.fields == ("sex", "hours")
    assert table.refused == TABLE.refused


def test_selecting_an_unknown_column_names_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match=r"No column is called 'hour'\. Did you mean 'hours'?"):
        TABLE.select(["hour"])


def test_a_table_of_no_columns_is_an_empty_table_and_no_crash() -> None:
    table = TABLE.select([])
    assert table.parse([{}, {}]).shape == (2, 0)
    assert table.encode({"else": [1, 2]}).shape == (2, 0)
    assert table.bad_rows({"else": [1, 2]}).tolist() == [False, False]
    assert table.render(table.edges()) == [{}] * len(table.edges())


def test_observing_gives_each_column_by_name_with_its_categories() -> None:
    observed = TABLE.observe(TABLE.parse([ROW, row(age=None)]))
    np.testing.assert_array_equal(observed["age"], np.array([20, np.nan], np.float32))
    assert TABLE.observed == {"hours": (), "age": (), "sex": ("f", "m")}


def test_indices_are_the_positions_of_the_types_asked_for() -> None:
    assert TABLE.indices("number", "category") == [0, 2]


def test_the_graph_is_fed_the_rows() -> None:
    examples = TABLE.parse([ROW])
    assert TABLE.feeds(examples) == {"rows": examples}


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "category"},
        {"type": "category", "categories": ("a", "a")},
        {"type": "number", "categories": ("a",)},
        {"type": "number", "low": 2, "high": 1},
        {"type": "number", "low": float("nan"), "high": 1},
    ],
)
def test_a_column_that_can_accept_nothing_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="The column 'x'"):
        Column("x", **wrong)


def test_a_table_that_names_a_column_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="'x' is declared twice, in places 1, 2"):
        Table((Column("x", "number"), Column("x", "integer")))
    with pytest.raises(ConfigError, match="'x' is both declared and refused"):
        Table((Column("x", "number"),), {"x": "it leaks"})


def test_a_preview_shows_every_column_and_escapes_what_it_shows() -> None:
    table = Table(
        (Column("<hours>", "number", unit="h", missing=True), Column("tool", "category", categories=("<b>",)))
    )
    (first, second) = table.preview(np.array([[1.5, 0], [np.nan, 0]], np.float32))
    assert "<dt>&lt;hours&gt;</dt><dd>1.5 h</dd>" in first and "<dd>&lt;b&gt;</dd>" in first
    assert "<dd>missing</dd>" in second


def test_a_table_that_keeps_no_rows_keeps_what_is_observed_of_them() -> None:
    """Drift is found in it all the same, in a window that has both; it is not learned from again."""
    columns = (Column("age", "integer", missing=True), Column("sex", "category", categories=("f", "m")))
    whole = Table(columns)
    observed = whole.keeping(False)
    examples = whole.parse([{"age": 19, "sex": "m"}, {"age": None, "sex": "f"}])
    kept = observed.record(examples)
    assert kept == [{"observed": {"age": 19.0, "sex": 1.0}}, {"observed": {"age": None, "sex": 0.0}}]
    assert [observed.replay(record) for record in kept] == [None, None]
    for records in (kept, whole.record(examples), [kept[0], whole.record(examples)[1]]):
        recalled = whole.recall(records)
        for name, values in whole.observe(examples).items():
            np.testing.assert_array_equal(recalled[name], values)


def test_a_fast_reader_of_a_table_that_keeps_no_rows_gives_none_of_them() -> None:
    table = Table((Column("age", "integer"),), keep=False)
    examples, records = table.reader()(b'{"rows": [{"age": 19}]}', "application/json")
    assert (examples.tolist(), records) == ([[19.0]], None)
    assert table.select(["age"]).keep is False


def test_an_unknown_word_counts_as_the_one_that_is_declared_for_it() -> None:
    table = Table((Column("plan", "category", categories=("small", "rest"), other="rest"),))
    rows = table.parse([{"plan": "gold"}, {"plan": "small"}])
    assert rows.tolist() == [[1], [0]]
    assert table.read(b"plan\nplatinum\n", "text/csv").tolist() == [[1]]
    assert table.reader()(b'{"rows": [{"plan": "gold"}]}', "application/json")[0].tolist() == [[1]]
    assert "enum" not in table.schema()["properties"]["plan"]


def test_a_word_for_unknown_ones_that_is_no_category_counts_as_one_more() -> None:
    table = Table((Column("plan", "category", categories=("small", "large"), other="rest"),))
    assert table.parse([{"plan": "gold"}, {"plan": "large"}, {"plan": "rest"}]).tolist() == [[2], [1], [2]]
    assert table.columns[0].words == table.observed["plan"] == ("small", "large", "rest")
    assert table.render(table.edges())[-1] == {"plan": "rest"}


@pytest.mark.parametrize("value", [[1.0], {"a": 1}, np.zeros(2)])
def test_a_column_of_lists_is_refused_by_its_name(value: object) -> None:
    table = Table((Column("x", "number", missing=True),))
    with pytest.raises(DataError, match="The column 'x' holds lists or objects"):
        table.encode({"x": [None, value]})


def test_an_unknown_word_of_many_is_told_the_nearest_ten():
    """However many words there are, and however long the one that was sent."""
    table = Table((Column("place", "category", categories=tuple(f"place {number:05}" for number in range(30_000))),))
    for word in ("place 1234", "x" * 100_000):
        with pytest.raises(InputError) as refused:
            table.parse([{"place": word}])
        assert "and 29,990 more" in refused.value.reason and len(refused.value.reason) < 400
    assert "'place 12340'" in table.columns[0].accepts_near("place 1234")


def test_a_word_is_the_same_however_its_accents_are_written():
    table = Table((Column("drink", "category", categories=("th\u00e9", "cafe\u0301")),))
    rows = [{"drink": word} for word in ("the\u0301", "caf\u00e9", "th\u00e9", "cafe\u0301")]
    assert table.parse(rows).tolist() == [[0], [1], [0], [1]]


@pytest.mark.parametrize("value", ["2_0", "\uff12\uff10", "\u0662\u0660"])
def test_a_csv_takes_the_numbers_of_json_alone(value):
    table = Table((Column("age", "number"),))
    with pytest.raises(InputError, match="is not accepted; send a number"):
        table.read(f"age\n{value}\n".encode(), "text/csv")
    assert table.read(b"age\n20\n", "text/csv").tolist() == [[20]]


def test_a_json_row_may_leave_out_what_may_be_absent():
    table = Table((Column("age", "number", missing=True), Column("hours", "number")))
    body = b'{"rows": [{"hours": 2}, {"age": null, "hours": 2}]}'
    for rows in (table.read(body, "application/json"), table.reader()(body, "application/json")[0]):
        assert np.isnan(rows[:, 0]).all() and rows[:, 1].tolist() == [2, 2]
    with pytest.raises(InputError, match="hours: is missing; send a number"):
        table.read(b'{"rows": [{"age": 2}]}', "application/json")
    assert table.schema()["required"] == ["hours"]


def test_faults_behind_very_many_rows_are_not_looked_for() -> None:
    with pytest.raises(InputError) as caught:
        TABLE.parse([{}] * 50_000)
    needed = sum(not column.missing for column in TABLE.columns)
    assert caught.value.more + len(caught.value.faults) == needed * 10_000
