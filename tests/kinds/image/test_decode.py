import io
import struct
import zlib

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.core import InputError
from omloop.kinds.image.decode import DecodedPicture, brought_to, decode, encode_png, fit_pixels, flatten, resize

LIMITS = {"fit": "stretch", "most_pixels": 1_000_000, "most_frames": 3}


def saved(image, form, **options) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def ramp(width=40, height=30) -> PIL.Image.Image:
    """A picture that changes smoothly, so that lossy formats keep it nearly."""
    x, y = np.meshgrid(np.linspace(0, 200, width), np.linspace(0, 200, height))
    return PIL.Image.fromarray(np.stack([x, y, (x + y) / 2], axis=2).astype(np.uint8))


def decoded(content: bytes, width=8, height=6, channels=3, **limits):
    return whole(content, width, height, channels, **limits).pixels


def whole(content: bytes, width=8, height=6, channels=3, **limits) -> DecodedPicture:
    return decode(content, width, height, channels, **{**LIMITS, **limits})


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def claiming(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that claims to be large."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA"]),
    st.integers(1, 30),
    st.integers(1, 30),
    st.sampled_from([1, 3]),
    st.sampled_from(["stretch", "crop", "pad"]),
)
def test_every_mode_and_size_becomes_the_size_that_is_asked_for(mode, width, height, channels, fit):
    pixels = decoded(saved(PIL.Image.new(mode, (width, height)), "PNG"), channels=channels, fit=fit)
    assert (pixels.shape, pixels.dtype) == ((6, 8, channels), np.uint8)


@pytest.mark.parametrize("form", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_every_format_shows_the_same_picture(form):
    options = {"lossless": True} if form == "WEBP" else {}
    wanted = np.asarray(ramp().resize((8, 6), PIL.Image.Resampling.BILINEAR), int)
    assert np.abs(decoded(saved(ramp(), form, **options)) - wanted).max() <= 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation):
    """Whatever a camera wrote, the result is that of Pillow's own turning before resizing."""
    from PIL import ImageOps

    content = saved(ramp(), "PNG", exif=_exif(orientation))
    upright = ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(content)))
    wanted = np.asarray(upright.resize((8, 6), PIL.Image.Resampling.BILINEAR), int)
    assert np.abs(decoded(content) - wanted).max() <= 1


def _exif(orientation: int) -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_that_a_picture_came_with_is_told_upright(orientation):
    """Also of a large JPEG, of which only a fraction is decoded."""
    across, down = (40, 30) if orientation < 5 else (30, 40)
    assert whole(saved(ramp(), "PNG", exif=_exif(orientation)))[1:] == (across, down)
    large = saved(ramp(800, 600), "JPEG", exif=_exif(orientation))
    assert whole(large)[1:] == (20 * across, 20 * down)


def test_an_array_came_as_large_as_it_is():
    assert fit_pixels(np.zeros((30, 40), np.uint8), 8, 6, 3, fit="pad")[1:] == (40, 30)
    assert fit_pixels(np.zeros((6, 8, 3), np.uint8), 8, 6, 3, fit="pad")[1:] == (8, 6)


def test_a_png_of_ours_keeps_the_size_that_the_picture_came_with():
    """Through another reader too: it is an ordinary text of the file."""
    first = whole(saved(ramp(), "JPEG"))
    content = encode_png(first)
    again = whole(content)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert again[1:] == first[1:] == (40, 30)
    assert PIL.Image.open(io.BytesIO(content)).text == {"omloop-size": "40x30"}


def test_a_png_of_its_own_size_says_nothing_more():
    assert b"omloop" not in encode_png(whole(saved(ramp(8, 6), "PNG")))


@pytest.mark.parametrize("said", ["", "0x5", "-4x5", "4", "4x5x6", "4 x 5", "٤x5", "9999999999x1", "1001x1000"])
def test_a_size_that_no_picture_can_have_had_is_not_believed(said):
    """Nonsense, or more pixels than are accepted: what is there counts."""
    assert whole(_saying(said, 8, 6))[1:] == (8, 6)


