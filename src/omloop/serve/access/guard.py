"""The checks of a request before the answer: its host, its page, its key or token, its role, its rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import PROBE_KEY, is_loopback
from omloop.serve.access.hosts import Hosts, is_of_another_page
from omloop.serve.access.keys import PREFIX
from omloop.serve.access.rates import Rates, whole_seconds
from omloop.serve.access.roles import CHANGING, OPEN, PREDICT, PROBE, Caller
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.serve.access.key_source import KeyRing
    from omloop.serve.access.tokens import Tokens

METRICS = "/metrics"
_ASK = {"WWW-Authenticate": 'Bearer realm="omloop"'}
_MARK = PROBE_KEY.encode()
Headers = Sequence[tuple[bytes, bytes]]


class Guard:
    """Who may ask a server what. By default it checks nothing, and everybody may do all.

    `origins` are those of other pages that may ask, as `cors` lists them. With `local_metrics`, callers on this machine
    read `/metrics` without a key.
    """

    def __init__(
        self,
        *,
        keys: KeyRing | None = None,
        tokens: Tokens | None = None,
        hosts: Hosts | None = None,
        rates: Rates | None = None,
        origins: Sequence[str] = (),
        local_metrics: bool = False,
    ) -> None:
        self._keys = keys
        self._tokens = tokens
        self._hosts = hosts or Hosts()
        self._rates = rates
        self._local_metrics = local_metrics
        self._origins = {origin.encode() for origin in origins}
        self.active = self._is_active()  # whether a request without a browser has anything to show

    @property
    def asks(self) -> bool:
        """Whether callers need a key or a token."""
        return self._tokens is not None or (self._keys is not None and self._keys.table is not None)

    def _is_active(self) -> bool:
        return self.asks or self._rates is not None or bool(self._hosts)

    def lets_read(self, path: str, client: str) -> bool:
        """Whether an address may read a path without a key: metrics for a side-car, if allowed."""
        return self._local_metrics and path == METRICS and is_loopback(client)

    def refresh(self) -> None:
        """Take on keys that changed. Never raises."""
        if self._keys is not None:
            self._keys.refresh()
        self.active = self._is_active()

    def lets_predict(self, headers: Headers, client: str) -> bool:
        """Whether the server may answer a prediction at once; if not, `admit` says why, or finds out that it may.

        `client` is the address of the client; it tells callers apart if nobody needs a key.
        """
        found = dict(headers)
        if not self._hosts.know(found.get(b"host", b"")):
            return False
        name = client
        if self.asks:
            caller = self._known(_credential(found))
            if caller is None or not caller.may(PREDICT) or not _may_be_marked(headers, caller):
                return False
            name = caller.name
        return self._rates is None or self._rates.wait_s(name, time.monotonic()) == 0.0

    async def admit(self, role: str, headers: Headers, client: str) -> Caller | None:
        """The caller, if it may have an answer, which needs `role`; None if nobody needs a key.

        Raises Refusal 401, 403, 421 or 429.
        """
        if role == OPEN:
            return None
        found = dict(headers)
        self._require_place(role, found)
        name, caller = client, None
        if self.asks:
            caller = await self._caller(found)
            if not caller.may(role):
                has = ", ".join(sorted(caller.roles)) or "none"
                raise Refusal(403, f"this needs the role '{role}'; the key or token has: {has}")
            if not _may_be_marked(headers, caller):
                told = f"X-Caller-Key: {PROBE_KEY} needs the role '{PROBE}', as what has it is left out of the watch"
                raise Refusal(403, told)
            name = caller.name
        if self._rates is not None and (wait_s := self._rates.wait_s(name, time.monotonic())):
            told = "you ask more often than you may; try again after the seconds in Retry-After"
            raise Refusal(429, told, code="rate_limited", headers={"Retry-After": whole_seconds(wait_s)})
        return caller

    def _require_place(self, role: str, headers: Mapping[bytes, bytes]) -> None:
        host = headers.get(b"host", b"")
        if not self._hosts.know(host):
            told = f"this server is not asked as '{host.decode('latin-1'):.80}'; its setting 'hosts' lists its names"
            raise Refusal(421, told)
        if role not in CHANGING:
            return
        origin, site = headers.get(b"origin", b""), headers.get(b"sec-fetch-site", b"")
        if is_of_another_page(origin, site, host) and not self._origins & {origin, b"*"}:
            named = origin.decode("latin-1") or "another origin"
            raise Refusal(403, f"a page of {named:.80} may not ask; the setting 'cors' lists those that may")

    async def _caller(self, headers: Mapping[bytes, bytes]) -> Caller:
        given = _credential(headers)
        if not given:
            told = "send a key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'; whoever runs this server gives them"
            raise Refusal(401, told, headers=_ASK)
        caller = self._known(given)
        if caller is None and self._tokens is not None and not given.startswith(PREFIX):
            caller = await asyncio.get_running_loop().run_in_executor(self._tokens.workers, self._tokens.check, given)
        if caller is None:
            told = "the key is not known, or no longer; ask whoever runs this server for another"
            raise Refusal(401, told, headers=_ASK)
        return caller

    def _known(self, given: str) -> Caller | None:
        """The owner of the key, or of the recently checked token."""
        if self._keys is not None and given.startswith(PREFIX):
            return self._keys.find(given)
        return self._tokens.known(given) if self._tokens is not None else None


def _credential(headers: Mapping[bytes, bytes]) -> str:
    """What a caller shows: its `X-API-Key`, since a platform may use `Authorization` for itself; else its bearer."""
    if key := headers.get(b"x-api-key"):
        return key.decode("latin-1").strip()
    kind, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return given.strip() if kind.lower() == "bearer" else ""


def _may_be_marked(headers: Headers, caller: Caller) -> bool:
    """Whether the request may use its caller key: a probe's predictions are in no window of the watch.

    Every line of that name counts, as others may read the first or the last.
    """
    return caller.may(PROBE) or (b"x-caller-key", _MARK) not in headers
