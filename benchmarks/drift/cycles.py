"""False alarms and delays of `find_alarms` where traffic varies with time: python benchmarks/drift/cycles.py [STREAMS]

Every stream has a reference of its own and 25,000 predictions after it, of 20 normal columns; five of them vary with
time, in one of these ways:

- daily: a sine of amplitude 1 over the day, 2,000 rows a day
- weekly: a sine of amplitude 1 over the week, 2,450 rows a week
- long: the daily sine at 20,000 rows a day, so that a cycle is twice as long as calibrating takes
- switches: the mean jumps between -0.5 and 0.5, after 1,000 rows on average
- nulls: 3 % of the values are absent, in runs of 50 on average
- sorted: every 10,000 rows are sorted by one of the columns, as files are

The reference is 10,000 rows, in the order of time with their times, or without an order (of `long`: drawn from three
days). A stream counts as soon as it rang once: while calibrating and after it where there is no order, with the
warnings beside them. A shift of 0.5 in one of the five columns comes after 12,500 predictions.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from omloop.bundle import Reference
from omloop.drift import LEARNED, find_alarms, warn

ROWS, LIVE, COLUMNS, VARY = 10_000, 25_000, 20, 5
DAY, BEGIN = 86_400.0, 1_750_000_000.0
Chance = np.random.Generator


def independent(chance: Chance, rows: int) -> np.ndarray:
    return chance.normal(size=(rows, COLUMNS))


def sines(chance: Chance, rows: int, period: float) -> np.ndarray:
    """A sine of `period` rows in some columns, each with a phase of its own."""
    values, phases = independent(chance, rows), chance.uniform(0, 2 * np.pi, VARY)
    values[:, :VARY] += np.sin(2 * np.pi * np.arange(rows)[:, None] / period + phases)
    return values


def daily(chance: Chance, rows: int) -> np.ndarray:
    return sines(chance, rows, 2000)


def weekly(chance: Chance, rows: int) -> np.ndarray:
    return sines(chance, rows, 2450)


def long(chance: Chance, rows: int) -> np.ndarray:
    return sines(chance, rows, 20_000)


def switches(chance: Chance, rows: int) -> np.ndarray:
    values = independent(chance, rows)
    values[:, :VARY] += np.cumsum(chance.random((rows, VARY)) < 1 / 1000, axis=0) % 2 - 0.5
    return values


def nulls(chance: Chance, rows: int) -> np.ndarray:
    values = independent(chance, rows)
    for column in values.T[:VARY]:
        lengths = np.stack([chance.geometric(0.03 / 0.97 / 50, rows), chance.geometric(1 / 50, rows)], axis=1)
        ends = np.cumsum(lengths.ravel())  # of stretches without, and of runs, in turn
        column[np.searchsorted(ends, np.arange(rows), side="right") % 2 == 1] = np.nan
    return values


def sorted_files(chance: Chance, rows: int) -> np.ndarray:
    values = independent(chance, rows)
    for start in range(0, rows, 10_000):
        file = values[start : start + 10_000]
        values[start : start + 10_000] = file[np.argsort(file[:, 0])]
    return values


PER_DAY = {independent: 2000, daily: 2000, weekly: 350, long: 20_000, switches: 2000, nulls: 2000, sorted_files: 10_000}
Draw = Callable[[Chance, int], np.ndarray]


def named(values: np.ndarray) -> dict[str, np.ndarray]:
    """The columns by name."""
    return {f"c{index}": values[:, index] for index in range(values.shape[1])}


def stream(draw: Draw, seed: int, order: str) -> tuple[Reference, np.ndarray, np.ndarray]:
    """A reference with what is known of the order, the live rows after it, and their times."""
    chance = np.random.default_rng([seed, len(draw.__name__)])
    before = 60_000 if draw is long else ROWS
    values = draw(chance, before + LIVE)
    times = BEGIN + np.arange(len(values)) * DAY / PER_DAY[draw]
    known, live = named(values[:before]), values[before:]
    empty: dict[str, tuple[str, ...]] = dict.fromkeys(known, ())
    if order == "unordered":
        drawn = chance.permutation(before)[:ROWS]
        return Reference.of({name: rows[drawn] for name, rows in known.items()}, empty), live, times[before:]
    return Reference.of(known, empty, series=known, times=times[:before]), live, times[before:]


def rang(draw: Draw, seed: int, order: str) -> dict[str, float]:
    """Whether a stream rang while calibrating and after it, and whether it warned."""
    reference, live, times = stream(draw, seed, order)
    buckets = reference.buckets(named(live), times=times)
    alarms = find_alarms(reference, buckets)
    calibrating = [alarm for alarm in alarms if alarm.bucket < LEARNED - 1]
    if order != "unordered":
        return {"rang": bool(alarms)}
    after = bool(alarms[len(calibrating) :])
    return {"rang while calibrating": bool(calibrating), "warned": bool(warn(reference, buckets)), "rang after": after}


def delay(draw: Draw, seed: int, order: str) -> float:
    """Predictions until a shift of 0.5 in a column rings; infinite if it does not before the stream ends."""
    reference, live, times = stream(draw, seed, order)
    live[LIVE // 2 :, 2] += 0.5
    first = LIVE // 2 // reference.bucket
    alarms = find_alarms(reference, reference.buckets(named(live), times=times), first=first)
    return (alarms[0].bucket + 1 - first) * float(reference.bucket) if alarms else np.inf


def told(draw: Draw, order: str, streams: int) -> str:
    """One line of the table; delays of up to 50 streams, where there is hope to see the shift."""
    found = [rang(draw, seed, order) for seed in range(streams)]
    line = ", ".join(f"{sum(f[what] for f in found)} {what}" for what in found[0])
    if order == "times" or draw is independent:
        waited = [delay(draw, seed, order) for seed in range(min(streams, 50))]
        low, median, high = np.quantile(waited, [0.1, 0.5, 0.9], method="nearest")
        line += f"; 0.5 sd seen after {median:.0f} (10 % {low:.0f}, 90 % {high:.0f})"
    return f"{draw.__name__:12} {order:9} of {streams}: {line}"


if __name__ == "__main__":
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for order in ("times", "unordered"):
        for draw in PER_DAY:
            if draw is long and order != "unordered":
                continue
            begin = time.process_time()
            print(f"{told(draw, order, streams)}  ({time.process_time() - begin:.0f} CPU s)", flush=True)
