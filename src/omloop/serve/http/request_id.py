"""The id of a request: its own `X-Request-Id`, or a new one, in every answer and in the log."""

import re
from collections.abc import Iterable
from random import getrandbits

HEADER = b"x-request-id"
MOST_CHARACTERS = 128  # of an id from outside, which goes into log lines
_ACCEPTED = re.compile(rb"[!-~]{1,%d}" % MOST_CHARACTERS).fullmatch


def request_id(given: bytes = b"") -> str:
    """The id that a client gave, if it is of at most `MOST_CHARACTERS` printable ASCII characters; else a new one.

    >>> request_id(b"order-17"), len(request_id(b"two words"))
    ('order-17', 16)
    """
    # Not from the system, whose random numbers cost a call of it; each process has its own, forked ones too.
    return given.decode() if given and _ACCEPTED(given) else f"{getrandbits(64):016x}"


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id of a request with these headers, whose names are in lower case; of several the first counts."""
    return request_id(next((value for name, value in headers if name == HEADER), b""))
