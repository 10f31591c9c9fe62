"""The fast reader of rows does what the plain one does, whatever the table and whatever the body."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omloop.core import InputError
from omloop.kinds import Column, Table

JSON = "application/json"
FLOAT32_MAX = float(np.finfo(np.float32).max)

# Whatever a manifest can spell: no half of a surrogate pair, and no limit that is not finite.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
limits = st.one_of(
    st.none(),
    st.integers(-100, 100).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([2.0**53, -(2.0**53), 2.0**63, 1e300, -1e300, FLOAT32_MAX, -FLOAT32_MAX, 0.1]),
)


@st.composite
def columns(draw: st.DrawFn, name: str) -> Column:
    kind = draw(st.sampled_from(["number", "integer", "category"]))
    if kind == "category":
        categories = draw(st.lists(words, min_size=1, max_size=4, unique=True))
        return Column(name, kind, categories=tuple(categories), missing=draw(st.booleans()))
    low, high = draw(limits), draw(limits)
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high)
    return Column(name, kind, low=low, high=high, missing=draw(st.booleans()))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    names = draw(st.lists(words, max_size=4, unique=True))
    return Table(tuple(draw(columns(name)) for name in names))


def values(column: Column) -> st.SearchStrategy[Any]:
    """Mostly what the column accepts or nearly accepts, and now and then anything that JSON can say."""
    near: list[Any] = [0, 1, -0.0, 2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**64, 10**400, FLOAT32_MAX, 1e39, "1", None]
    for limit in (column.low, column.high):
        if limit is not None:
            around = [limit, math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf)]
            near += around + [int(value) for value in around if math.isfinite(value)]
            near += [float(np.float32(limit))] if abs(limit) < FLOAT32_MAX else []
    accepted = st.sampled_from(column.categories) if column.categories else st.integers(-100, 100)
    anything = st.one_of(st.booleans(), st.floats(), words, st.just([]), st.just({}), st.integers())
    return st.one_of(accepted, accepted, st.sampled_from(near), st.floats(-100, 100), anything)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Table, bytes]:
    """A table, and a body that was meant for it."""
    table = draw(tables())
    row = st.fixed_dictionaries({column.name: values(column) for column in table.columns})
    rows: list[Any] = draw(st.lists(row, max_size=3))
    if draw(st.integers(0, 4)) == 0:
        rows.append(draw(st.one_of(st.none(), st.dictionaries(words, st.integers(), max_size=3))))
    return table, json.dumps({"rows": rows}, ensure_ascii=draw(st.booleans())).encode()


@st.composite
def broken(draw: st.DrawFn) -> tuple[Table, bytes]:
    """The same with some bytes changed, doubled or gone."""
    table, content = draw(bodies())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        gone = draw(st.integers(0, 2))
        put = draw(
            st.sampled_from([b"", b"\0", b"\xff", b'"', b"{", b"}", b",", b"0", b"-", b".", b"e9", b"null", b" "])
        )
        content = content[:at] + put + content[at + gone :]
    return table, content


def plainly(table: Table, content: bytes) -> Any:
    try:
        return table.read(content, JSON)
    except InputError as error:
        return error.field, error.reason


def quickly(table: Table, content: bytes) -> tuple[Any, Any]:
    try:
        return table.reader()(content, JSON)
    except InputError as error:
        return (error.field, error.reason), None


def agree(table: Table, content: bytes) -> None:
    """Both give the same numbers to the bit, or the same reason; and what the log keeps is what was read."""
    wanted, (found, records) = plainly(table, content), quickly(table, content)
    if isinstance(wanted, tuple) or isinstance(found, tuple):
        assert found == wanted
        return
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    np.testing.assert_array_equal(found, wanted)
    if records is not None:
        np.testing.assert_array_equal(table.parse(records), wanted)
        assert all(list(record) == list(table.fields) for record in records)


@settings(max_examples=200, deadline=None)
@given(bodies())
def test_a_body_is_read_as_the_plain_way_reads_it(given_body):
    agree(*given_body)


@settings(max_examples=200, deadline=None)
@given(broken())
@example((Table((Column("n", "integer", low=1e20),)), b'{"rows": [{"n": 9007199254740992}]}'))
@example((Table((Column("n", "integer", high=-1e20),)), b'{"rows": [{"n": -9007199254740993}]}'))
@example((Table((Column("x", "number", low=-1e300),)), b'{"rows": [{"x": -1e39}]}'))
@example((Table((Column("n", "integer"),)), b'{"rows": [{"n": 1, "n": 2}]}'))
@example((Table((Column("n", "integer"),)), b'{"rows": [{"n": "1", "n": 2}]}'))
@example((Table((Column("n", "integer"),)), b'{"rows": [{"n": 1}], "rows": [{"n": 2}]}'))
@example((Table((Column("n", "integer"),)), b'{"rows": [{"n": 1e2}]}'))
@example((Table((Column("n", "integer"),)), b'{"rows": [{"n": -0}]}'))
@example((Table((Column("x", "number"),)), b'{"rows": [{"x": %s}]}' % (b"9" * 400)))
@example((Table((Column("w", "category", categories=("m",)),)), rb'{"rows": [{"w": "\u006d"}]}'))
@example((Table((Column("w", "category", categories=("m",)),)), b'{"r\\u006fws": [{"w": "m"}]}'))
def test_a_body_that_was_damaged_is_read_or_refused_as_the_plain_way_does(given_body):
    agree(*given_body)


def test_an_ordinary_body_is_read_fast():
    """And not by the plain way, which would give no records."""
    table = Table((Column("x", "number", missing=True), Column("w", "category", categories=("a", "b"))))
    examples, records = table.reader()(b'{"rows": [{"x": null, "w": "b"}, {"x": 1.5, "w": "a"}]}', JSON)
    np.testing.assert_array_equal(examples, np.array([[np.nan, 1], [1.5, 0]], np.float32))
    assert records == [{"x": None, "w": "b"}, {"x": 1.5, "w": "a"}]


@pytest.mark.parametrize("name", ['a "quoted" name', "back\\slash", "a\ttab", "größe", ""])
def test_any_name_of_a_column_is_read(name):
    table = Table((Column(name, "integer"),))
    examples, _ = table.reader()(json.dumps({"rows": [{name: 7}]}).encode(), JSON)
    assert examples.tolist() == [[7.0]]
