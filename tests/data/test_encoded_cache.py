"""Encoded examples that are kept: the same ones, made once, and again when they are damaged."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.data import record_keys
from omloop.data.encoded_cache import MOST, encode_cached
from omloop.kinds import Image

COUNT = 40


class Counting:
    """The kind `image`, counting how often it encodes."""

    def __init__(self, side: int = 64) -> None:
        self.kind, self.times = Image(side, side, 3), 0

    def describe(self) -> dict[str, Any]:
        return self.kind.describe()

    def encode(self, columns: Any) -> Any:
        self.times += 1
        return self.kind.encode(columns)


@pytest.fixture
def records() -> dict[str, Any]:
    draw = np.random.default_rng(0)
    return {"image": [draw.integers(0, 256, (96, 96, 3), np.uint8) for _ in range(COUNT * 3)]}


def ask(kind: Counting, records: dict[str, Any], folder: Path | None) -> Any:
    return encode_cached(kind, records, record_keys(records, ["image"]), folder)  # type: ignore[arg-type]


def test_a_second_turn_does_not_decode_again(records: dict[str, Any], tmp_path: Path) -> None:
    kind = Counting()
    first, second = (ask(kind, records, tmp_path / "cache") for _ in range(2))
    assert kind.times == 1
    np.testing.assert_array_equal(first, kind.kind.encode(records))
    np.testing.assert_array_equal(first, second)
    assert second.dtype == first.dtype and second.flags.writeable


def test_what_is_written_to_the_examples_does_not_reach_the_file(records: dict[str, Any], tmp_path: Path) -> None:
    kind = Counting()
    ask(kind, records, tmp_path)[:] = np.zeros((), kind.kind.encode({"image": records["image"][:1]}).dtype)
    np.testing.assert_array_equal(ask(kind, records, tmp_path), kind.kind.encode(records))


def test_other_records_another_order_and_another_size_are_made_anew(records: dict[str, Any], tmp_path: Path) -> None:
    kind, larger = Counting(), Counting(80)
    turned = {"image": records["image"][::-1]}
    for one, given in ((kind, records), (kind, turned), (kind, {"image": records["image"][:-1]}), (larger, records)):
        np.testing.assert_array_equal(ask(one, given, tmp_path), one.kind.encode(given))
    assert (kind.times, larger.times, len(list(tmp_path.iterdir()))) == (3, 1, 4)


@pytest.mark.parametrize("spoil", ["cut", "flipped", "emptied", "nonsense"])
def test_a_damaged_file_is_made_again(records: dict[str, Any], tmp_path: Path, spoil: str) -> None:
    kind = Counting()
    ask(kind, records, tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    file.write_bytes({"cut": whole[:middle], "flipped": flipped, "emptied": b"", "nonsense": b"x" * 99}[spoil])
    np.testing.assert_array_equal(ask(kind, records, tmp_path), kind.kind.encode(records))
    assert kind.times == 2 and file.read_bytes() == whole


def test_turns_at_the_same_time_get_the_same(records: dict[str, Any], tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: ask(Counting(), records, tmp_path), range(12)))
    for examples in found:
        np.testing.assert_array_equal(examples, found[0])
    assert len(list(tmp_path.iterdir())) == 1


def test_the_oldest_go(records: dict[str, Any], tmp_path: Path) -> None:
    for number in range(MOST + 2):
        (tmp_path / f"{number}.npy").write_bytes(b"old")
        os.utime(tmp_path / f"{number}.npy", (number, number))
    ask(Counting(), records, tmp_path)
    assert len(list(tmp_path.iterdir())) == MOST
    assert not (tmp_path / "0.npy").exists()


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(records: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    kind = Counting()
    np.testing.assert_array_equal(ask(kind, records, tmp_path / "file" / "cache"), kind.kind.encode(records))


def test_few_examples_are_not_kept(records: dict[str, Any], tmp_path: Path) -> None:
    ask(Counting(), {"image": records["image"][:3]}, tmp_path)
    assert not list(tmp_path.iterdir())
