"""The short ways to a JPEG's pixels: to the bit what opening the file gives, also where that refuses it."""

import io
import struct
from itertools import product

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import InputError
from omloop.kinds.image import decode as decoding
from omloop.kinds.image import fast_jpeg
from omloop.kinds.image.decode import check, decode_checked
from omloop.kinds.image.fast_jpeg import decode_fraction, decode_whole, matching_turbo
from omloop.kinds.image.form import PictureForm
from omloop.kinds.image.jpeg import read_layout

simplejpeg = pytest.importorskip("simplejpeg")
LIMITS = {"most_pixels": 2_000_000, "most_frames": 3}
CHANCE = np.random.default_rng(0)


def noise(width: int, height: int) -> np.ndarray:
    """Large and small structures, as photographs have."""
    coarse = PIL.Image.fromarray(CHANCE.integers(0, 256, (5, 7, 3), np.uint8)).resize((width, height))
    return np.clip(np.asarray(coarse, int) + CHANCE.integers(-30, 30, (height, width, 3)), 0, 255).astype(np.uint8)


def saved(pixels: np.ndarray, form: str = "JPEG", mode: str = "RGB", **options) -> bytes:
    written = io.BytesIO()
    PIL.Image.fromarray(pixels).convert(mode).save(written, form, **options)
    return written.getvalue()


def exif(orientation: int, *more: tuple[int, int, int, int]) -> bytes:
    """A directory of entries: an orientation, and others of a tag, a type, a count and a value or where that lies."""
    entries = sorted([(0x0112, 3, 1, orientation), *more])
    listed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + listed + bytes(4) + struct.pack("<II", 72, 1)


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def behind_start(content: bytes, *segments: bytes) -> bytes:
    return content[:2] + b"".join(segments) + content[2:]


