from pathlib import Path

import polars
import pytest

from omloop.core import DataError, SourceError
from omloop.data import read_table


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_fields_stay_texts(tmp_path: Path) -> None:
    """`None` and `NA` are words; an empty field is an empty text, not a null."""
    path = write(tmp_path / "a.csv", "tool,hours\nNone,1.50\nNA,\n")
    assert read_table(path) == {"tool": ["None", "NA"], "hours": ["1.50", ""]}


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    assert list(read_table(write(tmp_path / "a.csv", "\ufeffa,b\n1,2\n"))) == ["a", "b"]


def test_tsv_and_parquet_give_the_same_columns(tmp_path: Path) -> None:
    tsv = write(tmp_path / "a.tsv", "a\tb\nx\ty, z\n")
    polars.DataFrame({"a": ["x"], "b": ["y, z"]}).write_parquet(tmp_path / "a.parquet")
    assert read_table(tsv) == read_table(tmp_path / "a.parquet") == {"a": ["x"], "b": ["y, z"]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("a,b\n", "no record"),
        ("a,a\n1,2\n", "twice: a"),
        (b"a,b\n\xff\xfe,2\n", "not UTF-8"),
        ("a,b\n1,2,3\n", "cannot be read as a table"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as refused:
        read_table(write(tmp_path / "a.csv", content))
    assert "\n" not in str(refused.value)


def test_a_parquet_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    polars.DataFrame({"a": ["x"] * 100}).write_parquet(tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    with pytest.raises(DataError, match="cannot be read as a table"):
        read_table(write(tmp_path / "a.parquet", whole[: len(whole) // 2]))


def test_a_folder_is_not_a_table(tmp_path: Path) -> None:
    with pytest.raises((SourceError, DataError)):
        read_table(tmp_path)
