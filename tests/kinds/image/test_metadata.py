import io

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.kinds import Image
from omloop.kinds.image.metadata import without_metadata

SECRET = b"51.9244 N 4.4777 E"
NOISE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)


def saved(form, mode="RGB", **options) -> bytes:
    written = io.BytesIO()
    PIL.Image.fromarray(NOISE).convert(mode).save(written, form, **options)
    return written.getvalue()


def exif(orientation=1) -> bytes:
    found = PIL.Image.Exif()
    found[0x0112], found[0x010E] = orientation, SECRET.decode()
    return found.tobytes()


def texts() -> PIL.PngImagePlugin.PngInfo:
    info = PIL.PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return info


TOLD = {
    "JPEG": saved("JPEG", exif=exif(), comment=SECRET, icc_profile=SECRET, xmp=SECRET),
    "progressive": saved("JPEG", progressive=True, exif=exif(), comment=SECRET),
    "grey": saved("JPEG", "L", exif=exif()),
    "inks": saved("JPEG", "CMYK", exif=exif()),
    "red, green and blue": saved("JPEG", keep_rgb=True, exif=exif()),
    "restarts": saved("JPEG", restart_marker_blocks=1, comment=SECRET),
    "behind the end": saved("JPEG") + SECRET,
    "several pictures": saved("MPO", save_all=True, append_images=[PIL.Image.fromarray(NOISE)], exif=exif()),
    "PNG": saved("PNG", pnginfo=texts(), exif=exif(), icc_profile=SECRET) + SECRET,
    "palette": saved("PNG", "P", pnginfo=texts(), transparency=3),
    "grey PNG": saved("PNG", "LA", pnginfo=texts()),
    "WebP": saved("WEBP") + SECRET,
    "lossless WebP": saved("WEBP", lossless=True) + SECRET,
}


@pytest.mark.parametrize("content", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_private_is_gone_and_the_example_is_the_same(content, channels):
    kind = Image(20, 20, channels)
    kept = without_metadata(content)
    assert SECRET in content and SECRET not in kept
    first, again = kind.encode({"image": [content, kept]})
    np.testing.assert_array_equal(first, again)
    assert without_metadata(kept) == kept


def test_a_thumbnail_in_the_header_is_left_out():
    """It may show what was cut away since."""
    content = saved("JPEG")
    assert content[6:11] == b"JFIF\0"
    thumbnail = content[:4] + b"\0\x13" + content[6:18] + b"\1\1\xaa\xbb\xcc" + content[20:]
    assert without_metadata(thumbnail) == without_metadata(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        saved("GIF"),
        saved("BMP"),
        saved("WEBP", exif=exif()),
        saved("PNG", save_all=True, append_images=[PIL.Image.new("RGB", (40, 30))]),
        saved("JPEG")[:-2],
        saved("JPEG").replace(b"\xff\xdb", b"\0\xff\xdb", 1),
        saved("PNG")[:-12],
    ],
)
def test_what_is_unusual_or_of_another_format_is_left_alone(content):
    assert without_metadata(content) is None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(TOLD.values())), st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_that_is_read_gives_the_same_example_or_is_not_kept(content, at, junk):
    """Whatever a decoder makes of it: what was answered is what the log keeps."""
    kind = Image(20, 20)
    at %= len(content)
    damaged = content[:at] + junk + content[at + len(junk) :]
    if not kind.bad_rows({"image": [damaged]})[0]:
        examples, records = kind.reader()(damaged, "image/jpeg")
        np.testing.assert_array_equal(kind.parse(records), examples)
