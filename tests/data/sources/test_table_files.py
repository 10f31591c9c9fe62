import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import polars
import pytest

from omloop.core import ConfigError, DataError, SourceError
from omloop.data import read_table
from omloop.data.identity import content_keys


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
        ("a,a\n1,2\n", "twice: a in columns 1, 2"),
        ("class,index, x,index,class\n1,2,3,4,5\n", "twice: class in columns 1, 5; index in columns 2, 4"),
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


def test_a_column_without_a_name_is_read_as_pandas_writes_its_index(tmp_path: Path) -> None:
    assert read_table(write(tmp_path / "a.csv", ",x\n0,2\n1,5\n")) == {"": ["0", "1"], "x": ["2", "5"]}


def test_a_folder_is_not_a_table(tmp_path: Path) -> None:
    with pytest.raises((SourceError, DataError)):
        read_table(tmp_path)


ROWS = polars.DataFrame({"a": [1.5, float("nan")], "b": ["x", None]})


@pytest.mark.parametrize("name", ["a.PARQUET", "a.pq", "a.csv"])
def test_a_parquet_file_is_read_whatever_it_is_called_and_nan_is_absent(tmp_path: Path, name: str) -> None:
    ROWS.write_parquet(tmp_path / name)
    assert read_table(tmp_path / name) == {"a": [1.5, None], "b": ["x", None]}


def test_feather_json_lines_and_a_tsv_in_capitals_are_read(tmp_path: Path) -> None:
    ROWS.write_ipc(tmp_path / "a.feather")
    assert read_table(tmp_path / "a.feather")["a"] == [1.5, None]
    assert read_table(write(tmp_path / "a.txt", '{"a": 1, "b": null}\n{"a": 2, "b": "y"}\n'))["b"] == [None, "y"]
    assert read_table(write(tmp_path / "A.TSV", "a\tb\n1\t2\n")) == {"a": ["1"], "b": ["2"]}


def zipped(path: Path, name: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "")
    return path


def test_archives_of_something_else_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a Word or PowerPoint file"):
        read_table(zipped(tmp_path / "a.csv", "[Content_Types].xml"))
    with pytest.raises(DataError, match="is empty"):
        read_table(zipped(tmp_path / "b.csv", "rows.csv"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="is a folder that holds nothing; name one file in it"):
        read_table(tmp_path / "folder")


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("x;y\n-2,75;9\n", {"separator": ";", "decimal": ","}),
        ("x\ty\n(title)\n".replace("(title)", "-2.75\t9"), {"separator": "\t"}),
        ("a title\nx,y\n-2.75,9\n", {"skip": 1}),
        (" x , y\n -2.75 ,9 \n", {"strip": True}),
        ("x,z\n-2.75,9\n", {"rename": {"z": "y"}}),
        ("x,y\n'-2.75','9'\n", {"quote": "'"}),
        ("x,y\n-2.75,9\n".encode("utf-16"), {"encoding": "utf-16"}),
        (gzip.compress(b"x,y\n-2.75,9\n", mtime=0), {}),
        ('[{"x": "-2.75", "y": "9"}]', {}),
    ],
)
def test_options_say_how_a_file_is_written(tmp_path: Path, content: str | bytes, options: dict[str, Any]) -> None:
    assert read_table(write(tmp_path / "a.csv", content), **options) == {"x": ["-2.75"], "y": ["9"]}


def test_numbers_are_rewritten_only_in_columns_of_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "price;code;missing\n1.234,50;1.234,5;-\n2,00;B 3,5;7\n")
    found = read_table(path, separator=";", decimal=",", thousands=".", missing={"missing": ["-"]})
    assert found == {"price": ["1234.50", "2.00"], "code": ["1.234,5", "B 3,5"], "missing": ["", "7"]}


def test_an_option_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no option 'seperator'. Did you mean 'separator'"):
        read_table(write(tmp_path / "a.csv", "a,b\n1,2\n"), seperator=";")
    with pytest.raises(ConfigError, match="decimal and thousands are both ','"):
        read_table(tmp_path / "a.csv", decimal=",", thousands=",")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a|b\n1|2\n", r"line 1: its fields are separated by '\|'. Save it with commas"),
        ("x;y\n-2,75;9\n", r"separated by ';', and its numbers have a decimal comma \('-2,75'\)"),
        ("a,b\n1,2\n\n3\n", "line 4 has 1 fields, the header has 2"),
        ('a,b\n"1\n2",3\n4,5,6\n', "line 4 has 3 fields"),
        ('a,b\n1,"2\n', "line 2: unexpected end of data"),
        (b"a,b\n1,2\n3,\xe9\n", "line 3 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "is UTF-16"),
        (b"\x1f\x8b\x08\0", "a gzip file that is damaged or cut"),
        (b"\x80\x05\x95\0", "a pickle, which runs code"),
        ('[{"a": 1}, {"a": 2', "a JSON list of objects: it is no JSON at line 1, or was cut"),
        ("<!DOCTYPE html><html>", "a web page"),
        (b"a,b\n1,\0\n", "is no text: byte 6 is 0"),
        ('{"a": 1}\n\n{"a": 2\n{"a": 3}\n', "line 3 is no JSON at its character 8, or was cut"),
        ('{"a": 1}\n["a", 2]\n', "line 2 holds .*, not an object"),
        (b'\xef\xbb\xbf{"a": 1}\r\n{"a": -Infinity}\r\n', "line 2 holds -Infinity, which is no JSON; write null"),
        (b'{"a": "x"}\n{"a": "\xe9"}\n', "line 2 is not UTF-8"),
    ],
)
def test_what_a_file_is_and_where_it_is_wrong_is_said(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as refused:
        read_table(write(tmp_path / "a.csv", content))
    assert "\n" not in str(refused.value)


def test_ids_are_exact_whatever_their_size(tmp_path: Path) -> None:
    """Of JSON Lines and Parquet, beside absent ones; two that a float cannot tell apart are two."""
    ids = [2**53, 2**53 + 1, None]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"id": one}) + "\n" for one in ids))
    polars.DataFrame({"id": ids}).write_parquet(tmp_path / "rows.parquet")
    for name in ("rows.jsonl", "rows.parquet"):
        columns = read_table(tmp_path / name)
        assert columns["id"] == ids and len(set(content_keys(columns, ["id"]))) == 3


def test_blank_lines_are_passed_over_and_empty_fields_are_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1,\n\n,2\n")
    assert read_table(path) == {"a": ["1", ""], "b": ["", "2"]}


def test_a_long_column_of_repeated_words_is_read_whole(tmp_path: Path) -> None:
    words = [f"w{place % 7}" for place in range(70_000)]
    found = read_table(write(tmp_path / "a.csv", "word,row\n" + "".join(f"{w},{n}\n" for n, w in enumerate(words))))
    assert found["word"] == words and found["row"] == [str(place) for place in range(70_000)]
