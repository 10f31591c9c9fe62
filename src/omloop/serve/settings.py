"""The settings of a server."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from omloop.core import Between, RoomSettings


@dataclass(frozen=True)
class ServeSettings(RoomSettings):
    """Where a server listens, its share of the machine, and what it answers."""

    SECTION: ClassVar[str] = "serve"

    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: Annotated[int, Between(0, 65_535)] = 8000
    """Port that the server listens on; 0 takes a free one."""
    threads: Annotated[int, Between(0, 1_024)] = 1
    """Threads of one model run of a server, which has as many runs at once as cores; 0 asks the CPU quota."""
    drain_s: Annotated[int, Between(-1, 600)] = -1
    """Seconds that a stopping server still accepts connections; -1 is 0 on loopback, and 1 elsewhere."""
    workers: Annotated[int, Between(1, 1_024)] = 1
    """Processes that serve, on one port."""
    batch: Annotated[int, Between(0, 10_000)] = 0
    """The most requests to answer together; 0 takes the measured best of each version."""
    memory_megabytes: Annotated[int, Between(0, 100_000_000)] = 0
    """What requests take of a server's memory at most; 0 takes a quarter of the container's, or of the machine's."""
    variant: str = ""
    """Variant of the model that answers, such as `int8`; empty is the version's choice, `model` the one as packaged."""
    compat: str = ""
    """Other servers whose addresses a server answers too, divided by commas: `kserve`, `mlflow`, `former-service`."""
    cors: str = ""
    """Origins whose pages may ask a server from a browser, divided by commas, or `*`; empty allows none."""
    keys: str = ""
    """Where a server's API keys lie: a file, or `env:VARIABLE`; empty is `keys.jsonl` in the workspace, if there."""
    local_metrics: Annotated[int, Between(0, 1)] = 0
    """1: callers on this machine, such as a side-car, read `/metrics` without a key."""
    hosts: str = ""
    """Names that a server answers to, separated by commas, or `*`; empty is `localhost` on loopback, else `*`."""
    traces: str = ""
    """Collector of OpenTelemetry that gets spans of requests, such as `http://localhost:4318`; empty makes none."""
    requests_per_minute: Annotated[int, Between(0, 100_000_000)] = 0
    """How often each caller may ask a process of a server; 0 sets no bound."""


@dataclass(frozen=True)
class OidcSettings(RoomSettings):
    """Whose bearer tokens a server takes, by OpenID Connect."""

    SECTION: ClassVar[str] = "oidc"

    issuer: str = ""
    """Address of the identity provider, as its tokens say it; empty takes no tokens."""
    audience: str = ""
    """The audience of tokens for this server: their claim `aud`."""
    jwks: str = ""
    """Address of the provider's public keys; empty takes it from `/.well-known/openid-configuration`."""
    claim: str = "roles"
    """Claim that lists what a caller may do, such as `realm_access.roles`."""
    role: str = ""
    """Roles of a caller whose token says none, divided by commas; empty is none."""
