"""How much one server takes on before it says no."""

import sys
from dataclasses import dataclass, field

from omloop.core import cpu_quota, memory_quota
from omloop.kinds.bodies import FILE_BYTES, TEXT_BYTES

FOR_FILES = 64
"""Descriptors reserved for models, the prediction log and its index, and for refusing connections."""
MEMORY_SHARE = 4
"""The part of a container's memory that requests may take: one in this many."""


@dataclass(frozen=True)
class Limits:
    """The limits of one request and of all together.

    `pending` is the most requests in work or in the queue. `queue_s` is the longest expected wait of a request, in
    seconds. Beyond either the answer is 429. `body_s` is an absolute deadline for a whole request to arrive, in
    seconds. `head_bytes` bounds its address and headers, `body_bytes` JSON and text, `file_bytes` files and forms of
    files. `workers` is the number of runs of the model at once, `connections` that of clients. A model that takes less
    than `inline_s` seconds a row runs on the event loop itself. `batch` is the most requests to answer together; 0
    takes the measured best. `memory_bytes` bounds the memory of bodies, their decoded content and answers together;
    beyond it the answer is 503.
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
