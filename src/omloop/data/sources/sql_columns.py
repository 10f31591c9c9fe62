"""Columns of what a database answers, batch by batch: each value as a table file would have given it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from operator import ne
from typing import TYPE_CHECKING, Any
from uuid import UUID

from omloop.core import DataError
from omloop.data.sources.text_column import TextColumn

if TYPE_CHECKING:
    import polars


class SqlColumn:
    """One column that grows by batches: a `TextColumn`, which packs texts as they come, or else a list.

    NULL and NaN are None. Decimals are integers where all of them are, else floats. Times with a zone are in UTC, since
    a database tells them in the zone of whoever asks. Where a database mixes numbers and texts, all become texts.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._types: set[type] = set()
        self._parts: list[polars.Series | list[Any]] = []

    def extend(self, values: Sequence[Any]) -> None:
        """Take the values of more rows; raises DataError for what is no value of a table, such as a list."""
        import polars

        for kind in set(map(type, values)) & READ.keys():
            values = [READ[kind](value) if type(value) is kind else value for value in values]
        if any(map(ne, values, values)):  # NaN alone differs from itself
            values = [None if value != value else value for value in values]  # noqa: PLR0124
        kinds = set(map(type, values)) - {type(None)}
        for kind in kinds - TAKEN:
            raise DataError(
                f"The column '{self._name}' of data.query holds values of the type {kind.__name__}. Take one value a "
                f"row of it, or write CAST({self._name} AS TEXT) AS {self._name} in the query."
            )
        self._types |= kinds
        self._parts.append(polars.Series(values, dtype=polars.String) if kinds == {str} else list(values))

    def values(self) -> Sequence[Any]:
        """All of them; the column is empty afterwards."""
        import polars

        parts, self._parts = self._parts, []
        if self._types == {str}:
            return TextColumn(polars.concat(polars.Series(part, dtype=polars.String) for part in parts))
        found = [value for part in parts for value in part]
        if str in self._types:
            texts = [None if value is None else str(value) for value in found]
            return TextColumn(polars.Series(texts, dtype=polars.String))
        if {int, float} <= self._types:
            return [float(value) if type(value) is int else value for value in found]
        return found


def _decimal(value: Decimal) -> int | float:
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


READ: Mapping[type, Callable[[Any], Any]] = {
    Decimal: _decimal,
    datetime: lambda value: value if value.tzinfo is None else value.astimezone(UTC),
    memoryview: bytes,
    time: str,
    **dict.fromkeys((UUID, IPv4Address, IPv6Address), str),
}
"""Type that drivers give -> what is read of such a value."""
TAKEN = frozenset({int, float, bool, str, bytes, date, datetime})


def sql_columns(names: Sequence[str], batches: Iterable[Sequence[Sequence[Any]]]) -> dict[str, Sequence[Any]]:
    """The columns called `names` of rows that come in batches; it holds one batch at a time beside the result."""
    columns = [SqlColumn(name) for name in names]
    for rows in batches:
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return {name: column.values() for name, column in zip(names, columns, strict=True)}
