"""One budget for the memory that requests take while they are here: bodies, what is read of them, and answers.

See docs/decisions/0041-memory-in-flight-has-one-budget.md.
"""

from omloop.core import megabytes
from omloop.serve.refusal import Refusal

SMALL_BYTES = 32_768
"""Bodies of so many bytes count only when they are whole: all connections together hold little by them."""
_TRIM_BYTES = 32_000_000  # to ask the allocator takes time, however little it gives back


class MemoryBudget:
    """At most `total` bytes at once, half of them for bodies that are still coming. Use it from one event loop.

    Whoever sends slowly can so take no more than half, and whole requests go on.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.taken = 0
        self.coming = 0
        self._peak = 0

    def has(self, size: int) -> bool:
        """Whether there is room for so many bytes more."""
        return self.taken + size <= self.total

    def refusal(self, size: int = 1, *, later: int = 0) -> Refusal | None:
        """Why a request that takes `size` bytes now, and `later` more, is not accepted, if there is a reason."""
        if size + later > self.total:
            needed, most = megabytes(size + later), megabytes(self.total)
            reason = f"answering it takes about {needed} of memory, and this server has {most} for all requests"
            return Refusal(413, f"{reason}; send fewer rows a request, or smaller pictures")
        return None if self.has(size) else full_refusal()

    def take(self, size: int) -> None:
        """Take so many bytes, whether there are so many or not."""
        self.taken += size
        self._peak = max(self._peak, self.taken)

    def give(self, size: int) -> None:
        """Give them back."""
        self.taken -= size

    def falls(self) -> bool:
        """Whether much was given back since this was asked last: the allocator may give it to the system then."""
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
        """So many bytes more have come; whether there was room for them. If not, all of the body is let go."""
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
    """What a client is told while requests take all the memory that they may."""
    message = "requests take all the memory that this server has for them; try again in a second"
    return Refusal(503, message, headers={"Retry-After": "1"})
