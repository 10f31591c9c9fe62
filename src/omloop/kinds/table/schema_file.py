"""A table of very many columns, which nobody wants to read in Python: a JSON file with a column a line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from omloop.core import ConfigError, as_store_error
from omloop.kinds.table.column import Column


class TableSchema(NamedTuple):
    """The `columns` of a table, the `ignored` ones with the reasons why, and the `classes` of its answer."""

    columns: tuple[Column, ...]
    ignored: dict[str, str]
    classes: tuple[str, ...]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    columns: tuple[Column, ...]
    ignored: dict[str, str] = {}
    classes: tuple[str, ...] = ()


def read_schema(path: Path) -> TableSchema:
    """Read a file of `columns`, `ignored` and `classes`; raises ConfigError, which names its fault."""
    with as_store_error("read", path):
        content = path.read_bytes()
    try:
        found = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path} describes no table: {error}.") from error
    return TableSchema(found.columns, found.ignored, found.classes)


def schema_text(schema: TableSchema) -> str:
    """What `read_schema` reads, a line for each column and each reason."""

    def lines(rows: list[str]) -> str:
        return ",\n".join(f"    {row}" for row in rows)

    def text(value: object) -> str:
        return msgspec.json.encode(value).decode()

    columns = lines([text(column) for column in schema.columns])
    ignored = lines([f"{text(name)}: {text(reason)}" for name, reason in schema.ignored.items()])
    inside = f"{{\n{ignored}\n  }}" if ignored else "{}"
    return f'{{\n  "columns": [\n{columns}\n  ],\n  "ignored": {inside},\n  "classes": {text(schema.classes)}\n}}\n'
