"""The layout of a JPEG, from one pass over its segments: what decoding, limits and the log need of it.

It describes only ordinary files. Pillow's own way judges an unusual or damaged file.
"""

import struct
from typing import NamedTuple

# The markers are those of ITU-T T.81, table B.1.
_SOF, _PROGRESSIVE, _SOS, _DQT, _COM = {0xC0, 0xC1, 0xC2}, 0xC2, 0xDA, 0xDB, 0xFE
_TABLES = {0xC4, _DQT, 0xDD}  # of Huffman codes and of quantisation, and how often decoding begins anew
APPLICATIONS, _APP0, _EXIF_XMP, _ICC_MPF, _PHOTOSHOP, _ADOBE = range(0xE0, 0xF0), 0xE0, 0xE1, 0xE2, 0xED, 0xEE
# A plain JFIF header; the one that came may hold a thumbnail of what was cut away since.
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
_JFIF_FIRST = b"\xff\xd8" + _JFIF[:9]  # how nearly all files begin
MOST_SEGMENTS = 1_000
"""An ICC profile takes 255 segments at most, and as many again are metadata."""
_TABLE = 65  # bytes of a quantisation table of 8 bits, with its number
# EXIF 2.32: the first directory's tags that are looked at, and the only types and counts that they usually have.
_ORIENTATION, _X_RESOLUTION, _SHORT, _RATIONAL, _UPRIGHT = 0x0112, 0x011A, 3, 5, 1


class JpegLayout(NamedTuple):
    """An ordinary JPEG of 8 bits that needs no turning.

    `components` are 1 (grey) or 3. `single` says that one sequential scan holds the whole picture; `scan` is where the
    first scan begins. `metadata` are the segments before it that no decoder needs: where each begins and ends, and what
    replaces it.
    """

    width: int
    height: int
    components: int
    single: bool
    scan: int
    metadata: tuple[tuple[int, int, bytes], ...]


def read_layout(content: bytes) -> JpegLayout | None:
    """The layout of a JPEG; None for any other file, and for a JPEG that is rotated, unusual or damaged in its head.

    >>> read_layout(b"GIF89a...") is None
    True
    """
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    try:
        return _read(content)
    except (IndexError, struct.error):
        return None


def _read(content: bytes) -> JpegLayout | None:
    position, frame, exif, metadata = 2, 0, 0, list[tuple[int, int, bytes]]()
    if content.startswith(_JFIF_FIRST):
        position, metadata = 20, [(2, 20, _JFIF)]
    for _ in range(MOST_SEGMENTS):
        marker, begin = content[position + 1], position + 4
        end = position + 2 + (content[position + 2] << 8 | content[position + 3])
        if content[position] != 0xFF or end < begin:
            return None
        if marker in _TABLES:
            if marker == _DQT and ((end - begin) % _TABLE or max(content[begin:end:_TABLE], default=0) > 3):
                return None
        elif marker in _SOF:
            if frame or content[begin] != 8 or end - begin != 6 + 3 * content[begin + 5]:
                return None
            frame = position
        elif marker == _SOS:
            return None if exif > 1 else _layout(content, frame, position, metadata)
        elif marker == _COM:
            metadata.append((position, end, b""))
        elif marker in APPLICATIONS and _is_ordinary(content, marker, begin, end):
            exif += content.startswith(b"Exif\0\0", begin)
            metadata.append((position, end, needed_of(content[position:end])))
        else:
            return None
        position = end
    return None


def needed_of(segment: bytes) -> bytes:
    """How to decode colours, which is all that a decoder needs of an application's segment."""
    if segment[1] == _APP0 and segment[4:9] == b"JFIF\0" and len(segment) >= len(_JFIF):
        return _JFIF
    if segment[1] == _ADOBE and segment[4:9] == b"Adobe" and len(segment) >= 16:
        return segment[:2] + b"\0\x0e" + segment[4:16]
    return b""


def _layout(content: bytes, frame: int, scan: int, metadata: list[tuple[int, int, bytes]]) -> JpegLayout | None:
    if not frame:
        return None
    height, width, components = struct.unpack_from(">HHB", content, frame + 5)
    if not (width and height and components in (1, 3)):
        return None
    single = content[frame + 1] != _PROGRESSIVE and content[scan + 4] == components
    return JpegLayout(width, height, components, single, scan, tuple(metadata))


def _is_ordinary(content: bytes, marker: int, begin: int, end: int) -> bool:
    """Whether an application's segment leaves the picture upright and alone, and Pillow finds no fault with it.

    Pillow looks into these segments, and refuses a file for some that are too short.
    """
    if marker == _APP0:
        return not content.startswith(b"JFIF", begin) or end - begin >= 14
    if marker == _EXIF_XMP:
        if content.startswith(b"Exif\0\0", begin):
            return _is_upright(content[begin + 6 : end])
        return b"Orientation" not in content[begin:end]
    if marker == _ICC_MPF:
        return not content.startswith(b"MPF", begin) and (
            not content.startswith(b"ICC_PROFILE", begin) or end - begin >= 14
        )
    if marker == _PHOTOSHOP:
        return not content.startswith(b"Photoshop", begin)
    return marker != _ADOBE or not content.startswith(b"Adobe", begin) or end - begin >= 12


def _is_upright(exif: bytes) -> bool:
    """Whether EXIF's first directory is whole and turns nothing."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return False
    (first,) = struct.unpack_from(f"{order}I", exif, 4)
    (count,) = struct.unpack_from(f"{order}H", exif, first)
    for entry in range(first + 2, first + 2 + 12 * count, 12):
        tag, kind, values, value = struct.unpack_from(f"{order}HHIH2x", exif, entry)
        if tag == _ORIENTATION and (kind, values, value) != (_SHORT, 1, _UPRIGHT):
            return False
        if tag == _X_RESOLUTION and (kind, values) != (_RATIONAL, 1):
            return False
    return True
