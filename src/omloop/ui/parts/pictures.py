"""Pictures as browsers show them."""

from __future__ import annotations

import base64
import binascii

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
"""What the first bytes of a file say that it is."""


def picture_type(content: bytes) -> str:
    """The content type of a picture by its first bytes, whatever its name says; empty for what is none.

    >>> picture_type(bytes.fromhex("89504e470d0a1a0a00")), picture_type(b"a text")
    ('image/png', '')
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((name for start, name in SIGNATURES.items() if content.startswith(start)), "")


def data_address(value: object) -> str:
    """The address by which a browser shows a picture in base64; empty for anything else."""
    if not isinstance(value, str):
        return ""
    try:
        found = picture_type(base64.b64decode(value[:32], validate=True))
    except binascii.Error:
        return ""
    return f"data:{found};base64,{value}" if found else ""


def picture_address(value: object) -> str:
    """The same of a picture that may be such an address already."""
    return value if isinstance(value, str) and value.startswith("data:image/") else data_address(value)