def test_a_size_is_believed_of_no_picture_that_is_resized_now():
    assert whole(_saying("400x300", 9, 6))[1:] == (9, 6)
    assert whole(_saying("400x300", 8, 6))[1:] == (400, 300)


def _saying(said: str, width: int, height: int) -> bytes:
    notes = PIL.PngImagePlugin.PngInfo()
    notes.add_text("omloop-size", said)
    return saved(ramp(width, height), "PNG", pnginfo=notes)


def test_transparency_is_laid_over_white():
    clear = saved(PIL.Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "PNG")
    half = saved(PIL.Image.new("LA", (4, 4), (0, 128)), "PNG")
    assert (decoded(clear) == 255).all()
    assert abs(int(decoded(half)[0, 0, 0]) - 127) <= 1


def test_sixteen_bits_are_scaled_to_eight():
    deep = np.array([[0, 257 * 100], [257 * 200, 65_535]], np.uint16)
    pixels = decoded(saved(PIL.Image.fromarray(deep), "PNG"), 2, 2, 1)
    assert pixels.ravel().tolist() == [0, 100, 200, 255]


def test_the_four_inks_of_print_become_rgb():
    pixels = decoded(saved(PIL.Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG"))
    assert pixels[0, 0, 0] > 200 and pixels[0, 0, 1] < 60


def test_crop_keeps_the_middle_and_pad_adds_black():
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 200
    content = saved(PIL.Image.fromarray(wide), "PNG")
    assert (decoded(content, 10, 10, 1, fit="crop") == 200).all()
    padded = decoded(content, 30, 30, 1, fit="pad")[:, :, 0]
    assert padded[:10].max() == padded[20:].max() == 0 and padded[15, 15] == 200


def test_a_large_jpeg_decoded_at_a_fraction_is_nearly_the_whole_one_resized():
    content = saved(ramp(800, 600), "JPEG", quality=95)
    wanted = np.asarray(PIL.Image.open(io.BytesIO(content)).resize((8, 6), PIL.Image.Resampling.BILINEAR), int)
    assert np.abs(decoded(content) - wanted).mean() < 1.5


def test_a_small_file_that_claims_many_pixels_is_refused_before_it_is_decoded():
    with pytest.raises(InputError, match=r"30,000 x 30,000 pixels.*at most 1,000,000"):
        decoded(claiming(30_000, 30_000))


@pytest.mark.parametrize("form", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_the_limit_holds_for_every_format(form):
    with pytest.raises(InputError, match="40 x 30 pixels"):
        decoded(saved(ramp(), form), most_pixels=1199)
    assert decoded(saved(ramp(), form), most_pixels=1200).shape == (6, 8, 3)


def test_a_jpeg_of_ever_more_scans_is_refused():
    """Each would go over the whole picture once more."""
    content = saved(ramp(), "JPEG", progressive=True)
    assert decoded(content).shape == (6, 8, 3)
    with pytest.raises(InputError, match="more than 64 scans"):
        decoded(content + b"\xff\xda" * 64)


def test_what_the_decoder_cannot_make_out_is_told_without_its_own_words():
    with pytest.raises(InputError, match="^cannot be decoded; it is damaged"):
        decoded(b"GIF89a" + bytes([4, 0, 4, 0, 0, 0, 0]))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_beyond_the_limit_is_refused_and_one_within_it_is_its_first_frame(form):
    frames = [PIL.Image.new("RGB", (9, 9), (60 * index, 0, 0)) for index in range(4)]
    short = saved(frames[0], form, save_all=True, append_images=frames[1:3])
    long = saved(frames[0], form, save_all=True, append_images=frames[1:])
    assert decoded(short)[0, 0].tolist() == [0, 0, 0]
    with pytest.raises(InputError, match="more than 3 frames"):
        decoded(long)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
def test_a_file_that_is_cut_off_anywhere_is_refused_or_complete(form):
    """Never half a picture: what is answered is what the whole file shows."""
    noise = PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 32, 3), np.uint8))
    content = saved(noise, form)
    complete = decoded(content)
    for end in [*range(0, len(content) - 30, max(1, len(content) // 60)), len(content) // 2]:
        try:
            np.testing.assert_array_equal(decoded(content[:end]), complete)
        except InputError as error:
            assert error.reason


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "WEBP"]), st.integers(0, 400), st.binary(min_size=1, max_size=9))
def test_a_damaged_file_is_refused_or_decoded_and_nothing_else(form, at, junk):
    content = saved(ramp(), form)
    try:
        assert decoded(content[:at] + junk + content[at + len(junk) :]).shape == (6, 8, 3)
    except InputError as error:
        assert error.reason


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "WEBP"]),
    st.sampled_from(["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8)), max_size=6),
    st.sampled_from(["stretch", "crop", "pad"]),
    st.sampled_from([1, 3]),
)
def test_a_file_damaged_in_many_places_is_refused_or_decoded(form, mode, damage, fit, channels):
    """Bytes changed, lost or put in anywhere: pixels that were asked for, a size within the limit, or a reason."""
    try:
        content = saved(PIL.Image.new(mode, (19, 7), 99), form)
    except (OSError, ValueError, TypeError):  # not every format has every mode
        content = saved(ramp(19, 7), form)
    for share, gone, junk in damage:
        at = int(share * len(content))
        content = content[:at] + junk + content[at + gone :]
    try:
        found = whole(content, channels=channels, fit=fit, most_pixels=100_000)
    except InputError as error:
        assert error.reason and "\n" not in error.reason and " at 0x" not in error.reason
    else:
        assert (found.pixels.shape, found.pixels.dtype) == ((6, 8, channels), np.uint8)
        assert 0 < found.width * found.height <= 100_000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"hello", "is not a picture"),
        (b"II*\0" + b"\0" * 50, "is a TIFF"),
        (b'<?xml version="1.0"?><svg/>', "is an SVG"),
        (b"  <svg xmlns='x'/>", "is an SVG"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 20, "is a HEIC"),
        (b"\x89PNG\r\n\x1a\n", "cut off in its header"),
        (b"\xff\xd8\xff\xe0\0\x10", "cut off in its header"),
        (claiming(0, 5), "claims 0 x 5 pixels"),
    ],
)
def test_what_is_no_picture_is_told_for_what_it_is(content, told):
    with pytest.raises(InputError) as refused:
        decoded(content)
    assert told in refused.value.reason and "send" in refused.value.reason


