"""False alarms and delays of alarms on tables: python benchmarks/drift/tables.py [STREAMS] [--ordered] [STREAM ...]

Every stream has a reference of its own: 10,000 rows of 20 normal columns where it says nothing else, in the order of
time where it says so, then 25,000 predictions. A stream counts as soon as it rang once, with Wilson's interval of 95 %.
Without an order of time the dispersion is learned from the first live buckets. Delays are from the first changed
prediction to the end of the bucket that rang: median, 10 and 90 %.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from omloop.bundle import Reference
from omloop.drift import find_alarms

ROWS, LIVE, COLUMNS = 10_000, 25_000, 20
Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True)
class Stream:
    """How rows are drawn, before and live; of how many words the columns are, none for numbers."""

    draw: Draw
    reference: Draw | None = None
    rows: int = ROWS
    words: int = 0
    together: bool = False


def independent(chance: np.random.Generator, rows: int, columns: int = COLUMNS) -> np.ndarray:
    """Rows that know nothing of each other."""
    return chance.normal(size=(rows, columns))


def autocorrelated(chance: np.random.Generator, rows: int, rho: float = 0.6) -> np.ndarray:
    """An autoregressive process of order one in every column."""
    noise = chance.normal(size=(rows, COLUMNS))
    noise[1:] *= np.sqrt(1 - rho**2)
    return lfilter([1.0], [1.0, -rho], noise, axis=0)


def repeated(chance: np.random.Generator, rows: int) -> np.ndarray:
    """Every row five times in a row."""
    return np.repeat(independent(chance, rows // 5), 5, axis=0)


def volatile(deviation: float) -> Draw:
    """The logarithm of every column's spread wanders with such a deviation, and forgets itself in 100 rows."""

    def draw(chance: np.random.Generator, rows: int) -> np.ndarray:
        spread = deviation * autocorrelated(chance, rows, 0.99)
        return independent(chance, rows) * np.exp(spread)

    return draw


