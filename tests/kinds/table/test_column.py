"""What a column accepts, and how it says so."""

from typing import Any

import pytest

from omloop import Column, ConfigError


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("paid", "boolean"), "true or false"),
        (Column("born", "date", low=0), "a date such as 2024-01-31 of at least 1970-01-01"),
        (
            Column("seen", "datetime", high=1.5, format="%d/%m/%Y"),
            "a date and time such as 2024-01-31T09:30:00Z or in the format %d/%m/%Y of at most 1970-01-02T12:00:00",
        ),
        (Column("note", "text"), "a text"),
        (
            Column("city", "category", categories=("a", "b"), other="c"),
            "one of 'a', 'b', or another text, taken as 'c'",
        ),
    ],
)
def test_a_column_says_what_it_accepts(column: Column, words: str) -> None:
    assert column.accepts == words


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"type": "boolean", "low": 0}, "takes no `low`"),
        ({"type": "number", "format": "%Y"}, "takes no `format`"),
        ({"type": "date", "size": 8}, "takes no `size`"),
        ({"type": "text", "other": "x"}, "takes no `other`"),
        ({"type": "text", "size": 0}, "in 0 places"),
    ],
)
def test_what_another_type_has_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Column("x", **given)


def test_a_schema_is_of_json_types() -> None:
    day, note = Column("day", "date", missing=True), Column("note", "text", description="What was written.")
    assert day.schema() == {"type": ["string", "null"], "format": "date"}
    assert note.schema() == {"type": "string", "description": "What was written."}
    assert Column("paid", "boolean").schema() == {"type": "boolean"}


def test_a_schema_of_very_many_words_tells_the_first_ones() -> None:
    schema = Column("shop", "category", categories=tuple(map(str, range(100_000)))).schema()
    assert schema["type"] == "string" and len(schema["examples"]) == 300 and "100,000 words" in schema["description"]
