import argparse

import pytest

from omloop.cli.durations import seconds


@pytest.mark.parametrize(("text", "value"), [("30s", 30), ("2m", 120), (".5h", 1800), ("250ms", 0.25), (" 7 ", 7)])
def test_a_length_of_time_is_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "s", "0s", "-1s", "1d", "1e3", "1 s", "nan", "inf", "9" * 400])
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write it as 30s"):
        seconds(text)
