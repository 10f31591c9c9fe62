"""From an encoded picture to pixels of one size: the same function for training and for serving.

The function turns a picture upright by its EXIF orientation and lays transparent parts over white. It then converts it
to grey or RGB, and resizes it with an antialiasing filter. It decodes large JPEGs at a fraction of their size.
"""

import io
import re
from typing import NamedTuple

import numpy as np
import PIL.Image
import PIL.WebPImagePlugin  # Pillow alone would load every format it knows to find this one
from numpy.typing import NDArray
from PIL.Image import Resampling, Transpose

from omloop.core import InputError
from omloop.kinds.image.fast_jpeg import decode_fraction, decode_whole
from omloop.kinds.image.form import Fit, PictureForm
from omloop.kinds.image.header import FORMATS, frames, header, require_few_pieces
from omloop.kinds.image.jpeg import JpegLayout, read_layout
from omloop.kinds.image.png import png_of

_ORIENTATION = 0x0112
# What undoes each value of EXIF 2.32's Orientation; those above 4 swap width and height.
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_SIDEWAYS = {_UPRIGHT[value] for value in (5, 6, 7, 8)}
# Where a PNG of ours, already resized, says how large the picture was when it came: a text chunk of this name.
_CAME_AS, _SIZE = b"omloop-size", re.compile(r"([1-9]\d{0,8})x([1-9]\d{0,8})")
# A JPEG is decoded at no less than twice the size asked for, so that the filter still has something to average.
_GAP = 2
# Pixels that are converted together: palettes and transparency take up to 13 bytes for each of them.
_AT_ONCE = 1_000_000
# Each scan of a progressive JPEG goes over the whole picture: a file of thousands keeps a decoder busy for minutes. The
# marker stands nowhere inside a scan (ITU-T T.81, B.1.1.5), and ordinary files have about ten.
_SCAN, _MOST_SCANS = b"\xff\xda", 64
_SHORT_FILE = 16_384


class DecodedPicture(NamedTuple):
    """A picture's pixels, uint8 of shape (h, w, channels), and the width and height that it came with, upright."""

    pixels: NDArray[np.uint8]
    width: int
    height: int


class CheckedPicture(NamedTuple):
    """How many pixels a header claims, and the layout of an ordinary JPEG."""

    pixels: int
    layout: JpegLayout | None


def decode(
    content: bytes, width: int, height: int, channels: int, *, fit: Fit, most_pixels: int, most_frames: int
) -> DecodedPicture:
    """The picture at (height, width, channels), whatever its format, size and mode.

    It checks the limits on the header, before it decodes any pixel; of an animation it takes the first frame. A PNG of
    `encode_png` carries its original size. Raises InputError for anything that is no picture, is truncated, or exceeds
    a limit.
    """
    form = PictureForm(width, height, channels, fit, most_pixels, most_frames)
    return decode_checked(content, check(content, most_pixels=most_pixels, most_frames=most_frames), form)[0]


def decode_checked(content: bytes, checked: CheckedPicture, form: PictureForm) -> tuple[DecodedPicture, bool]:
    """What `decode` gives, of a file that `check` has accepted, and whether it would give the same without metadata."""
    if checked.layout is not None:
        pixels = _decode_jpeg(content, checked.layout, form)
        if pixels is not None:
            return DecodedPicture(pixels, checked.layout.width, checked.layout.height), True
    return _decode_file(content, form)


def _decode_jpeg(content: bytes, layout: JpegLayout, form: PictureForm) -> NDArray[np.uint8] | None:
    """The pixels of an ordinary JPEG by the short ways to them; None where they do not lead there."""
    width, height, channels = form[:3]
    try:
        if (layout.width, layout.height) == (width, height):
            pixels = decode_whole(content, layout, channels)
            if pixels is not None:
                return pixels if layout.components == channels else pixels.repeat(channels, axis=2)
        image = decode_fraction(content, layout, _GAP * max(width, height))
        return None if image is None else pixels_of(brought_to(image, width, height, channels, fit=form.fit), channels)
    except Exception:  # a dozen unrelated classes; opening the file tells what is wrong, or that nothing is
        return None


def _decode_file(content: bytes, form: PictureForm) -> tuple[DecodedPicture, bool]:
    """What `decode_checked` gives, by opening the file as Pillow does."""
    width, height, channels, fit, most_pixels, most_frames = form
    try:
        with PIL.Image.open(io.BytesIO(content), formats=list(FORMATS)) as image:
            _check_again(image, most_pixels=most_pixels, most_frames=most_frames)
            came = _came_as(image, width, height, most_pixels)
            plain = came == image.size  # a draft changes it
            if image.format in ("JPEG", "MPO"):
                image.draft(None, (_GAP * max(width, height),) * 2)
            turn = _UPRIGHT.get(_orientation(image))
            lying = turn in _SIDEWAYS
            if image.format == "WEBP":
                _free_decoder_early(image)
            image.load()
            small = brought_to(image, *((height, width) if lying else (width, height)), channels, fit=fit)
    except InputError:
        raise
    except PIL.Image.DecompressionBombError:  # a frame beyond what the header claims
        raise InputError(f"has too many pixels; send at most {most_pixels:,} in all") from None
    except Exception as error:  # Pillow's decoders raise a dozen unrelated classes for bytes they did not expect
        raise InputError("cannot be decoded; it is damaged or cut off: send the whole file") from error
    upright = pixels_of(small if turn is None else small.transpose(turn), channels)
    return DecodedPicture(upright, *(reversed(came) if lying else came)), plain and turn is None


