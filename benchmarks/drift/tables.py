"""False alarms and delays of `listen` on tables: python benchmarks/drift/tables.py [STREAMS]

Every stream has a reference of its own: 10,000 rows of 20 normal columns, in the order of time where it says so, then
25,000 predictions. A stream counts as soon as it rang once. The rows are independent, or autocorrelated (each resembles
the one before: 0.6), or every row comes five times. The same without an order of time, where the dispersion is learned
from the first live buckets. Delays are from the first shifted prediction to the end of the bucket that rang.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from omloop.bundle import Reference
from omloop.drift import listen

ROWS, LIVE, COLUMNS = 10_000, 25_000, 20
Draw = Callable[[np.random.Generator, int], np.ndarray]


def independent(chance: np.random.Generator, rows: int) -> np.ndarray:
    """Rows that know nothing of each other."""
    return chance.normal(size=(rows, COLUMNS))


def autocorrelated(chance: np.random.Generator, rows: int, rho: float = 0.6) -> np.ndarray:
    """An autoregressive process of order one in every column."""
    values = chance.normal(size=(rows, COLUMNS))
    for row in range(1, rows):
        values[row] = rho * values[row - 1] + np.sqrt(1 - rho**2) * values[row]
    return values


def repeated(chance: np.random.Generator, rows: int) -> np.ndarray:
    """Every row five times in a row."""
    return np.repeat(independent(chance, rows // 5), 5, axis=0)


def named(values: np.ndarray) -> dict[str, np.ndarray]:
    """The columns by name."""
    return {f"c{index}": values[:, index] for index in range(values.shape[1])}


def reference_of(values: np.ndarray, *, ordered: bool = True) -> Reference:
    """A reference that knows the order of time, or does not."""
    columns = named(values)
    return Reference.of(columns, dict.fromkeys(columns, ()), series=columns if ordered else None)


def false_alarms(draw: Draw, streams: int, *, ordered: bool) -> int:
    """How many streams without drift rang at all."""
    rang = 0
    for seed in range(streams):
        chance = np.random.default_rng([seed, len(draw.__name__), ordered])
        before = draw(chance, ROWS)
        if not ordered:
            before = chance.permutation(before)
        reference = reference_of(before, ordered=ordered)
        rang += bool(listen(reference, reference.buckets(named(draw(chance, LIVE)))))
    return rang


def delays(shift: float, streams: int, quiet: int = 2500) -> list[float]:
    """Predictions until a shift in one of the columns rings; infinite if it does not within 7,500."""
    found = []
    for seed in range(streams):
        chance = np.random.default_rng([seed, 7])
        reference = reference_of(independent(chance, ROWS))
        live = independent(chance, quiet + 7500)
        live[quiet:, 3] += shift
        alarms = [a for a in listen(reference, reference.buckets(named(live))) if (a.bucket + 1) * 250 > quiet]
        found.append((alarms[0].bucket + 1) * 250.0 - quiet if alarms else np.inf)
    return found


if __name__ == "__main__":
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for ordered in (True, False):
        for draw in (independent, autocorrelated, repeated):
            begin = time.process_time()
            rang = false_alarms(draw, streams, ordered=ordered)
            told = "in order" if ordered else "without order"
            print(f"{draw.__name__:15} reference {told:14} {rang} of {streams} streams rang", end="", flush=True)
            print(f"  ({time.process_time() - begin:.0f} CPU s)", flush=True)
    for shift in (0.5, 0.3, 0.2):
        low, median, high = np.quantile(delays(shift, min(streams, 100)), [0.1, 0.5, 0.9])
        print(f"a shift of {shift} in one column: median {median:.0f} predictions (10 % {low:.0f}, 90 % {high:.0f})")
