"""Pages of other origins that may ask this server (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).

Nobody may unless a setting lists the origin. It never allows credentials of the browser: a page sends a key itself.
"""

import re
from collections.abc import Sequence

from omloop.core import SettingError, shown

ANY = "*"
_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+")
_METHODS = b"GET, HEAD, POST"
_ASKED = (
    b"authorization, content-type, content-digest, idempotency-key, traceparent, x-api-key, x-caller-key, "
    b"x-request-id, x-request-timeout-ms"
)
_ANSWERED = b"idempotent-replayed, x-request-id, retry-after, www-authenticate"
_KEPT_S = b"600"  # seconds that a browser need not ask again; a changed setting is obeyed after as many
Headers = list[tuple[bytes, bytes]]


def origins(setting: str) -> tuple[str, ...]:
    """The origins of a comma-separated setting; raises SettingError for anything else.

    >>> origins("https://a.example, http://localhost:3000")
    ('https://a.example', 'http://localhost:3000')
    """
    found = tuple(word.strip() for word in setting.split(",") if word.strip())
    for origin in found:
        if origin != ANY and not _ORIGIN.fullmatch(origin):
            works = "*, or origins such as https://app.example (in lower case, without a path), divided by commas"
            raise SettingError.wrong_value(None, "cors", shown(origin), works)
    return found


class Cors:
    """Which origins may ask, and the headers that say so."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = {origin.encode() for origin in allowed}
        self._any = ANY.encode() in self._allowed

    def __bool__(self) -> bool:
        return bool(self._allowed)

    def headers(self, asked: Sequence[tuple[bytes, bytes]]) -> Headers:
        """What an answer to a request with such headers says; nothing where no page of another origin may ask."""
        if not self._allowed:
            return []
        varies = [] if self._any else [(b"vary", b"origin")]
        origin = _one(asked, b"origin")
        if not origin or not (self._any or origin in self._allowed):
            return varies
        told = ANY.encode() if self._any else origin
        return [*varies, (b"access-control-allow-origin", told), (b"access-control-expose-headers", _ANSWERED)]

    def preflight(self, method: str, asked: Sequence[tuple[bytes, bytes]]) -> Headers | None:
        """What the answer to a browser says that asks before it asks; None for any other request, or another origin."""
        told = self.headers(asked)
        allowed = any(name == b"access-control-allow-origin" for name, _ in told)
        if method != "OPTIONS" or not allowed or not _one(asked, b"access-control-request-method"):
            return None
        return [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _ASKED),
            (b"access-control-max-age", _KEPT_S),
        ]


def _one(headers: Sequence[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")
