"""Latencies in log-linear buckets: any percentile, to a known error, in little memory.

The layout is that of HdrHistogram (Gil Tene, https://hdrhistogram.github.io/HdrHistogram/). A value is a whole number
of microseconds. Every power of two has 1,024 equal buckets, and values under 2,048 have a bucket each. A bucket reports
its highest value. So it never understates a percentile, and overstates it by at most 1/1024 (0.1 %), beyond the
rounding up to a whole microsecond. Here only the buckets in use take memory.
"""

import math
from collections.abc import Iterable

_BITS = 11  # 1,024 buckets for each power of two
_HALF = 1 << (_BITS - 1)


class Latencies:
    """How often each latency occurred.

    >>> seen = Latencies([0.001] * 99 + [2.0])
    >>> seen.count, seen.at(0.5), seen.at(0.99), seen.most
    (100, 0.001, 0.001, 2.0)
    """

    def __init__(self, seconds: Iterable[float] = ()) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.most = 0.0
        for each in seconds:
            self.add(each)

    def add(self, seconds: float) -> None:
        """Count one latency; a negative one, which no clock gives, counts as 0."""
        bucket = _bucket(math.ceil(seconds * 1e6) if seconds > 0 else 0)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.count += 1
        self.most = max(self.most, seconds)

    def merge(self, other: "Latencies") -> None:
        """Count all that `other` has counted, too."""
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
        self.count += other.count
        self.most = max(self.most, other.most)

    def at(self, share: float) -> float:
        """The latency in seconds that `share` of all did not exceed (nearest rank); 0 when there were none."""
        return self.each([share])[0]

    def each(self, shares: Iterable[float]) -> list[float]:
        """What `at` gives for several shares, which must rise."""
        found, below = [], 0
        buckets = iter(sorted(self._counts.items()))
        highest = 0
        for share in shares:
            rank = max(1, math.ceil(share * self.count - 1e-9))  # 0.07 * 100 is a little more than 7
            while below < rank:
                bucket, count = next(buckets, (0, self.count + 1))
                below += count
                highest = _highest(bucket)
            found.append(min(highest / 1e6, self.most))
        return found


def _bucket(value: int) -> int:
    """The number of the bucket that holds `value`.

    >>> [_bucket(value) for value in (0, 2047, 2048, 2049, 2050, 4096)]
    [0, 2047, 2048, 2048, 2049, 3072]
    """
    step = max(0, value.bit_length() - _BITS)
    return step * _HALF + (value >> step)


def _highest(bucket: int) -> int:
    """The highest value that falls into a bucket.

    >>> [_highest(_bucket(value)) for value in (0, 2047, 2048, 2049, 2050)]
    [0, 2047, 2049, 2049, 2051]
    """
    step = max(0, bucket // _HALF - 1)
    first = bucket - step * _HALF
    return ((first + 1) << step) - 1