def check(content: bytes, layout: JpegLayout | None = None, *, most_pixels: int, most_frames: int) -> CheckedPicture:
    """The claims of the header; raises InputError for too many pixels, or too many frames of a GIF.

    `layout` is that of an ordinary JPEG, if known.
    """
    layout = layout or read_layout(content)
    name, width, height = header(content) if layout is None else ("JPEG", layout.width, layout.height)
    _refuse_pixels(width, height, most_pixels)
    if layout is None:
        require_few_pieces(content, name)
    if name == "JPEG" and _count_scans(content) > _MOST_SCANS:
        raise InputError(f"is a JPEG of more than {_MOST_SCANS} scans; save it again as an ordinary JPEG")
    if name == "GIF":
        try:
            count = frames(content, most_frames)
        except IndexError as error:
            raise InputError("is cut off; send the whole file") from error
        _refuse_frames(count, most_frames)
    return CheckedPicture(width * height, layout)


def _count_scans(content: bytes) -> int:
    """How often the marker of a scan stands in the file; Python alone takes a tenth of the time of decoding it."""
    if len(content) <= _SHORT_FILE:
        return content.count(_SCAN)
    raw = np.frombuffer(content, np.uint8)
    return int(np.count_nonzero((raw[:-1] == _SCAN[0]) & (raw[1:] == _SCAN[1])))


def as_pixels(pixels: NDArray[np.generic], most_pixels: int) -> NDArray[np.uint8]:
    """An array as uint8 pixels; raises InputError for a shape, a type or values that no picture has."""
    shape = pixels.shape
    if not (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))) or pixels.size == 0:
        raise InputError(f"an array of shape {shape} is not a picture; give (h, w) or (h, w, channels)")
    if shape[0] * shape[1] > most_pixels:
        raise InputError(f"has {shape[1]:,} x {shape[0]:,} pixels, which is too many; give at most {most_pixels:,}")
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)  # itself, with the type that is known now
    if pixels.dtype.kind != "f":
        raise InputError(f"an array of {pixels.dtype} is not a picture; give uint8, or floats from 0 to 1")
    low, high = float(pixels.min()), float(pixels.max())
    if not 0 <= low <= high <= 1:  # false for NaN too
        raise InputError(f"has values from {low:g} to {high:g}; give floats from 0 to 1, or uint8")
    rounded: NDArray[np.uint8] = np.rint(pixels * 255).astype(np.uint8)
    return rounded


def fit_pixels(pixels: NDArray[np.uint8], width: int, height: int, channels: int, *, fit: Fit) -> DecodedPicture:
    """Decoded pixels, of shape (h, w) or (h, w, 1, 3 or 4), brought to (height, width, channels) as a file would be."""
    came = pixels.shape[1], pixels.shape[0]
    if pixels.shape == (height, width, channels):
        return DecodedPicture(pixels, *came)
    squeezed = pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    flat = flatten(PIL.Image.fromarray(np.ascontiguousarray(squeezed)), channels)
    return DecodedPicture(pixels_of(resize(flat, width, height, fit=fit), channels), *came)


def flatten(image: PIL.Image.Image, channels: int) -> PIL.Image.Image:
    """The picture in 8-bit grey or RGB: 16 bits scaled to 8, palettes resolved, transparency laid over white."""
    if image.mode.startswith("I"):
        deep = np.clip(np.asarray(image, np.int64), 0, 65_535)
        image = PIL.Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    elif image.has_transparency_data:
        coloured = image.convert("RGBA")
        white = PIL.Image.new("RGBA", coloured.size, "white")
        image = PIL.Image.alpha_composite(white, coloured)
    mode = "L" if channels == 1 else "RGB"
    return image if image.mode == mode else image.convert(mode)


