"""How often a caller may ask: a bucket of tokens for each, filled at a steady rate."""

import math
from collections import OrderedDict
from dataclasses import dataclass

BURST_S = 10.0
"""A bucket holds what flows into it in as long, and one token at least."""
MOST_CALLERS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """The buckets of the latest callers, at most `MOST_CALLERS`; a forgotten one starts full again."""

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60.0
        self._most = max(1.0, self._rate * BURST_S)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, caller: str, now: float) -> float:
        """Take a token at `now`, in seconds that only rise: 0, or for how many seconds there is none.

        >>> rates = Rates(per_minute=6)
        >>> [round(rates.wait_s("a", now), 1) for now in (0.0, 1.0, 10.0)]
        [0.0, 9.0, 0.0]
        """
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(self._most, now)
            if len(self._buckets) > MOST_CALLERS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(caller)
            bucket.tokens = min(self._most, bucket.tokens + (now - bucket.at) * self._rate)
            bucket.at = now
        if bucket.tokens < 1.0:
            return (1.0 - bucket.tokens) / self._rate
        bucket.tokens -= 1.0
        return 0.0

    def __len__(self) -> int:
        return len(self._buckets)


def whole_seconds(wait_s: float) -> str:
    """Seconds as `Retry-After` has them, which is too late rather than too early.

    >>> whole_seconds(0.2)
    '1'
    """
    return str(max(1, math.ceil(wait_s)))
