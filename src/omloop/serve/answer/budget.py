"""One budget for the memory of requests in flight: bodies, their decoded content, and answers.

See docs/decisions/0041-memory-in-flight-has-one-budget.md.
"""

from omloop.core import megabytes
from omloop.serve.refusal import Refusal

SMALL_BYTES = 32_768
"""Bodies up to this many bytes count only once complete: all connections together hold little in them."""
_TRIM_BYTES = 32_000_000  # to ask the allocator takes time, however little it gives back


class MemoryBudget:
    """At most `total` bytes at once, half of them for incomplete bodies. Use it from one event loop.

    So slow senders can take no more than half, and complete requests continue.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.taken = 0
        self.coming = 0
        self._peak = 0

    def has(self, size: int) -> bool:
        """Whether there is room for that many more bytes."""
        return self.taken + size <= self.total

    def refusal(self, size: int = 1, *, later: int = 0) -> Refusal | None:
        """Why it refuses a request that takes `size` bytes now, and `later` more, if it does."""
        if size + later > self.total:
            needed, most = megabytes(size + later), megabytes(self.total)
            reason = f"answering it takes about {needed} of memory, and this server has {most} for all requests"
            return Refusal(413, f"{reason}; send fewer rows a request, or smaller pictures")
        return None if self.has(size) else full_refusal()

    def take(self, size: int) -> None:
        """Take that many bytes, even beyond the budget."""
        self.taken += size
        self._peak = max(self._peak, self.taken)

    def give(self, size: int) -> None:
        """Give them back."""
        self.taken -= size

    def falls(self) -> bool:
        """Whether requests gave much back since the last call: the allocator may then return it to the system."""
        much = self._peak - self.taken >= _TRIM_BYTES
        if much:
            self._peak = self.taken
        return much


class Coming:
    """What a body takes of a budget while it comes."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._size = 0
        self._taken = 0

    def add(self, size: int) -> bool:
        """Count that many new bytes; says whether there was room. If not, it frees all of the body."""
        self._size += size
        if self._size <= SMALL_BYTES:
            return True
        budget, more = self._budget, self._size - self._taken
        if budget.coming + more > budget.total // 2 or not budget.has(more):
            self.close()
            return False
        budget.take(more)
        budget.coming += more
        self._taken = self._size
        return True

    def close(self) -> None:
        """It is whole, or nobody waits for it any more."""
        self._budget.give(self._taken)
        self._budget.coming -= self._taken
        self._size = self._taken = 0


def full_refusal() -> Refusal:
    """The message for clients while requests take all their memory."""
    message = "requests take all the memory that this server has for them; try again in a second"
    return Refusal(503, message, headers={"Retry-After": "1"})
