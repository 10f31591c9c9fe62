"""Compressed bodies, both ways: gzip (RFC 1952) and deflate (in HTTP zlib's form, RFC 9110, 8.4.1).

Only the addresses of other servers take them: some of their clients compress.
"""

import zlib
from collections.abc import Mapping

from omloop.serve.http.body import too_long_refusal
from omloop.serve.refusal import Refusal

CODINGS = {"gzip": 31, "deflate": 15}
"""Content codings, and zlib's `wbits` for writing and reading each."""
MOST_GROWTH = 1032
"""How many bytes one of deflate's becomes at most; see https://zlib.net/zlib_tech.html."""
WORTH_BYTES = 1024
"""A shorter answer fits a packet or two as it is."""


def coding_of(headers: Mapping[str, str]) -> str:
    """The body's content coding, empty for none; raises Refusal 415 for an unknown one."""
    given = headers.get("content-encoding", "identity").strip().lower()
    if given == "identity":
        return ""
    if given in CODINGS:
        return given
    known = ", ".join(CODINGS)
    raise Refusal(415, f"the content encoding '{given:.40}' is not accepted; send {known}, or the body as it is")


def inflate(content: bytes, coding: str, most: int) -> bytes:
    """The body before compression. It never writes more than `most` + 1 bytes.

    Raises Refusal: 413 for a longer body, and 400 for one that is damaged, truncated, or followed by more.
    """
    inflating = zlib.decompressobj(CODINGS[coding])
    try:
        plain = inflating.decompress(content, most + 1)
    except zlib.error as error:
        told = f"the body is not {coding}, which its content encoding says"
        raise Refusal(400, told, code="unreadable") from error
    if len(plain) > most:
        raise too_long_refusal(most)
    if not inflating.eof or inflating.unused_data:
        told = f"the body is not one whole {coding} stream, which its content encoding says"
        raise Refusal(400, told, code="unreadable")
    return plain


def wanted_coding(accepted: str) -> str:
    """The coding of an answer, by the request's `Accept-Encoding`; empty for none.

    >>> wanted_coding("br, gzip;q=0.5"), wanted_coding("gzip;q=0, deflate"), wanted_coding("identity")
    ('gzip', 'deflate', '')
    """
    weights: dict[str, object] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "").rstrip("0.") != "q="
    return next((name for name in CODINGS if weights.get(name)), "")


def deflate(content: bytes, coding: str) -> bytes:
    """The content, compressed quickly rather than well."""
    deflating = zlib.compressobj(1, wbits=CODINGS[coding])
    return deflating.compress(content) + deflating.flush()
