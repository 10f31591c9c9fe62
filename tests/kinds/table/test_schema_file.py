from pathlib import Path

import pytest

from omloop.core import ConfigError
from omloop.kinds import Column, read_schema
from omloop.kinds.table.schema_file import TableSchema, schema_text


def test_a_written_schema_is_read_as_it_was(tmp_path: Path) -> None:
    columns = (Column('a "b" [1]', "number", low=0.5), Column("☀", "category", categories=("x", "y"), other="other"))
    schema = TableSchema(columns, {"id": 'an "id"', "": "an index"}, ("no", "yes"))
    for one in (schema, TableSchema(columns, {}, ())):
        (tmp_path / "schema.json").write_text(schema_text(one), encoding="utf-8")
        assert read_schema(tmp_path / "schema.json") == one


@pytest.mark.parametrize(
    "text", ["", "{", '{"columns": [{"name": "a", "type": "numbr"}]}', '{"columns": [], "ignore": {}}']
)
def test_what_is_wrong_in_a_schema_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "schema.json").write_text(text)
    with pytest.raises(ConfigError, match="describes no table"):
        read_schema(tmp_path / "schema.json")
