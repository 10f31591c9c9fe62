"""Learning from pictures: normalisation, augmentation, balance."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pictures = pytest.importorskip("omloop.train.pictures")

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 12, 10, 3), dtype=np.uint8)


def test_pictures_are_standardised_by_channel() -> None:
    normalised = pictures.PicturePreprocessing(PIXELS)(torch.from_numpy(PIXELS))
    assert normalised.shape == (6, 3, 12, 10)
    assert normalised.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert (normalised.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-2


def test_constant_pictures_do_not_divide_by_nothing() -> None:
    black = np.zeros((2, 4, 4, 1), np.uint8)
    assert torch.isfinite(pictures.PicturePreprocessing(black)(torch.from_numpy(black))).all()


def test_no_change_asked_for_is_no_change() -> None:
    same = pictures.Augment()(torch.from_numpy(PIXELS))
    np.testing.assert_allclose(same.numpy(), PIXELS, atol=1e-2)


CHANGES: list[dict[str, Any]] = [
    *({name: True} for name in ("flip", "flop")),
    *({name: 0.3} for name in ("shift", "zoom", "brightness", "contrast", "erase")),
    {"turn": 20},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_every_change_changes_pictures_within_bounds_and_by_the_seed(change: dict[str, Any]) -> None:
    augment, batch = pictures.Augment(**change), torch.from_numpy(PIXELS)
    torch.manual_seed(3)
    first = augment(batch)
    torch.manual_seed(3)
    assert torch.equal(first, augment(batch))
    assert not np.allclose(first.numpy(), PIXELS, atol=1)
    assert first.min() >= 0 and first.max() <= 255


def test_a_mirrored_picture_is_the_picture_mirrored() -> None:
    torch.manual_seed(0)
    flipped = pictures.Augment(flip=True)(torch.from_numpy(PIXELS)).numpy()
    for changed, pixels in zip(flipped, PIXELS, strict=True):
        assert np.allclose(changed, pixels, atol=0.1) or np.allclose(changed, pixels[:, ::-1], atol=0.1)
