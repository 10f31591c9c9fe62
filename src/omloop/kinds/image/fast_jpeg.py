"""Decodes ordinary JPEGs without opening them as a file first: the same pixels as Pillow's own way, faster.

Pillow's decoder gets the bytes at once. simplejpeg decodes a picture that already has the wanted size, if it is
installed and gives the same bits as Pillow on this machine. Pillow's own way takes every other picture, and says what
is wrong. See docs/decisions/0080-the-fastest-safe-way-to-a-jpeg.md.
"""

import io
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from omloop.kinds.image.jpeg import JpegLayout

# Pillow reads files in blocks of so many bytes: of what fits into one, this is the same call of the same decoder.
_ONE_BLOCK = 65_536
# Beyond so many pixels Pillow itself warns of a bomb when it opens a file.
_MOST_PIXELS = 80_000_000
_FRACTIONS = (8, 4, 2)
_SAMPLINGS = ("444", "422", "420", "440", "411")

Turbo = Callable[..., NDArray[np.uint8]]


def decode_whole(content: bytes, layout: JpegLayout, channels: int) -> NDArray[np.uint8] | None:
    """The pixels at the file's size, of shape (h, w, 1 or 3), by simplejpeg; None if simplejpeg does not take the file.

    It takes files of one scan whose colours need no conversion, and none with anything odd.
    """
    if not layout.single or channels < layout.components:
        return None
    turbo = matching_turbo()
    if turbo is None:
        return None
    try:
        return turbo(content, "GRAY" if layout.components == 1 else "RGB")
    except ValueError:
        return None


def decode_fraction(content: bytes, layout: JpegLayout, least: int) -> PIL.Image.Image | None:
    """The picture in its own colours, at the smallest fraction that has `least` pixels a side, as Pillow's `draft` has.

    None for a file that Pillow does not read in one go. Raises what Pillow raises for one that it cannot decode.
    """
    if len(content) > _ONE_BLOCK or layout.width * layout.height > _MOST_PIXELS:
        return None
    smaller = min(layout.width // least, layout.height // least)
    part = next((fraction for fraction in _FRACTIONS if smaller >= fraction), 1)
    size = -(-layout.width // part), -(-layout.height // part)
    mode = "L" if layout.components == 1 else "RGB"
    return PIL.Image.frombytes(mode, size, content, "jpeg", mode, "", part, 0)


@cache
def matching_turbo() -> Turbo | None:
    """simplejpeg's decoder, if it is installed and its libjpeg-turbo gives what Pillow's gives; checked once."""
    try:
        import simplejpeg

        turbo: Turbo = simplejpeg.decode_jpeg
        agreed = all(_agree(turbo, content) for content in _proofs(simplejpeg))
    except Exception:  # it is not there, or another one than we know
        return None
    return turbo if agreed else None


def _agree(turbo: Turbo, content: bytes) -> bool:
    with PIL.Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        wanted = np.asarray(image)
    found = turbo(content, "GRAY" if wanted.ndim == 2 else "RGB")
    return np.array_equal(found.reshape(wanted.shape), wanted)


def _proofs(simplejpeg: Any) -> list[bytes]:
    """Small JPEGs of noise and of a slope, of every subsampling, with sides that no block divides."""
    noise = (np.arange(37 * 51 * 3) * 2_654_435_761 >> 13).astype(np.uint8).reshape(37, 51, 3)
    slope = np.linspace(0, 255, noise.size).astype(np.uint8).reshape(noise.shape)
    files = [
        simplejpeg.encode_jpeg(pixels, quality, colorsubsampling=sampling)
        for pixels, quality, sampling in product((noise, slope), (35, 95), _SAMPLINGS)
    ]
    written = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(noise[:, :, 0])).save(written, "JPEG")
    return [*files, written.getvalue()]
