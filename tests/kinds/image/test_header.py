"""What a picture's first bytes say: the truth of a good file, and an InputError or a number of a bad one."""

import contextlib
import io
import struct
import time

import numpy as np
import PIL.Image
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omloop.core import InputError
from omloop.kinds.image.header import FORMATS, decoding_bytes, frames, header, require_few_pieces

FORMS = ["PNG", "JPEG", "BMP", "GIF", "WEBP"]
STARTS = [
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"GIF87a",
    b"\xff\xd8\xff",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"RIFF\0\0\0\0WEBPVP8L",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"BM",
    b"",
]
PIECES = [
    b"\xff",
    b"\xff\xc0",
    b"\xff\xda",
    b"\xff\xd8",
    b"\0\0",
    b"\0\2",
    b"\xff\xff",
    b"IHDR",
    b"\x2c",
    b"\x21\xf9",
    b";",
]


def saved(image: PIL.Image.Image, form: str, **options) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(FORMS),
    st.sampled_from(["1", "L", "RGB", "P"]),
    st.integers(1, 70),
    st.integers(1, 70),
    st.booleans(),
)
def test_the_size_of_a_good_file_is_what_pillow_finds(form, mode, width, height, other):
    """With the other ways of each format: progressive, lossless, interlaced, from the top."""
    image = PIL.Image.new(mode, (width, height))
    image = image.convert("RGB") if (form, mode) == ("JPEG", "P") else image
    options = {"JPEG": {"progressive": other}, "WEBP": {"lossless": other}, "GIF": {"interlace": other}}
    assert header(saved(image, form, **options.get(form, {}))) == (form, width, height)


def test_a_bitmap_from_the_top_and_one_of_the_oldest_kind():
    from_top = b"BM" + b"\0" * 12 + struct.pack("<Iii", 40, 5, -7)
    oldest = b"BM" + b"\0" * 12 + struct.pack("<IHH", 12, 5, 7)
    assert header(from_top) == header(oldest) == ("BMP", 5, 7)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(STARTS), st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=30)), max_size=8))
@example(b"BM", [b"\0" * 12, struct.pack("<Iii", 40, 1, -(2**31))])
@example(b"RIFF\0\0\0\0WEBPVP8X", [])
@example(b"\xff\xd8\xff", [b"\xe0\0\0"] * 8)
def test_any_bytes_are_a_size_or_a_reason(start, pieces):
    content = start + b"".join(pieces)
    try:
        form, width, height = header(content)
    except InputError as error:
        assert error.reason and "\n" not in error.reason
    else:
        assert form in FORMATS and width > 0 and height > 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(1, 5))
def test_the_pictures_of_any_gif_are_counted_no_further_than_asked(content, most):
    """A GIF that is cut off is an IndexError, which `check` turns into words."""
    with contextlib.suppress(IndexError):
        assert 0 <= frames(b"GIF89a\2\0\2\0" + content, most) <= most + 1


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_pictures_of_a_good_gif_are_counted(count):
    pictures = [PIL.Image.new("L", (9, 9), 40 * index) for index in range(count)]
    content = saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])
    assert frames(content, 100) == count


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8" + b"\xff" * 16_000_000,
        b"\xff\xd8\xff" + b"\xe0\0\2\xff" * 4_000_000,
        b"\xff\xd8\xff\xe0\0\2" + b"\0" * 16_000_000,
        b"GIF89a\2\0\2\0\0\0\0" + b"\x21\xf9\0" * 5_000_000,
        b"GIF89a\2\0\2\0\0\0\0\x2c" + b"\0" * 9 + b"\x01" * 16_000_000,
    ],
    ids=["fill bytes", "empty segments", "stray bytes", "empty extensions", "tiny blocks"],
)
def test_the_longest_file_is_looked_through_in_bounded_time(content):
    """A server looks at each file of up to 16,000,000 bytes before it decodes it."""
    began = time.process_time()
    try:
        form, *_ = header(content)
        assert form == "GIF" and frames(content, 100) <= 101
    except (InputError, IndexError):
        pass
    assert time.process_time() - began < 10


def test_random_bytes_are_no_picture():
    content = np.random.default_rng(0).bytes(10_000)
    with pytest.raises(InputError, match="is not a picture"):
        header(content)


@pytest.mark.parametrize("count", [3, 30_000])
def test_a_file_of_more_pieces_than_any_encoder_writes_is_refused(count):
    """Notes in a PNG, profiles in front of and behind a JPEG's size."""
    png, jpeg = saved(PIL.Image.new("L", (9, 9)), "PNG"), saved(PIL.Image.new("L", (9, 9)), "JPEG")
    note, profile = struct.pack(">I4s3sI", 3, b"tEXt", b"a\0b", 0) * count, b"\xff\xe2\0\4ab" * count
    behind = jpeg.index(b"\xff\xda")
    for content, form in (
        (png[:33] + note + png[33:], "PNG"),
        (jpeg[:2] + profile + jpeg[2:], "JPEG"),
        (jpeg[:behind] + profile + jpeg[behind:], "JPEG"),
    ):
        with pytest.raises(InputError, match="is cut into more than") if count > 3 else contextlib.nullcontext():
            require_few_pieces(content, form)


def test_a_gif_of_a_byte_a_block_is_refused_before_its_end():
    start = b"GIF89a\2\0\2\0\0\0\0"
    with pytest.raises(InputError, match="10,000 blocks"):
        frames(start + b"\x21\xff" + b"\1x" * 40_000, 5)
    with pytest.raises(InputError, match="100,000 blocks"):
        frames(start + b"\x2c" + b"\0" * 8 + b"\x02" + b"\1x" * 400_000, 5)


def test_the_first_picture_of_a_gif_counts_where_it_is_larger_than_the_screen():
    assert header(b"GIF89a\2\0\2\0\0\0\0\x2c\1\0\0\0\x10\x27\x20\4\0\x02") == ("GIF", 10_001, 1056)


def test_decoding_a_progressive_jpeg_takes_more_memory_and_nothing_more_than_twelve_bytes_a_pixel():
    image = PIL.Image.new("RGB", (2000, 1500))
    found = {
        (form, progressive): decoding_bytes(content, *header(content)) / 3_000_000
        for form in FORMS
        for progressive in (False, True)
        for content in [saved(image, form, **({"progressive": progressive} if form == "JPEG" else {}))]
    }
    assert found["JPEG", True] - found["JPEG", False] == pytest.approx(5)
    assert max(found.values()) < 12 + 13 / 3 + 0.01
