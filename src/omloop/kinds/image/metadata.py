"""A picture's file without its metadata: where, when, by whom and with what camera someone took it.

It copies only what a decoder needs, so nothing unknown gets through. It leaves any unusual file alone; the caller then
encodes the pixels again.
"""

import re
import struct

from omloop.kinds.image.jpeg import APPLICATIONS, JpegLayout, needed_of

# Tables, start of frame, restart interval and start of scan (ITU-T T.81, table B.1).
_NEEDED = {0xC4, 0xDB, 0xDD, 0xDA, *range(0xC0, 0xC4)}
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
# What ends the data of a scan: a marker that is neither a stuffed zero nor a restart.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def without_metadata(content: bytes, layout: JpegLayout | None = None) -> bytes | None:
    """The same JPEG, PNG or WebP without EXIF, XMP, colour profiles, comments and whatever follows its end.

    It decodes to the same pixels, unless metadata turned or arranged them. None if it cannot promise that: other
    formats, animations, and unusual or damaged files. `layout` is that of an ordinary JPEG, if known.

    >>> without_metadata(b"GIF89a...") is None
    True
    """
    try:
        if content.startswith(b"\xff\xd8"):
            return _jpeg(content, *((content[:2], 2) if layout is None else (_head(content, layout), layout.scan)))
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(content)
        return _webp(content)
    except (struct.error, IndexError):
        return None


def _head(content: bytes, layout: JpegLayout) -> bytes:
    """What stands before the first scan, without metadata."""
    kept, position = list[bytes](), 0
    for begin, end, needed in layout.metadata:
        kept += [content[position:begin], needed]
        position = end
    return b"".join([*kept, content[position : layout.scan]])


def _jpeg(content: bytes, head: bytes, position: int) -> bytes | None:
    """`head`, and what a decoder needs of the segments from `position` on."""
    kept = [head]
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        end = position + 2 + struct.unpack_from(">H", content, position + 2)[0]
        if marker == _SCAN:
            found = _MARKER.search(content, end)
            if found is None:
                return None
            end = found.start()
        if marker in _NEEDED:
            kept.append(content[position:end])
        elif marker in APPLICATIONS:
            kept.append(needed_of(content[position:end]))
        elif marker != _COMMENT:
            return None
        position = end
    return None


def _png(content: bytes) -> bytes | None:
    kept, position = [content[:8]], 8
    while True:
        length, name = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if name in _CHUNKS:
            kept.append(content[position:end])
        elif name == b"acTL" or not name[0] & 0x20:  # an animation, or a chunk that must be understood
            return None
        if name == b"IEND":
            return b"".join(kept)
        position = end


def _webp(content: bytes) -> bytes | None:
    """The one chunk of a simple file. It skips extended files; only those have metadata."""
    if content[:4] != b"RIFF" or content[8:16] not in (b"WEBPVP8 ", b"WEBPVP8L"):
        return None
    length = struct.unpack_from("<I", content, 16)[0]
    picture = content[12 : 20 + length + length % 2]
    return b"RIFF" + struct.pack("<I", 4 + len(picture)) + b"WEBP" + picture
