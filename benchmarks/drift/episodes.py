"""How often a drift that goes away is told and ended: python benchmarks/drift/episodes.py [STREAMS]

Every stream has a reference of its own: 10,000 rows of 20 normal columns in the order of time. Live come 3,000 rows
like them, 3,000 in which one column moved, and 14,000 like the first again. Printed is how many streams changed state
how often (an alarm and its end are two), and after how many rows of the drift's end that was told. `lasting` streams
stay moved for 17,000 rows: their alarm must not end.
"""

import sys
from collections import Counter

import numpy as np

from omloop.bundle import Reference
from omloop.core import Alarm
from omloop.drift import drift_end, find_alarms

COLUMNS, QUIET, MOVED, AFTER, AT_ONCE = 20, 3_000, 3_000, 14_000, 8


def rows(chance: np.random.Generator, count: int, *, alike: float) -> np.ndarray:
    """Normal columns, each row resembling the one before by the correlation `alike`."""
    values = chance.normal(size=(count, COLUMNS))
    for row in range(1, count if alike else 0):
        values[row] = alike * values[row - 1] + np.sqrt(1 - alike**2) * values[row]
    return values


def named(values: np.ndarray) -> dict[str, np.ndarray]:
    """The columns by name."""
    return {f"c{index}": values[:, index] for index in range(COLUMNS)}


def first_alarm(reference: Reference, buckets: np.ndarray, begin: int) -> Alarm | None:
    """The first alarm from a bucket on; so many are tested at a time that few are tested behind it."""
    for start in range(begin, len(buckets), AT_ONCE):
        if alarms := find_alarms(reference, buckets[: start + AT_ONCE], first=start, begin=begin):
            return alarms[0]
    return None


def changes(reference: Reference, buckets: np.ndarray) -> list[int]:
    """The buckets after which the state changed, to moved and back in turns: what a watch tells."""
    found: list[int] = []
    begin = 0
    while alarm := first_alarm(reference, buckets, begin):
        found.append(alarm.bucket)
        end = drift_end(reference, buckets, alarm)
        if end is None:
            break
        found.append(end)
        begin = end + 1
    return found


def play(shift: float, streams: int, *, alike: float, lasting: bool) -> None:
    """Print a line about streams of one kind."""
    often: Counter[int] = Counter()
    late = []
    for seed in range(streams):
        chance = np.random.default_rng([seed, int(100 * shift)])
        before = named(rows(chance, 10_000, alike=alike))
        reference = Reference.of(before, dict.fromkeys(before, ()), series=before)
        live = rows(chance, QUIET + MOVED + AFTER, alike=alike)
        live[QUIET : None if lasting else QUIET + MOVED, 3] += shift
        found = changes(reference, reference.buckets(named(live)))
        often[len(found)] += 1
        late += [(found[1] + 1) * reference.bucket - QUIET - MOVED] if len(found) > 1 else []
    told = f"median {np.median(late):,.0f}, 90 % within {np.quantile(late, 0.9):,.0f}" if late else "none"
    counts = ", ".join(f"{number} in {often[number]}" for number in sorted(often))
    kind = f"{shift:.1f} sd, rows alike by {alike:.1f}{', lasting' if lasting else ''}"
    print(f"{kind:<36} changes: {counts:<32} rows from the end until told: {told}", flush=True)


if __name__ == "__main__":
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for lasting in (False, True):
        for alike in (0.0, 0.6):
            for shift in (1.0, 0.5, 0.3, 0.2):
                play(shift, streams, alike=alike, lasting=lasting)