PICTURE = noise(53, 37)
PLAIN = saved(PICTURE, quality=85)
BARE = PLAIN[:2] + PLAIN[20:]  # without JFIF
ORDINARY = {
    **{f"quality {quality}": saved(PICTURE, quality=quality) for quality in (1, 30, 75, 95, 100)},
    **{
        f"{sampling} of {width} x {height}": simplejpeg.encode_jpeg(noise(width, height), 80, colorsubsampling=sampling)
        for sampling, (width, height) in product(
            ("444", "422", "420", "440", "411"), ((1, 1), (16, 16), (33, 17), (53, 37))
        )
    },
    "large": saved(noise(311, 407), quality=70),
    "restarts": saved(PICTURE, restart_marker_blocks=2),
    "restarts by rows": saved(PICTURE, restart_marker_rows=1),
    "progressive": saved(PICTURE, progressive=True),
    "optimised": saved(PICTURE, optimize=True),
    "grey": saved(PICTURE, mode="L"),
    "progressive grey": saved(PICTURE, mode="L", progressive=True),
    "red, green and blue": saved(PICTURE, keep_rgb=True),
    "Adobe's YCbCr": behind_start(BARE, segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")),
    "Adobe's RGB": behind_start(BARE, segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")),
    "Adobe's word against JFIF's": PLAIN[:20] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\0") + PLAIN[20:],
    "upright by EXIF": saved(PICTURE, exif=exif(1, (0x011A, 5, 1, 50), (0x0128, 3, 1, 2))),
    "a thumbnail in EXIF": saved(PICTURE, exif=exif(1) + PLAIN),
    "notes": saved(PICTURE, comment=b"a" * 300, icc_profile=b"b" * 300, xmp=b"<x/>"),
    "behind the end": PLAIN + b"\xff\xd8 and more",
    "a second picture": PLAIN + saved(PICTURE, mode="L"),
}
DOUBTFUL = {  # which simplejpeg leaves alone
    "Adobe's word on inks": behind_start(BARE, segment(0xEE, b"Adobe\0\x64\0\0\0\0\2")),
    "bytes behind the scan": PLAIN[:-2] + b"\0\0\0" + PLAIN[-2:],
    "no end": PLAIN[:-2],
}
UNUSUAL = {
    **{f"turned to {value}": saved(PICTURE, exif=exif(value)) for value in (0, 2, 3, 4, 5, 6, 7, 8, 9)},
    "turned by XMP": saved(PICTURE, xmp=b'<x tiff:Orientation="6"/>'),
    "two words on turning": behind_start(PLAIN, segment(0xE1, exif(6)), segment(0xE1, exif(1))),
    "an orientation of text": saved(PICTURE, exif=exif(6).replace(b"\x12\1\3\0", b"\x12\1\2\0")),
    "EXIF cut short": behind_start(PLAIN, segment(0xE1, exif(6)[:24])),
    "a resolution of nothing": behind_start(BARE, segment(0xE1, exif(1, (0x011A, 2, 1, 0), (0x0128, 3, 1, 2)))),
    "several pictures": saved(PICTURE, "MPO", save_all=True, append_images=[PIL.Image.fromarray(PICTURE)]),
    "inks": saved(PICTURE, mode="CMYK"),
    "twelve bits": PLAIN.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"),
    "a profile of nothing": behind_start(PLAIN, segment(0xE2, b"ICC_PROFILE\0")),
    "JFIF of nothing": behind_start(BARE, segment(0xE0, b"JFIF\0")),
    "Adobe of nothing": behind_start(BARE, segment(0xEE, b"Adobe")),
    "Photoshop of nothing": behind_start(PLAIN, segment(0xED, b"Photoshop 3.0\x008BIM\0\0")),
    "two frames": behind_start(PLAIN, PLAIN[PLAIN.index(b"\xff\xc0") :][:19]),
    "no frame": PLAIN.replace(b"\xff\xc0", b"\xff\xe5"),
    "fill bytes": behind_start(PLAIN, b"\xff\xff\xff"),
    "stray bytes": behind_start(PLAIN, b"stray"),
    "a table cut short": PLAIN.replace(b"\xff\xdb\0\x43\0", b"\xff\xdb\0\x42\0", 1),
    "a segment of no length": behind_start(PLAIN, b"\xff\xe3\0\0"),
    "number of lines": PLAIN.replace(b"\xff\xda", segment(0xDC, b"\0\x25") + b"\xff\xda", 1),
    "PNG": saved(PICTURE, "PNG"),
}
EVERY = ORDINARY | DOUBTFUL | UNUSUAL


def outcome(read, *what):
    """Pixels, the size that the picture came with and whether it stays the same; or the reason of a refusal."""
    try:
        picture, same = read(*what)
    except InputError as error:
        return error.reason
    return picture.pixels.tobytes(), picture.pixels.shape, picture[1:], same


def both(content: bytes, form: PictureForm) -> None:
    """The short way and Pillow's own way come to the same."""
    try:
        checked = check(content, **LIMITS)
    except InputError:
        return
    assert outcome(decode_checked, content, checked, form) == outcome(decoding._decode_file, content, form)


@pytest.mark.parametrize("content", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_short_way_gives_what_opening_the_file_gives(content, channels):
    """At its own size, at a fraction, larger, and of other proportions; Pillow has the last word on odd files."""
    for width, height in ((53, 37), (16, 16), (33, 17), (1, 1), (9, 6), (20, 20), (80, 70)):
        for fit in ("stretch", "crop", "pad"):
            both(content, PictureForm(width, height, channels, fit, **LIMITS))


@pytest.mark.parametrize("content", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_files_go_the_short_way(content):
    layout = read_layout(content)
    assert layout is not None
    with PIL.Image.open(io.BytesIO(content)) as image:
        assert (layout.width, layout.height, layout.components) == (*image.size, len(image.getbands()))
        wanted = np.asarray(image)
    drafted = decode_fraction(content, layout, 1_000)
    assert drafted is not None and np.array_equal(np.asarray(drafted), wanted)
    whole = decode_whole(content, layout, 3)
    assert (whole is not None) == layout.single
    if whole is not None:
        np.testing.assert_array_equal(whole.reshape(wanted.shape), wanted)


@pytest.mark.parametrize("content", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_simplejpeg_only_warns_of_is_left_to_pillow(content):
    layout = read_layout(content)
    assert layout is not None and decode_whole(content, layout, 3) is None


@pytest.mark.parametrize("content", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_files_are_left_to_pillow(content):
    assert read_layout(content) is None


def test_a_file_longer_than_pillow_reads_at_once_is_opened():
    content = saved(noise(400, 400), quality=100)
    layout = read_layout(content)
    assert len(content) > 65_536 and decode_fraction(content, layout, 100) is None
    both(content, PictureForm(400, 400, 3, "stretch", **LIMITS))
    both(content, PictureForm(64, 64, 3, "stretch", **LIMITS))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(1, 100),
    st.sampled_from(["444", "422", "420", "440", "411", "Gray"]),
    st.sampled_from([1, 3]),
    st.randoms(use_true_random=False),
)
def test_any_picture_has_the_same_pixels_either_way(width, height, quality, sampling, channels, chance):
    pixels = np.frombuffer(chance.randbytes(width * height * 3), np.uint8).reshape(height, width, 3)
    grey = sampling == "Gray"
    given = np.ascontiguousarray(pixels[:, :, :1]) if grey else pixels
    content = simplejpeg.encode_jpeg(given, quality, "GRAY" if grey else "RGB", sampling)
    both(content, PictureForm(width, height, channels, "stretch", **LIMITS))
    both(content, PictureForm(9, 7, channels, "crop", **LIMITS))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([PLAIN, *(ORDINARY[name] for name in ("restarts", "progressive", "grey", "411 of 33 x 17"))]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=3),
    st.floats(0.5, 1.5),
)
def test_a_damaged_file_has_the_same_fate_either_way(content, damage, share):
    """Refused for the same reason, or decoded to the same pixels: bytes are changed, lost, put in, and cut off."""
    for place, gone, junk in damage:
        at = int(place * len(content))
        content = content[:at] + junk + content[at + gone :]
    content = content[: int(share * len(content))]
    both(content, PictureForm(53, 37, 3, "stretch", **LIMITS))
    both(content, PictureForm(20, 20, 3, "stretch", **LIMITS))


def test_a_file_cut_off_anywhere_has_the_same_fate_either_way():
    for content in (PLAIN, ORDINARY["restarts"]):
        for end in range(4, len(content), 3):
            both(content[:end], PictureForm(53, 37, 3, "stretch", **LIMITS))


def test_simplejpeg_is_used_only_where_it_agrees_with_pillow(monkeypatch):
    assert matching_turbo() is simplejpeg.decode_jpeg
    monkeypatch.setattr(simplejpeg, "decode_jpeg", lambda *_, **__: np.zeros((37, 51, 3), np.uint8))
    assert matching_turbo.__wrapped__() is None
    monkeypatch.delattr(simplejpeg, "decode_jpeg")
    assert matching_turbo.__wrapped__() is None


def test_without_simplejpeg_pixels_are_the_same(monkeypatch):
    form = PictureForm(53, 37, 3, "stretch", **LIMITS)
    with_it = outcome(decode_checked, PLAIN, check(PLAIN, **LIMITS), form)
    monkeypatch.setattr(fast_jpeg, "matching_turbo", lambda: None)
    assert outcome(decode_checked, PLAIN, check(PLAIN, **LIMITS), form) == with_it
