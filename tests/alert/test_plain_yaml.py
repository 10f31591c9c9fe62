"""Settings files that would unfold without bound are refused in one line, with the place."""

from pathlib import Path

import pytest

from omloop.alert.plain_yaml import MOST_BYTES, read_plain
from omloop.alert.yaml import read_yaml
from omloop.core import ConfigError

BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "line 2: '\\*a' unfolds"),
        ("rules: &r\n  mine: *r\n", "line 2: '\\*r' unfolds"),
        ("x: " + "[" * 50 + "]" * 50, "line 1: this is nested deeper than 32"),
        ("x" * (MOST_BYTES + 1), "is larger than 1,048,576 bytes"),
    ],
)
def test_a_file_without_bound_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"alerts.yaml.*{told}"):
        read_yaml(path)


def test_an_alias_of_plain_values_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: &a {x: 1}\nb: *a\nc: 2 * 3\n")
    read = read_plain(path)
    assert "*a" in read.text and read.lines[("a", "x")] == 1 and read.lines[("c",)] == 3