def test_exif_that_cannot_be_read_does_not_spoil_the_picture():
    content = saved(ramp(), "JPEG", exif=b"Exif\0\0garbage")
    assert decoded(content).shape == (6, 8, 3)


def coloured(mode: str, width: int, height: int) -> PIL.Image.Image:
    """Noise in any mode; a palette has a transparent colour."""
    chance = np.random.default_rng(width)
    if mode == "I;16":
        return PIL.Image.fromarray(chance.integers(0, 65_535, (height, width), np.uint16))
    if mode == "P":
        image = coloured("RGB", width, height).convert("P")
        image.info["transparency"] = 5
        return image
    shape = (height, width, len(PIL.Image.new(mode, (1, 1)).getbands()))
    pixels = chance.integers(0, 255, shape, np.uint8)
    return PIL.Image.fromarray(pixels[:, :, 0] if mode == "L" else pixels).convert(mode)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16"])
@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_a_large_picture_that_is_converted_in_portions_has_the_same_pixels(mode, fit):
    for width, height in ((1_403, 911), (20_000, 61)):
        image = coloured(mode, width, height)
        for channels in (1, 3):
            apart = np.asarray(brought_to(image, 97, 53, channels, fit=fit))
            assert np.array_equal(apart, np.asarray(resize(flatten(image, channels), 97, 53, fit=fit)))


def test_a_narrow_picture_that_becomes_wider_takes_little_memory_meanwhile():
    """Columns first: its lines would be 40 times as long before any were left out."""
    image = coloured("L", 50, 30_000)
    apart, whole = (
        np.asarray(found, int)
        for found in (brought_to(image, 2_000, 8, 1, fit="stretch"), resize(image, 2_000, 8, fit="stretch"))
    )
    assert np.abs(apart - whole).max() <= 1
