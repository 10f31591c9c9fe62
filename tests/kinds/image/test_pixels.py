import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from omloop.kinds.image.pixels import colourfulness, entropy, luma, measure, sharpness


def flat(*colours):
    return np.stack([np.full((4, 6, 3), colour, np.uint8) for colour in colours])


@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=3, max_dims=3, max_side=7).map(lambda shape: (*shape, 3))))
def test_every_number_is_finite_and_each_picture_is_measured_alone(pixels):
    together = measure(pixels)
    for name, values in together.items():
        assert values.shape == (len(pixels),) and np.isfinite(values).all()
        assert values[0] == pytest.approx(measure(pixels[:1])[name][0])


def test_black_is_dark_white_is_bright_and_both_are_plain():
    found = measure(flat(0, 255))
    assert found["brightness"].tolist() == pytest.approx([0, 1])
    for name in ("contrast", "sharpness", "colourfulness", "entropy"):
        assert found[name].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_a_checkerboard_is_as_sharp_as_can_be_and_its_entropy_is_one_bit():
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)[None, :, :, None]
    found = measure(board)
    assert found["contrast"][0] == pytest.approx(0.5) and found["entropy"][0] == pytest.approx(1)
    smooth = np.broadcast_to(np.arange(8, dtype=np.uint8) * 30, (8, 8))[None, :, :, None]
    assert found["sharpness"][0] > 20 * sharpness(luma(smooth))[0]


def test_two_opposite_colours_have_the_published_colourfulness():
    """Half red, half blue, by hand: rg is 255 or 0, yb 127.5 or -255."""
    pixels = np.zeros((1, 2, 2, 3), np.uint8)
    pixels[0, 0, :, 0] = pixels[0, 1, :, 2] = 255
    spread = np.sqrt(127.5**2 + 191.25**2)
    centre = np.sqrt(127.5**2 + 63.75**2)
    assert colourfulness(pixels)[0] == pytest.approx(spread + 0.3 * centre)


def test_256_equal_shares_are_eight_bits():
    assert entropy(np.arange(256.0).reshape(1, 16, 16))[0] == pytest.approx(8)


def test_grey_pictures_have_no_colourfulness():
    assert "colourfulness" not in measure(np.zeros((2, 3, 3, 1), np.uint8))


def test_no_pictures_give_no_numbers_and_many_are_measured_in_order():
    assert {len(values) for values in measure(np.empty((0, 2, 2, 3), np.uint8)).values()} == {0}
    many = np.arange(30, dtype=np.uint8)[:, None, None, None] * np.ones((1, 200, 300, 3), np.uint8)
    assert measure(many)["brightness"].tolist() == pytest.approx((np.arange(30) / 255).tolist())
