"""Who may ask a server, as the settings say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import ConfigError, is_loopback
from omloop.serve.access.guard import Guard
from omloop.serve.access.hosts import ANY, Hosts, host_names
from omloop.serve.access.key_source import KeyRing, KeySource
from omloop.serve.access.rates import Rates
from omloop.serve.http.cors import origins
from omloop.serve.settings import OidcSettings, ServeSettings

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.core import Settings
    from omloop.serve.access.tokens import Tokens


def guard_of(settings: Settings, root: Path) -> Guard:
    """The guard of a server whose workspace lies at `root`.

    Raises ConfigError for missing or unreadable keys, SettingError, and MissingExtraError for tokens.
    """
    of_server = settings.of(ServeSettings)
    source = KeySource.of(of_server.keys, root)
    ring = KeyRing(source) if source is not None else None
    if ring is not None:
        ring.load()
    return Guard(
        keys=ring,
        tokens=_tokens(settings) if source is not None else None,
        hosts=hosts_of(settings),
        rates=Rates(of_server.requests_per_minute) if of_server.requests_per_minute else None,
        origins=origins(of_server.cors),
        local_metrics=bool(of_server.local_metrics),
    )


def hosts_of(settings: Settings) -> Hosts:
    """The names that the server answers to at its address; raises SettingError."""
    of_server = settings.of(ServeSettings)
    return Hosts(host_names(of_server.hosts) or (() if is_loopback(of_server.host) else (ANY,)))


def key_source(settings: Settings, root: Path) -> KeySource:
    """Where the keys lie; raises ConfigError where the settings ask for none."""
    source = KeySource.of(settings.of(ServeSettings).keys, root)
    if source is None:
        raise ConfigError("The setting 'keys' is 'none', so no server asks for keys. Take it away, or name a file.")
    return source


def _tokens(settings: Settings) -> Tokens | None:
    oidc = settings.of(OidcSettings)
    if not oidc.issuer:
        return None
    from omloop.serve.access.tokens import Issuer, Tokens  # the extra `oidc`

    return Tokens(Issuer(oidc.issuer, oidc.audience, oidc.jwks, oidc.claim, oidc.role))
