"""`Content-Digest` of a request (RFC 9530): if a request has it, the body must match it.

It does not read fields in trailers. It ignores algorithms other than `sha-256` and `sha-512`, as the RFC requires.
"""

import base64
import binascii
import hashlib
import hmac
import re

from omloop.serve.refusal import Refusal

HEADER = "content-digest"
_ALGORITHMS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)(?:=([^,;]*))?(?:;[^,]*)?[ \t]*")
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")


def require_digest(given: str, content: bytes) -> None:
    """Raise Refusal 400 if a known digest is malformed, or is not that of `content`.

    >>> require_digest("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:, md5=:eA==:", b"")
    """
    for algorithm, digest in _digests(given).items():
        if not hmac.compare_digest(_ALGORITHMS[algorithm](content).digest(), digest):
            told = f"the body has another {algorithm} digest than its Content-Digest says; send it again"
            raise Refusal(400, told, code="digest_mismatch")


def _digests(given: str) -> dict[str, bytes]:
    """The digests of known algorithms; if one comes twice, the last counts (RFC 8941, 3.2)."""
    found: dict[str, bytes] = {}
    for part in given.split(","):
        member = _MEMBER.fullmatch(part)
        if member is None:
            raise _malformed(given)
        if member[1] in _ALGORITHMS:
            found[member[1]] = _bytes(member[2] or "", given)
    return found


def _bytes(value: str, given: str) -> bytes:
    spelt = _BYTES.fullmatch(value.strip())
    if spelt is None:
        raise _malformed(given)
    try:
        return base64.b64decode(spelt[1], validate=True)
    except binascii.Error:
        raise _malformed(given) from None


def _malformed(given: str) -> Refusal:
    told = f"Content-Digest is '{given:.80}'; send the digest of the body as sha-256=:BASE64:, or leave it away"
    return Refusal(400, told, code="invalid_digest")
