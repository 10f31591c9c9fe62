import io

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.kinds.image.metadata import without_metadata
from omloop.kinds.image.png import png_of


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]), st.integers(0, 2**32 - 1), st.integers(1, 256))
def test_any_pixels_come_back(width, height, channels, seed, levels):
    """By Pillow, which checks every sum of the file; from flat pictures to noise."""
    pixels = np.random.default_rng(seed).integers(0, levels, (height, width, channels), np.uint8)
    with PIL.Image.open(io.BytesIO(png_of(pixels)), formats=["PNG"]) as image:
        assert image.mode == ("L" if channels == 1 else "RGB")
        np.testing.assert_array_equal(np.asarray(image).reshape(pixels.shape), pixels)


def test_pixels_that_lie_apart_in_memory_come_back():
    """As those of structured examples do, or of a picture that was turned."""
    pixels = (np.arange(300) % 256).astype(np.uint8).reshape(10, 10, 3)
    for view in (pixels[::2, ::2], pixels.transpose(1, 0, 2), pixels[::-1]):
        np.testing.assert_array_equal(np.asarray(PIL.Image.open(io.BytesIO(png_of(view)))), view)


def test_a_text_is_carried_and_can_be_cut_out_again():
    pixels = np.zeros((4, 5, 3), np.uint8)
    told = png_of(pixels, (b"omloop-size", b"40x50"))
    assert PIL.Image.open(io.BytesIO(told)).text == {"omloop-size": "40x50"}
    assert without_metadata(told) == png_of(pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_flat_picture_is_short(channels):
    assert len(png_of(np.full((224, 224, channels), 255, np.uint8))) < 1_500
