"""How much one server takes on before it says no."""

import sys
from dataclasses import dataclass, field

from omloop.core import cpu_quota, memory_quota
from omloop.kinds.bodies import FILE_BYTES, TEXT_BYTES

FOR_FILES = 64
"""Descriptors that are left for models, the prediction log and its index, and for refusing connections."""
MEMORY_SHARE = 4
"""The part of a container's memory that requests may take: one in so many."""


@dataclass(frozen=True)
class Limits:
    """What is accepted of one request and of all together.

    `pending` counts requests that are being worked on or wait for it, `queue_s` bounds the seconds that a request may
    be expected to wait; beyond either the answer is 429. `body_s` is an absolute deadline for a whole request to
    arrive, in seconds. `head_bytes` bounds its address and headers, `body_bytes` JSON and text, `file_bytes` files and
    forms of them. `workers` is how many runs of the model there are at once, `connections` how many clients. A model
    that takes less than `inline_s` seconds a row runs on the event loop itself. `batch` is how many requests are
    answered together at most; 0 takes what was measured of the model. `memory_bytes` is what bodies, what is read of
    them and answers may take together: beyond it the answer is 503.
    """

    head_bytes: int = 32_768
    connections: int = 4096
    queue_s: float = 2.0
    inline_s: float = 0.0003  # below it, to hand work to a thread costs more than to wait for it
    batch: int = 0

    body_bytes: int = TEXT_BYTES
    file_bytes: int = FILE_BYTES
    body_s: float = 5.0
    rows: int = 10_000
    pending: int = 256
    memory_bytes: int = field(default_factory=lambda: memory_quota() // MEMORY_SHARE)
    workers: int = field(default_factory=cpu_quota)


def spare_descriptors() -> int:
    """How many connections may be open before the system's limit on open files is near; the rest is for files."""
    try:
        import resource
    except ImportError:  # Windows
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(1, soft - FOR_FILES)
