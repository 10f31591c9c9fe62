"""Learning from pictures: normalisation, augmentation, balance."""

from typing import Any

import numpy as np
import pytest

from omloop.kinds import Image

torch = pytest.importorskip("torch")
pictures = pytest.importorskip("omloop.train.pictures")

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 12, 10, 3), dtype=np.uint8)


def test_pictures_are_standardised_by_channel() -> None:
    normalised = pictures.PicturePreprocessing(PIXELS)(torch.from_numpy(PIXELS))
    assert normalised.shape == (6, 3, 12, 10)
    assert normalised.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert (normalised.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-2


def test_the_examples_of_the_kind_are_taken_as_their_pixels_are() -> None:
    """Sizes are no pixels."""
    examples = Image(10, 12).encode({"image": list(PIXELS)})
    ours, plain = pictures.PicturePreprocessing(examples), pictures.PicturePreprocessing(PIXELS)
    assert torch.equal(ours.mean, plain.mean) and torch.equal(ours.spread, plain.spread)


def test_constant_pictures_do_not_divide_by_nothing() -> None:
    black = np.zeros((2, 4, 4, 1), np.uint8)
    assert torch.isfinite(pictures.PicturePreprocessing(black)(torch.from_numpy(black))).all()


def test_no_change_asked_for_is_no_change() -> None:
    same = pictures.Augment()(torch.from_numpy(PIXELS))
    np.testing.assert_allclose(same.numpy(), PIXELS, atol=1e-2)


CHANGES: list[dict[str, Any]] = [
    *({name: True} for name in ("flip", "flop")),
    *({name: 0.3} for name in ("shift", "zoom", "brightness", "contrast", "erase", "saturation")),
    {"turn": 20},
    {"hue": 20},
    {"shift": 0.3, "outside": "reflection"},
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


def test_a_half_turn_of_a_wide_picture_is_the_picture_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mirrored too: no draw of turn and mirror may squeeze it flat."""
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape[0] if len(shape) == 1 else shape, 1.0))
    turned = pictures.Augment(turn=180)(torch.from_numpy(PIXELS))
    np.testing.assert_allclose(turned.numpy(), PIXELS[:, ::-1, ::-1], atol=0.1)


@pytest.mark.parametrize("mirror", [{}, {"flip": True}, {"flop": True}])
def test_turns_keep_the_size_of_what_is_shown(mirror: dict[str, bool]) -> None:
    """A disc stays a disc of the same area, in a picture that is not square."""
    y, x = np.mgrid[-30:30:60j, -40:40:80j]
    disc = np.where(np.hypot(x, y) < 15, 200, 0).astype(np.uint8)[None, :, :, None].repeat(16, 0)
    torch.manual_seed(1)
    turned = pictures.Augment(turn=180, **mirror)(torch.from_numpy(disc)).numpy()
    np.testing.assert_allclose(turned.sum((1, 2, 3)), disc.sum((1, 2, 3)), rtol=0.02)


def test_hue_and_saturation_leave_brightness_and_grey_pictures_alone() -> None:
    torch.manual_seed(2)
    colours = np.random.default_rng(1).integers(90, 160, (6, 12, 10, 3), dtype=np.uint8)
    tinted = pictures.Augment(hue=30, saturation=0.3)(torch.from_numpy(colours)).numpy()
    np.testing.assert_allclose(tinted.mean(axis=3), colours.mean(axis=3), atol=0.1)
    assert np.abs(tinted - colours).max() > 5
    grey = PIXELS[:, :, :, :1]
    np.testing.assert_allclose(pictures.Augment(hue=30, saturation=0.3)(torch.from_numpy(grey)).numpy(), grey, atol=0.1)
