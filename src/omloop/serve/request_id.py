"""The id of a request: its own `X-Request-Id`, or one that is made, in every answer and in the log."""

import re
from collections.abc import Iterable
from secrets import token_hex

HEADER = b"x-request-id"
MOST_CHARACTERS = 128
_ACCEPTED = re.compile(rb"[!-~]{1,%d}" % MOST_CHARACTERS).fullmatch


def request_id(given: bytes = b"") -> str:
    """The id that a client gave, if it is of at most `MOST_CHARACTERS` printable ASCII characters; else a new one.

    >>> request_id(b"order-17"), len(request_id(b"two words"))
    ('order-17', 16)
    """
    return given.decode() if _ACCEPTED(given) else token_hex(8)


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id of a request with these headers, whose names are in lower case; of several the first counts."""
    return request_id(next((value for name, value in headers if name == HEADER), b""))
