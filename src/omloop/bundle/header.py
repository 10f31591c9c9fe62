"""What a picture's first bytes say: its format and how large it claims to be, before anything is decoded."""

import struct

from omloop.core import InputError

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "BMP": "image/bmp", "GIF": "image/gif"}
"""The formats that are decoded, by Pillow's name, with their media types."""

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
_SIZES_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def header(content: bytes) -> tuple[str, int, int]:
    """The format, width and height in pixels that a picture's header claims.

    The layouts are those of ITU-T T.81 (JPEG), W3C PNG, RFC 9649 (WebP), GIF89a and BITMAPINFOHEADER. Raises InputError
    for what is no picture, one of another format, or one whose header is cut off.

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


def frames(content: bytes, most: int) -> int:
    """How many pictures a GIF holds, counted no further than `most + 1`; raises InputError when it is cut off."""
    position = 13 + _colours(content[10])
    count = 0
    while count <= most:
        if position >= len(content) or content[position] == 0x3B:  # many files lack their trailer
            return count
        if content[position] == 0x2C:
            count += 1
            position += 10 + _colours(content[position + 9]) + 1
        elif content[position] == 0x21:
            position += 2
        else:
            return count
        position = _past_blocks(content, position)
    return count


def _read(content: bytes) -> tuple[str, int, int] | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("PNG", *struct.unpack_from(">II", content, 16))
    if content.startswith((b"GIF87a", b"GIF89a")):
        return ("GIF", *struct.unpack_from("<HH", content, 6))
    if content.startswith(b"\xff\xd8\xff"):
        return ("JPEG", *_jpeg(content))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return ("WEBP", *_webp(content))
    if content.startswith(b"BM"):
        return ("BMP", *_bmp(content))
    return None


def _jpeg(content: bytes) -> tuple[int, int]:
    """The size in the first start-of-frame segment."""
    position = 2
    while True:
        while content[position] != 0xFF:  # decoders skip stray bytes between segments
            position += 1
        while content[position] == 0xFF:
            position += 1
        marker = content[position]
        if marker in _SIZES_OF_FRAME:
            height, width = struct.unpack_from(">HH", content, position + 4)
            return width, height
        alone = marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8
        position += 1 if alone else 1 + struct.unpack_from(">H", content, position + 1)[0]


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


def _past_blocks(content: bytes, position: int) -> int:
    """The position behind a GIF's chain of sub-blocks, which ends with an empty one."""
    while position < len(content) and content[position]:
        position += content[position] + 1
    return position + 1
