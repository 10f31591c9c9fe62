from pathlib import Path

import numpy as np
import polars
import pytest

from omloop.data import TextColumn, read_table, take_rows


def column(*texts: str | None) -> TextColumn:
    return TextColumn(polars.Series(texts, dtype=polars.String))


def test_a_column_is_equal_to_a_list_of_its_texts_and_to_no_other() -> None:
    assert column("a", None, "b") == ["a", None, "b"] == column("a", None, "b")
    assert column("a") != ["b"] and column("a") != ["a", "a"] and column("a") != "a"


def test_one_place_is_a_text_and_some_are_a_column() -> None:
    words = column("a", None, "c")
    assert (words[0], words[np.int64(1)], words[-1]) == ("a", None, "c")
    assert words[1:] == [None, "c"] and words[np.array([2, 0])] == ["c", "a"]
    assert isinstance(words[1:], TextColumn) and "c" in words and words.index("c") == 2
    with pytest.raises(IndexError):
        words[3]


def test_a_column_longer_than_a_block_is_gone_through_in_order() -> None:
    texts = [str(place) for place in range(40_000)]
    assert list(column(*texts)) == texts


def test_numbers_are_read_of_it_as_of_a_list() -> None:
    assert np.asarray(column("1.5", "2"), np.float64).tolist() == [1.5, 2.0]


def test_what_is_shown_of_it_is_short() -> None:
    assert repr(column("a", "b", "c", "d")) == "TextColumn(['a', 'b', 'c', ...], 4 texts)"


def test_rows_of_a_table_that_was_read_are_columns_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("word,row\nx,1\ny,2\nz,3\n")
    taken = take_rows(read_table(tmp_path / "a.csv"), [2, 0])
    assert taken == {"word": ["z", "x"], "row": ["3", "1"]} and isinstance(taken["word"], TextColumn)