def brought_to(image: PIL.Image.Image, width: int, height: int, channels: int, *, fit: Fit) -> PIL.Image.Image:
    """The result of `flatten` and `resize`; it converts a large picture only some lines at a time.

    Pillow resizes each line first, then each column of the result. So lines may come in any portions, and no bit
    differs (some pixels of pictures a hundred times as high as wide differ by one level). A picture that becomes wider
    takes its columns in portions. Otherwise the intermediate picture would be larger than the picture itself.
    """
    if image.width * image.height <= _AT_ONCE:
        return resize(flatten(image, channels), width, height, fit=fit)
    if fit == "pad":
        inner, place = _padded(image, width, height)
        canvas = PIL.Image.new("L" if channels == 1 else "RGB", (width, height))
        canvas.paste(brought_to(image, *inner, channels, fit="stretch"), place)
        return canvas
    left, upper, right, lower = _box(image, width, height, fit)
    if width <= image.width:
        lines = max(1, _AT_ONCE // image.width)
        narrow = PIL.Image.new("L" if channels == 1 else "RGB", (width, image.height))
        for top in range(0, image.height, lines):
            part = flatten(image.crop((0, top, image.width, min(image.height, top + lines))), channels)
            narrow.paste(
                part.resize((width, part.height), Resampling.BILINEAR, (left, 0, right, part.height)), (0, top)
            )
        return narrow.resize((width, height), Resampling.BILINEAR, (0, upper, width, lower))
    columns = max(1, _AT_ONCE // image.height)
    low = PIL.Image.new("L" if channels == 1 else "RGB", (image.width, height))
    for side in range(0, image.width, columns):
        part = flatten(image.crop((side, 0, min(image.width, side + columns), image.height)), channels)
        low.paste(part.resize((part.width, height), Resampling.BILINEAR, (0, upper, part.width, lower)), (side, 0))
    return low.resize((width, height), Resampling.BILINEAR, (left, 0, right, height))


def resize(image: PIL.Image.Image, width: int, height: int, *, fit: Fit) -> PIL.Image.Image:
    """The picture at (width, height), by a bilinear filter whose support grows with the reduction.

    `stretch` ignores the proportions, `crop` keeps the centre, `pad` keeps everything and adds black bars.
    """
    if image.size == (width, height):
        return image
    if fit == "pad":
        inner, place = _padded(image, width, height)
        canvas = PIL.Image.new(image.mode, (width, height))
        canvas.paste(image.resize(inner, Resampling.BILINEAR), place)
        return canvas
    return image.resize((width, height), Resampling.BILINEAR, _box(image, width, height, fit))


def encode_png(picture: DecodedPicture) -> bytes:
    """A picture as a PNG, which loses nothing. A text chunk carries the original size of a resized picture."""
    height, width, _ = picture.pixels.shape
    text = None if (width, height) == picture[1:] else (_CAME_AS, f"{picture.width}x{picture.height}".encode())
    return png_of(picture.pixels, text)


def encode_thumbnail(pixels: NDArray[np.uint8], longest: int = 96) -> bytes:
    """Pixels of shape (h, w, channels) as a small JPEG for people, of at most `longest` pixels a side."""
    image = PIL.Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))
    image.thumbnail((longest, longest))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()


def pixels_of(image: PIL.Image.Image, channels: int) -> NDArray[np.uint8]:
    """The picture as uint8 of shape (h, w, channels)."""
    return np.array(image, np.uint8).reshape(image.height, image.width, channels)


def _came_as(image: PIL.Image.Image, width: int, height: int, most_pixels: int) -> tuple[int, int]:
    """The picture's own width and height, or those that a PNG of ours, which has the size asked for, says it had."""
    said = image.info.get(_CAME_AS.decode()) if image.format == "PNG" and image.size == (width, height) else None
    found = _SIZE.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        return image.size
    before = int(found[1]), int(found[2])
    return before if before[0] * before[1] <= most_pixels else image.size


def _check_again(image: PIL.Image.Image, *, most_pixels: int, most_frames: int) -> None:
    """Check what Pillow found: a GIF's frame may be larger than its header says, and others tell their frames here."""
    _refuse_pixels(image.width, image.height, most_pixels)
    if image.format != "GIF":
        _refuse_frames(getattr(image, "n_frames", 1), most_frames)


def _refuse_pixels(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise InputError(f"has {width:,} x {height:,} pixels, which is too many; send at most {most:,} in all")


def _refuse_frames(count: int, most: int) -> None:
    if count > most:
        raise InputError(f"is an animation of more than {most} frames; send one picture")


def _free_decoder_early(image: object) -> None:
    """Free a WebP's decoder once it has given its picture, before Pillow copies that: 12 bytes a pixel, not 16.

    It is no public part of Pillow; under another name the decoder lives on a little.
    """
    if not (hasattr(image, "_get_next") and hasattr(image, "_decoder")):
        return
    decoded = image._get_next

    def once() -> object:
        found = decoded()
        del image._get_next  # image and function know each other: the pixels would stay until Python looks for circles
        image._decoder = None
        return found

    image._get_next = once


def _orientation(image: PIL.Image.Image) -> int:
    """The EXIF orientation, 1 by default; unreadable EXIF does not spoil a readable picture."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # as above: a dozen unrelated classes
        return 1
    return found if isinstance(found, int) else 1


def _padded(image: PIL.Image.Image, width: int, height: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """How large the whole picture is inside (width, height), and where it begins there."""
    scale = min(width / image.width, height / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return inner, ((width - inner[0]) // 2, (height - inner[1]) // 2)


def _box(image: PIL.Image.Image, width: int, height: int, fit: Fit) -> tuple[float, float, float, float]:
    """The box to take of the picture: left, upper, right, lower; `crop` takes the largest box in the middle."""
    if fit != "crop":
        return 0.0, 0.0, float(image.width), float(image.height)
    across = min(float(image.width), image.height * (width / height))
    down = min(float(image.height), image.width / (width / height))
    left, upper = (image.width - across) / 2, (image.height - down) / 2
    return left, upper, left + across, upper + down
