"""Examples in the forms in which users have them."""

from typing import Any

import numpy as np
import polars
import pytest
from PIL import Image

from omloop.loop.turn.given.examples import examples_of

PIXELS = np.zeros((2, 4, 5), np.uint8)


@pytest.mark.parametrize(
    "given",
    [
        polars.DataFrame({"a": [1.5, None], "b": ["x", "y"]}),
        [{"a": 1.5, "b": "x"}, {"b": "y"}],
        {"a": [1.5, float("nan")], "b": ["x", "y"]},
    ],
)
def test_tables_are_columns_of_plain_values(given: Any) -> None:
    assert examples_of(given, None).columns == {"a": [1.5, None], "b": ["x", "y"]}


def test_frames_of_pandas_are_columns_too() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.5, None], "b": pandas.Categorical(["x", None])})
    assert examples_of(frame, None).columns == {"a": [1.5, None], "b": ["x", None]}


@pytest.mark.parametrize("given", [["one", "two"], np.array(["one", "two"]), polars.Series(["one", "two"])])
def test_texts_are_one_column(given: Any) -> None:
    found = examples_of(given, None)
    assert (found.what, list(found.columns["text"])) == ("text", ["one", "two"])


@pytest.mark.parametrize(
    "given",
    [PIXELS, PIXELS[:, None], PIXELS[..., None], list(PIXELS), [Image.fromarray(one) for one in PIXELS]],
    ids=["n h w", "n c h w", "n h w c", "list", "pillow"],
)
def test_pictures_have_their_channels_last(given: Any) -> None:
    found = examples_of(given, None)
    assert (found.what, {np.shape(one)[:2] for one in found.columns["image"]}) == ("image", {(4, 5)})


def test_an_array_has_one_name_a_column() -> None:
    assert list(examples_of(np.zeros((2, 3)), None).columns) == ["x0", "x1", "x2"]
    assert list(examples_of([[1, 2], [3, 4]], ["a", "b"]).columns) == ["a", "b"]
