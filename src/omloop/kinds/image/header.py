"""What a picture's first bytes say: its format and claimed size, before any decoding."""

import re
import struct
from collections.abc import Iterator

from omloop.core import InputError
from omloop.kinds.image.jpeg import MOST_SEGMENTS, JpegLayout

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "BMP": "image/bmp", "GIF": "image/gif"}
"""The formats that omloop decodes, by Pillow's name, with their media types."""

ACCEPTED = "send a JPEG, PNG, WebP, BMP or GIF"

_OTHERS = {
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF": "a PDF",
    b"<svg": "an SVG",
    b"<?xml": "an SVG or other XML",
    b"<!DOC": "a web page",
    b"<html": "a web page",
    b"\0\0\1\0": "an icon file",
    b"8BPS": "a Photoshop file",
    b"PK\3\4": "a ZIP archive",
}
_SIZES_OF_FRAME, _SCAN = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}, 0xDA
# How many pieces a file may be cut into, since decoders go through them one by one: encoders write PNG chunks of 8 kB
# and GIF blocks of 255 bytes.
_MOST_CHUNKS, _MOST_BLOCKS = 20_000, 100_000
_MOST_BEFORE = 10_000  # blocks of a GIF before its first picture
_MOST_STRAY = 65_536
_BYTES_A_PIXEL = {"JPEG": 1, "PNG": 4, "WEBP": 12, "BMP": 4, "GIF": 1}
_NEXT_MARKER = re.compile(rb"[^\xff]*\xff+")


def header(content: bytes) -> tuple[str, int, int]:
    """The format, width and height in pixels that a picture's header claims.

    The layouts are those of ITU-T T.81 (JPEG), W3C PNG, RFC 9649 (WebP), GIF89a and BITMAPINFOHEADER. Raises InputError
    for anything that is no picture, for another format, and for a truncated header.

    >>> header(b"GIF89a" + bytes([2, 0, 3, 0]))
    ('GIF', 2, 3)
    """
    if not content:
        raise InputError(f"is empty; {ACCEPTED}") from ValueError("no bytes")
    try:
        found = _read(content)
    except (struct.error, IndexError) as error:
        raise InputError("is cut off in its header; send the whole file") from error
    if found is None:
        raise InputError(f"{_named(content)}; {ACCEPTED}") from ValueError("an unknown signature")
    if min(found[1:]) < 1:
        raise InputError(f"claims {found[1]} x {found[2]} pixels; send a picture with at least one")
    return found


def decoding_bytes(content: bytes, name: str, width: int, height: int, *, layout: JpegLayout | None = None) -> int:
    """About how many bytes decoding takes: at most 12 a pixel, beside the million pixels converted at once.

    Pillow holds a PNG, BMP or GIF whole, and libwebp holds a picture three times. libjpeg holds only some lines, at a
    fraction of the size, but all coefficients of a picture in several scans. `layout` is that of an ordinary JPEG.
    `benchmarks/serve/hostile.py --decoding` measures it.
    """
    pixels, each = width * height, _BYTES_A_PIXEL[name]
    if name == "JPEG" and (_has_scans(content) if layout is None else not layout.single):
        each = 6
    elif name == "PNG" and content[25:26] in (b"\0", b"\3"):  # grey, or with a palette
        each = 2 if content[24:25] == b"\x10" else 1
    return pixels * each + 13 * min(pixels, 1_000_000)


def frames(content: bytes, most: int) -> int:
    """How many pictures a GIF holds; it counts no further than `most + 1`.

    Raises InputError for a GIF of too many blocks, and IndexError for a truncated one.
    """
    count = 0
    for position in _pieces_of_gif(content):
        count += content[position] == 0x2C
        if count > most:
            break
    return count


def require_few_pieces(content: bytes, name: str) -> None:
    """Raise InputError for a JPEG or PNG of more pieces than any encoder writes."""
    if name == "JPEG":
        try:
            for marker, _ in _segments(content):
                if marker == _SCAN:
                    return
        except (struct.error, IndexError):
            return  # it is cut off, which its decoder tells
    elif name == "PNG":
        position = 8
        for _ in range(_MOST_CHUNKS):
            if position + 8 > len(content) or content[position + 4 : position + 8] == b"IEND":
                return
            position += 12 + int.from_bytes(content[position : position + 4])
        raise _too_many("chunks", _MOST_CHUNKS)


