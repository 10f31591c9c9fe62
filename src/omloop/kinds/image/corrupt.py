"""Corruptions of pictures, each a function of pixels, a strength from 0 to 1 and a random generator.

Pixels are uint8 of shape (h, w, channels), at the picture's original size. The corruptions are those of Hendrycks and
Dietterich (2019), "Benchmarking neural network robustness to common corruptions and perturbations". Their sizes scale
with the picture.
"""

import io
from collections.abc import Callable

import numpy as np
import PIL.Image
import PIL.ImageFilter
import PIL.ImageOps
from numpy.typing import NDArray

from omloop.kinds.image.decode import flatten, pixels_of
from omloop.kinds.image.header import FORMATS

Pixels = NDArray[np.uint8]


def brightness(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """Overexposed: at full strength mid grey becomes white."""
    return _rounded(pixels + 128.0 * strength)


def contrast(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """Faded: at full strength a tenth of the contrast remains."""
    mean = pixels.mean()
    return _rounded(mean + (pixels - mean) * (1 - 0.9 * strength))


def blur(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """Out of focus: a Gaussian blur, at full strength of a twentieth of the shorter side."""
    return _through(pixels, PIL.ImageFilter.GaussianBlur(0.05 * strength * min(pixels.shape[:2])))


def noise(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """In the dark: normal noise, at full strength of a fifth of the range."""
    return _rounded(pixels + 51.0 * strength * chance.standard_normal(pixels.shape, np.float32))


def jpeg(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """Saved as a JPEG of a low quality, from 60 down to 5."""
    written = io.BytesIO()
    _image(pixels).save(written, "JPEG", quality=round(60 - 55 * strength))
    with PIL.Image.open(written) as image:
        return pixels_of(image, pixels.shape[2])


def shift(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """Not in the middle: moved sideways and up or down, at full strength by three tenths of each side, black behind."""
    moved = np.zeros_like(pixels)
    down, right = (round(0.3 * strength * side) * chance.choice([-1, 1]) for side in pixels.shape[:2])
    height, width = pixels.shape[:2]
    moved[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)] = pixels[
        max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)
    ]
    return moved


def occlusion(pixels: Pixels, strength: float, chance: np.random.Generator) -> Pixels:
    """Something before it: a black rectangle somewhere, at full strength of six tenths of each side."""
    covered = pixels.copy()
    sides = [round(0.6 * strength * side) for side in pixels.shape[:2]]
    top, left = (chance.integers(0, whole - side + 1) for whole, side in zip(pixels.shape[:2], sides, strict=True))
    covered[top : top + sides[0], left : left + sides[1]] = 0
    return covered


CORRUPTIONS: dict[str, Callable[[Pixels, float, np.random.Generator], Pixels]] = {
    "brightness": brightness,
    "contrast": contrast,
    "blur": blur,
    "noise": noise,
    "jpeg": jpeg,
    "shift": shift,
    "occlusion": occlusion,
}
"""What a picture can suffer, by name."""


def corrupt_picture(picture: object, name: str, strength: float, chance: np.random.Generator, channels: int) -> object:
    """A raw picture, a file's bytes or an array of uint8, as pixels that went wrong; anything else as it was."""
    if isinstance(picture, bytes | bytearray | memoryview):
        try:
            with PIL.Image.open(io.BytesIO(picture), formats=list(FORMATS)) as image:
                picture = pixels_of(flatten(PIL.ImageOps.exif_transpose(image), channels), channels)
        except Exception:  # Pillow's decoders raise a dozen unrelated classes: a broken picture stays broken
            return picture
    if not isinstance(picture, np.ndarray) or picture.dtype.kind not in "uf":
        return picture
    deep = picture if picture.dtype == np.uint8 else _rounded(picture * 255.0)
    return CORRUPTIONS[name](deep[:, :, None] if deep.ndim == 2 else deep, strength, chance)


def _rounded(pixels: NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(np.rint(pixels), 0, 255), np.uint8)


def _image(pixels: Pixels) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


def _through(pixels: Pixels, blurred: PIL.ImageFilter.GaussianBlur) -> Pixels:
    return pixels_of(_image(pixels).filter(blurred), pixels.shape[2])


def darken(picture: object) -> object:
    """A file's bytes as a PNG with a third of the light, an array divided by three."""
    if not isinstance(picture, bytes):
        return np.asarray(picture) / 3
    with PIL.Image.open(io.BytesIO(picture)) as opened:
        plain = opened.convert("L" if opened.mode in ("1", "L", "LA", "I", "I;16") else "RGB")
    buffer = io.BytesIO()
    plain.point([value // 3 for value in range(256)] * len(plain.getbands())).save(buffer, "PNG")
    return buffer.getvalue()
