"""Bearer tokens of an identity provider, by OpenID Connect: checked here, with the provider's public keys.

The server fetches those over HTTP and keeps them. A token with an unknown key makes it fetch them again, at most once
in `AGAIN_S`, so that invented tokens cause no flood of requests. Signatures are RS256 or ES256; never `none`, and never
HMAC, whose secret would be the public key.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
import urllib.request
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from omloop.core import SettingError, explain_missing, shown
from omloop.serve.access.hosts import is_address
from omloop.serve.access.roles import ROLES, Caller, role_names
from omloop.serve.refusal import Refusal

with explain_missing("Tokens of OpenID Connect"):
    import jwt

ALGORITHMS = ["RS256", "ES256"]
FRESH_S = 3600.0
"""How long to use fetched keys before fetching them again."""
AGAIN_S = 30.0
TIMEOUT_S = 5.0
MOST_BYTES = 1_000_000
MOST_KNOWN = 1024
KNOWN_S = 60.0
"""How long a check of a token holds: a revoked token ends at most this much later."""
LEEWAY_S = 30.0
_LONGEST = 16_384
_ASK = {"WWW-Authenticate": 'Bearer realm="omloop", error="invalid_token"'}
_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class Issuer:
    """The accepted tokens: of `issuer`, for `audience`; `jwks` is the address of its keys, if not the published one.

    The claim `claim` lists what a caller may do, by our names of roles; without one of them it has `role`, or nothing.
    """

    issuer: str
    audience: str
    jwks: str = ""
    claim: str = "roles"
    role: str = ""

    def __post_init__(self) -> None:
        """Raise SettingError for unusable settings."""
        if not self.audience:
            told = "'oidc_audience' must be what tokens for this server are made for, but it is nothing."
            raise SettingError(told, None, "oidc_audience")
        for name, url in (("oidc_issuer", self.issuer), ("oidc_jwks", self.jwks)):
            if url and not _is_safe(url):
                works = "an address of https://, or of this machine"
                raise SettingError.wrong_value(None, name, shown(url), works)
        wrong = [role for role in role_names(self.role) if role not in ROLES]
        if wrong:
            raise SettingError.wrong_value(None, "oidc_role", shown(wrong[0]), f"of {', '.join(ROLES)}", known=ROLES)


@dataclass
class Tokens:
    """Checks tokens of one issuer; safe for threads. `clock` gives seconds that only rise."""

    issuer: Issuer
    clock: Callable[[], float] = time.monotonic
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="omloop-tokens"), repr=False
    )
    _keys: dict[str, Any] = field(default_factory=dict, init=False)
    _fetched: float = field(default=float("-inf"), init=False)
    _tried: float = field(default=float("-inf"), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _seen: OrderedDict[bytes, tuple[Caller, float]] = field(default_factory=OrderedDict, init=False)

    def known(self, token: str) -> Caller | None:
        """The owner of the token, if it was recently checked."""
        found = self._seen.get(_digest(token))
        return found[0] if found is not None and self.clock() < found[1] else None

    def check(self, token: str) -> Caller:
        """Whose token it is; raises Refusal 401, or 503 when the issuer's keys cannot be had. May wait for those."""
        try:
            if len(token) > _LONGEST:
                raise jwt.InvalidTokenError("it is too long")
            header = jwt.get_unverified_header(token)
            key = self._key(str(header.get("kid", "")))
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self.issuer.audience,
                issuer=self.issuer.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            raise Refusal(401, f"the token is not valid: {error}", headers=_ASK) from error
        caller = Caller(f"{self.issuer.issuer} {claims['sub']}", self._roles(claims))
        self._remember(token, caller, float(claims["exp"]) + LEEWAY_S - time.time())
        return caller

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[str]:
        given: Any = claims
        for part in self.issuer.claim.split("."):  # such as Keycloak's realm_access.roles
            given = given.get(part) if isinstance(given, Mapping) else None
        words = role_names(given) if isinstance(given, str) else given if isinstance(given, list) else ()
        found = frozenset(word for word in words if word in ROLES)
        return found or frozenset(role_names(self.issuer.role))

    def _remember(self, token: str, caller: Caller, left_s: float) -> None:
        with self._lock:
            self._seen[_digest(token)] = (caller, self.clock() + min(KNOWN_S, left_s))
            while len(self._seen) > MOST_KNOWN:
                self._seen.popitem(last=False)

    def _key(self, name: str) -> Any:
        """The issuer's key of that name; for a token without a key name, the only one."""
        with self._lock:
            now = self.clock()
            stale = now - self._fetched > FRESH_S or self._named(name) is None
            if stale and now - self._tried > AGAIN_S:
                self._fetch(now)
            found = self._named(name)
            if found is None and not self._keys:
                raise Refusal(503, "the keys of the identity provider cannot be had; try again later", code="not_ready")
        if found is None:
            raise jwt.InvalidTokenError("its key is none of the issuer's")
        return found

    def _named(self, name: str) -> Any:
        return self._keys.get(name) if name else next(iter(self._keys.values()), None) if len(self._keys) == 1 else None

    def _fetch(self, now: float) -> None:
        """Fetch the issuer's keys; where that fails, those of before stay."""
        self._tried = now
        try:
            where = self.issuer.jwks or _jwks_of(self.issuer.issuer)
            found = jwt.PyJWKSet.from_dict(_fetched(where)).keys
        except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
            _log.error("the keys of %s cannot be had: %s", self.issuer.issuer, error)
            return
        self._keys = {str(key.key_id or ""): key for key in found if key.public_key_use in (None, "sig")}
        self._fetched = now


def _jwks_of(issuer: str) -> str:
    """Where an issuer says that its keys are (OpenID Connect Discovery 1.0, section 4)."""
    about = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if about["issuer"] != issuer:
        raise ValueError(f"it calls itself {shown(about['issuer'])}")
    where = str(about["jwks_uri"])
    if not _is_safe(where):
        raise ValueError(f"its jwks_uri {shown(where)} is no address of https://")
    return where


def _fetched(url: str) -> Any:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - checked by `_is_safe`
    with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S) as answer:
        body = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(f"it answered more than {MOST_BYTES:,} bytes")
    return json.loads(body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An address that is safe must not lead to one that is not."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _is_safe(url: str) -> bool:
    """Whether nobody on the way can put other keys in the place of those at the address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    here = host == "localhost" or (is_address(host) and host.startswith(("127.", "::1")))
    return bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
