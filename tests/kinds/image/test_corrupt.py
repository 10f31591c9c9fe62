import io

import numpy as np
import PIL.Image
import pytest

from omloop.core import UnknownNameError
from omloop.kinds import Image
from omloop.kinds.image.corrupt import CORRUPTIONS

KIND = Image(12, 10)
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)


def jpeg(pixels=PIXELS) -> bytes:
    written = io.BytesIO()
    PIL.Image.fromarray(pixels).save(written, "JPEG", quality=95)
    return written.getvalue()


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_each_does_more_harm_the_stronger_it_is(name, channels):
    smooth = np.asarray(PIL.Image.fromarray(PIXELS).resize((30, 20)))[:, :, :channels]
    harm = [
        np.abs(CORRUPTIONS[name](smooth, strength, np.random.default_rng(1)).astype(int) - smooth).mean()
        for strength in (0.25, 0.5, 1.0)
    ]
    assert 0 < harm[0] < harm[1] < harm[2]


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_pixels_stay_pixels_and_the_picture_stays_as_large_as_it_came(name):
    for picture in (jpeg(), PIXELS, PIXELS / 255, PIXELS[:, :, 0]):
        example = KIND.encode(KIND.corrupted({"image": [picture]}, name, 1.0, seed=0))[0]
        assert (example["width"], example["height"]) == (60, 40)


def test_the_same_seed_does_the_same_and_nothing_is_changed_in_place():
    before = PIXELS.copy()
    one, same, other = (KIND.corrupted({"image": [PIXELS]}, "noise", 0.5, seed)["image"][0] for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any() and (before == PIXELS).all()


@pytest.mark.parametrize("broken", [b"no picture", jpeg()[:300], None, "text", np.zeros((4, 4), int)])
def test_what_is_no_picture_stays_none(broken):
    spoilt = KIND.corrupted({"image": [broken], "person": ["x"]}, "blur", 0.5, seed=0)
    assert spoilt["image"][0] is broken and spoilt["person"] == ["x"]


def test_a_picture_on_its_side_is_turned_upright_first():
    tall, exif = PIL.Image.new("RGB", (8, 20), "white"), PIL.Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    tall.save(written, "JPEG", exif=exif)
    example = KIND.encode(KIND.corrupted({"image": [written.getvalue()]}, "noise", 0.1, seed=0))[0]
    assert (example["width"], example["height"]) == (20, 8)


def test_an_unknown_corruption_names_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'noise'"):
        KIND.corrupted({"image": [PIXELS]}, "nois", 0.5, seed=0)


def test_a_glimpse_is_a_small_jpeg():
    kind = Image(400, 300)
    (glimpse,) = kind.glimpse(kind.encode({"image": [PIXELS]}))
    assert glimpse["image"].startswith("/9j/") and len(glimpse["image"]) < 12_000