def copied(times: int) -> Draw:
    """Every row so often, in any order."""

    def draw(chance: np.random.Generator, rows: int) -> np.ndarray:
        return chance.permutation(np.repeat(independent(chance, rows // times), times, axis=0))

    return draw


def resent(chance: np.random.Generator, rows: int) -> np.ndarray:
    """One row comes 200 times more among 400 others, once."""
    values = independent(chance, rows)
    start = int(chance.integers(0, rows - 400))
    values[start + chance.permutation(400)[:200]] = values[start]
    return values


def words(count: int) -> Draw:
    """One column of so many words, by Zipf's law."""
    shares = 1 / np.arange(1.0, count + 1)

    def draw(chance: np.random.Generator, rows: int) -> np.ndarray:
        return chance.choice(count, rows, p=shares / shares.sum())[:, None].astype(float)

    return draw


def correlated(columns: int) -> Draw:
    """Columns that go together by threes."""

    def draw(chance: np.random.Generator, rows: int) -> np.ndarray:
        values = independent(chance, rows, columns)
        common = np.repeat(values[:, ::3], 3, axis=1)[:, :columns]
        return np.where(np.arange(columns) % 3 == 0, values, 0.8 * common + 0.6 * values)

    return draw


STREAMS = {
    "independent": Stream(independent),
    "autocorrelated": Stream(autocorrelated),
    "repeated": Stream(repeated),
    "volatility 0.3": Stream(volatile(0.3)),
    "volatility 0.15": Stream(volatile(0.15)),
    "reference 3 times": Stream(independent, copied(3)),
    "reference 10 times": Stream(independent, copied(10)),
    "a row 200 times": Stream(resent),
    "50 words": Stream(words(50), rows=2000, words=50),
    "200 words": Stream(words(200), rows=2000, words=200),
    "1000 words": Stream(words(1000), words=1000),
    "5000 words": Stream(words(5000), words=5000),
    "40 classes, 64 judged": Stream(words(40), rows=64, words=40),
    "20 columns together": Stream(correlated(20), together=True),
    "20 volatile together": Stream(volatile(0.3), together=True),
    "100 columns together": Stream(correlated(100), together=True),
}


def named(values: np.ndarray) -> dict[str, np.ndarray]:
    """The columns by name."""
    return {f"c{index}": values[:, index] for index in range(values.shape[1])}


def reference_of(values: np.ndarray, *, ordered: bool = True, words: int = 0, together: bool = False) -> Reference:
    """A reference that knows the order of time, or does not."""
    columns = named(values)
    kinds = dict.fromkeys(columns, tuple(f"word {index}" for index in range(words)))
    joint = {"together": [*columns]} if together else None
    return Reference.of(columns, kinds, series=columns if ordered else None, together=joint)


def rings(stream: Stream, seed: list[int], *, ordered: bool) -> bool:
    """Whether a stream without drift rang at all."""
    chance = np.random.default_rng(seed)
    if stream.reference or not ordered:
        before, live = (stream.reference or stream.draw)(chance, stream.rows), stream.draw(chance, LIVE)
    else:  # time goes on
        before, live = np.split(stream.draw(chance, stream.rows + LIVE), [stream.rows])
    before = before if ordered else chance.permutation(before)
    reference = reference_of(before, ordered=ordered, words=stream.words, together=stream.together)
    return bool(find_alarms(reference, reference.buckets(named(live))))


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22, 209)."""
    share, z = found / of, 1.96
    middle, half = share + z**2 / (2 * of), z * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    return max(0.0, (middle - half) / (1 + z**2 / of)), (middle + half) / (1 + z**2 / of)


def changes() -> Iterator[tuple[str, Stream, bool, Callable[[np.random.Generator, np.ndarray], None]]]:
    """What happens to the live rows, in place, after so many quiet ones."""

    def shifted(by: float) -> Callable[[np.random.Generator, np.ndarray], None]:
        def change(chance: np.random.Generator, live: np.ndarray) -> None:
            live[:, 3] += by

        return change

    def tails(chance: np.random.Generator, live: np.ndarray) -> None:
        rows = np.flatnonzero(chance.random(len(live)) < 0.03)
        live[rows, 3] = 2.5 * np.sign(chance.normal(size=len(rows)))

    def apart(chance: np.random.Generator, live: np.ndarray) -> None:
        live[:, 1] = chance.normal(size=len(live))

    def common(chance: np.random.Generator, live: np.ndarray) -> None:
        share = float((live == 2).mean())
        live[chance.random(len(live)) < share / (1 - share)] = 2

    def unseen(chance: np.random.Generator, live: np.ndarray) -> None:
        live[chance.random(len(live)) < 0.05] = live.max()

    def rare(chance: np.random.Generator, live: np.ndarray) -> None:
        rows = np.flatnonzero(chance.random(len(live)) < 0.05)
        live[rows, 0] = live.max() - chance.integers(0, 10, len(rows))

    for ordered in (True, False):
        told = "" if ordered else ", without order"
        for by in (0.5, 0.3, 0.2):
            yield f"a shift of {by} in one of 20 columns{told}", Stream(independent), ordered, shifted(by)
    yield "3 % of one column at 2.5 deviations", Stream(independent), True, tails
    yield "a correlation of 0.8 of 20 columns ends", Stream(correlated(20), together=True), True, apart
    for count, rows in ((200, 2000), (200, ROWS), (1000, ROWS), (5000, ROWS)):
        stream, told = Stream(words(count), rows=rows, words=count), f"of {count} words, {rows} rows"
        yield f"the third {told}, doubles", stream, True, common
        yield f"one rare word {told}, takes 5 %", stream, True, unseen
        yield f"ten rare words {told}, take 5 %", stream, True, rare


def delays(
    stream: Stream, change: Callable[[np.random.Generator, np.ndarray], None], streams: int, *, ordered: bool
) -> list[float]:
    """Predictions until a change rings; infinite if it does not within 7,500."""
    found, quiet = [], 2500 if ordered else 12_500
    for seed in range(streams):
        chance = np.random.default_rng([seed, 7])
        before = stream.draw(chance, stream.rows)
        reference = reference_of(before, ordered=ordered, words=stream.words, together=stream.together)
        live = stream.draw(chance, quiet + 7500)
        change(chance, live[quiet:])
        buckets = reference.buckets(named(live))
        ends = range(quiet // 250, len(buckets))
        rang = next((end for end in ends if find_alarms(reference, buckets[: end + 1], first=end)), None)
        found.append(np.inf if rang is None else (rang + 1) * 250.0 - quiet)
    return found


if __name__ == "__main__":
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    chosen = [name for name in sys.argv[2:] if name != "--ordered"] or [*STREAMS, "delays"]
    for ordered in (True,) if "--ordered" in sys.argv else (True, False):
        for place, (name, stream) in enumerate(STREAMS.items()):
            if name not in chosen:
                continue
            begin = time.process_time()
            rang = sum(rings(stream, [seed, place, ordered], ordered=ordered) for seed in range(streams))
            low, high = wilson(rang, streams)
            told = "in order" if ordered else "without order"
            print(f"{name:22} {told:14} {rang} of {streams} streams rang [{low:.1%}, {high:.1%}]", end="", flush=True)
            print(f"  ({time.process_time() - begin:.0f} CPU s)", flush=True)
    for name, stream, ordered, change in changes() if "delays" in chosen else ():
        found = delays(stream, change, min(streams, 40), ordered=ordered)
        low, median, high = np.quantile(found, [0.1, 0.5, 0.9], method="nearest")
        print(f"{name}: median {median:.0f} predictions (10 % {low:.0f}, 90 % {high:.0f})", flush=True)
