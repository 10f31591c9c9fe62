"""How much one server takes on before it says no."""

from dataclasses import dataclass, field

from omloop.bundle import cpu_quota


@dataclass(frozen=True)
class Limits:
    """What is accepted of one request and of all together.

    `pending` counts requests that are being worked on or wait for a worker; beyond it the answer is 429. `body_s` is an
    absolute deadline for the whole body, in seconds. `body_bytes` is for JSON and text, `file_bytes` for files and
    forms of them. `workers` is how many requests are worked on at once.
    """

    body_bytes: int = 1_000_000
    file_bytes: int = 16_000_000
    body_s: float = 5.0
    rows: int = 10_000
    pending: int = 256
    workers: int = field(default_factory=cpu_quota)
