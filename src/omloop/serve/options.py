"""What a server is told of how to serve, beside what it serves."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from omloop.serve.limits import Limits


@dataclass(frozen=True)
class ServerOptions:
    """How one server serves, whatever it serves.

    `limits` bound what it takes at a time. It looks for another version every `poll_s` seconds. With `strict`, what
    cannot be recorded is not answered. `compat` names the other servers whose addresses are answered too, `cors` the
    origins whose pages may ask.
    """

    limits: Limits = field(default_factory=Limits)
    poll_s: float = 0.5
    strict: bool = True
    compat: Sequence[str] = ()
    cors: Sequence[str] = ()
