"""API keys: what a caller holds, and what a server keeps of it.

A key is `omk_ID_SECRET`; its secret is 32 bytes of the system's random numbers. A server keeps only its SHA-256. That
is no hash for passwords, and need not be: nobody can guess 256 random bits, however fast the hash. NIST SP 800-63B
(5.1.2.2) asks for a salt and a slow hash below 112 bits, and for an approved one-way function above. A fast hash also
keeps a request fast.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from omloop.core import ConfigError, Place, UnknownNameError, some
from omloop.serve.access.roles import ROLES, Caller

PREFIX = "omk_"
_BYTES = 32
_KEY = re.compile(r"omk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[\w .@:/+-]{1,64}")
_NOBODY = "0" * 64


class ApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key as a server keeps it: a line of JSON. `sha256` is that of the secret, `made` a day in ISO 8601."""

    id: str
    roles: tuple[str, ...]
    sha256: str
    name: str = ""
    made: str = ""

    def line(self) -> bytes:
        """It as one line."""
        return msgspec.json.encode(self) + b"\n"


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; `secret` is what its holder sends, and nobody can tell it again."""

    secret: str
    key: ApiKey

    def __repr__(self) -> str:
        return f"NewKey({self.key!r})"  # never the secret, which a notebook would show


def make_key(roles: Sequence[str], name: str, day: str) -> NewKey:
    """A key with such roles; raises UnknownNameError for a role that there is not, ConfigError for a name or none.

    >>> new = make_key(["predict"], "app", "2026-11-30")
    >>> KeyTable([new.key]).find(new.secret).name
    'app'
    """
    if not roles:
        raise ConfigError(f"A key needs a role. There are: {', '.join(ROLES)}.")
    for role in roles:
        if role not in ROLES:
            raise UnknownNameError("role", role, ROLES)
    if name and not _NAME.fullmatch(name):
        raise ConfigError("A key's name has at most 64 letters, digits, blanks and . @ : / + - _, such as 'app 2'.")
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(_BYTES)
    return NewKey(
        f"{PREFIX}{identity}_{secret}", ApiKey(identity, tuple(dict.fromkeys(roles)), _hashed(secret), name, day)
    )


def read_keys(text: str, where: str) -> list[ApiKey]:
    """The keys of a text with one a line; raises ConfigError with the number of a bad line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            found.append(_read(line, Place(where, number)))
    return found


class KeyTable:
    """Keys by their ids."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys: Mapping[str, tuple[str, Caller]] = {
            key.id: (key.sha256, Caller(key.name or key.id, frozenset(key.roles))) for key in keys
        }

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, given: str) -> Caller | None:
        """The owner of the given key, if valid; takes as long for a wrong secret as for a right one, and for no key.

        An id is no secret, so a plain lookup is safe.
        """
        parts = _KEY.fullmatch(given)
        if parts is None:
            return None
        known, caller = self._keys.get(parts[1], (_NOBODY, None))
        return caller if hmac.compare_digest(_hashed(parts[2]), known) else None


def without(keys: Sequence[ApiKey], named: str) -> list[ApiKey]:
    """The keys without those of that id or name; raises UnknownNameError if there is none."""
    kept = [key for key in keys if named not in (key.id, key.name)]
    if len(kept) == len(keys) or not named:
        known = [name for key in keys for name in (key.id, key.name) if name]
        raise UnknownNameError("key", named, known, next_step="See: omloop key list")
    return kept


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(line: str, place: Place) -> ApiKey:
    try:
        key = msgspec.json.decode(line, type=ApiKey)
    except msgspec.MsgspecError:
        raise ConfigError("this is no key. Let 'omloop key new' write the line.", place) from None  # it may be a secret
    wrong = [role for role in key.roles if role not in ROLES]
    if wrong or not key.roles:
        named = some(wrong, quoted=True) or "nothing"
        raise ConfigError(f"a key has the roles {', '.join(ROLES)}, and not {named}.", place, "roles")
    if not re.fullmatch("[0-9a-f]{64}", key.sha256):
        raise ConfigError("sha256 must be 64 hexadecimal digits. Let 'omloop key new' write the line.", place, "sha256")
    return key