def _read(content: bytes) -> tuple[str, int, int] | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("PNG", *struct.unpack_from(">II", content, 16))
    if content.startswith((b"GIF87a", b"GIF89a")):
        return ("GIF", *_gif(content))
    if content.startswith(b"\xff\xd8\xff"):
        return ("JPEG", *_jpeg(content))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return ("WEBP", *_webp(content))
    if content.startswith(b"BM"):
        return ("BMP", *_bmp(content))
    return None


def _jpeg(content: bytes) -> tuple[int, int]:
    """The size in the first start-of-frame segment."""
    for marker, position in _segments(content):
        if marker in _SIZES_OF_FRAME:
            height, width = struct.unpack_from(">HH", content, position + 4)
            return width, height
    raise IndexError


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """The marker of each segment of a JPEG and where it stands; decoders skip stray bytes between segments."""
    position, stray = 2, 0
    for _ in range(MOST_SEGMENTS):
        found = _NEXT_MARKER.match(content, position)
        if found is None:
            return
        stray += found.end() - position - 1
        if stray > _MOST_STRAY:
            raise InputError(f"has more than {_MOST_STRAY:,} bytes between its segments; save it again")
        position = found.end()
        marker = content[position]
        yield marker, position
        alone = marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8
        position += 1 if alone else 1 + struct.unpack_from(">H", content, position + 1)[0]
    raise _too_many("segments", MOST_SEGMENTS)


def _has_scans(content: bytes) -> bool:
    """Whether a JPEG is progressive, or its first scan lacks a part of its colours."""
    parts = 0
    try:
        for marker, position in _segments(content):
            if marker in _SIZES_OF_FRAME:
                parts = content[position + 8]
                if marker not in (0xC0, 0xC1):
                    return True
            elif marker == _SCAN:
                return content[position + 3] < parts
    except (struct.error, IndexError, InputError):
        pass
    return False


def _gif(content: bytes) -> tuple[int, int]:
    """The size of the screen, or of the first picture where that is larger."""
    width, height = struct.unpack_from("<HH", content, 6)
    try:
        first = next((position for position in _pieces_of_gif(content) if content[position] == 0x2C), None)
        left, upper, across, down = (0,) * 4 if first is None else struct.unpack_from("<HHHH", content, first + 1)
    except (struct.error, IndexError):
        return width, height
    return max(width, left + across), max(height, upper + down)


def _pieces_of_gif(content: bytes) -> Iterator[int]:
    """Where each picture and each extension of a GIF begins; many files lack their trailer."""
    position, blocks, most = 13 + _colours(content[10]), 0, _MOST_BEFORE
    while position < len(content) and content[position] in (0x2C, 0x21):
        yield position
        if content[position] == 0x2C:
            position, most = position + 11 + _colours(content[position + 9]), _MOST_BLOCKS
        else:
            position += 2
        size = 1
        while size and position < len(content):
            size = content[position]
            position, blocks = position + size + 1, blocks + 1
            if blocks > most:
                raise _too_many("blocks", most)


def _webp(content: bytes) -> tuple[int, int]:
    chunk = content[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3].ljust(3, b"\0"), "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", content, 26))
    return width, height


def _bmp(content: bytes) -> tuple[int, int]:
    (size,) = struct.unpack_from("<I", content, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", content, 18)
    return width, abs(height)  # a negative height means that the rows come from the top


def _named(content: bytes) -> str:
    start = content[:64].lstrip()
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif"):
        return "is a HEIC or AVIF, which is not accepted"
    for signature, name in _OTHERS.items():
        if content.startswith(signature) or start.startswith(signature):
            return f"is {name}, which is not accepted"
    return "is not a picture"


def _colours(flags: int) -> int:
    """Bytes of the colour table that a GIF's flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _too_many(pieces: str, most: int) -> InputError:
    return InputError(f"is cut into more than {most:,} {pieces}; save it again with an ordinary encoder")
