"""False alarms and delays of `find_alarms` on texts: python benchmarks/drift/texts.py FILE.parquet

FILE has texts in its first column of words; 10,000 are the reference, 4,000 others go wrong. Another topic is the
documentation of Python's library. Streams without drift are drawn from the same texts as their reference, with
repetition, 25,000 each.
"""

import importlib
import pydoc
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from omloop.bundle import Reference
from omloop.drift import find_alarms
from omloop.kinds import Text

KIND = Text()
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SPAM = (
    "WIN a FREE prize now!!! Call 0800 123 456",
    "Cheap pills, visit http://pills.example.com today",
    "Congratulations, you have won $1000, click here http://win.example.com to claim",
    "Make money fast from home!!! No risk",
)
MODULES = ("email", "decimal", "argparse", "asyncio", "unittest", "logging", "subprocess", "pathlib")
Rows = dict[str, np.ndarray]


def wrong(texts: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The same texts, as they may go wrong."""
    chance, other = np.random.default_rng(0), documentation()
    yield "as they were", texts
    yield "typos in 2 % of letters", [misspelt(text, chance) for text in texts]
    yield "30 % of another topic", some_of(texts, 0.3, lambda _: other[chance.integers(len(other))], chance)
    yield "20 % cut in half", some_of(texts, 0.2, lambda text: text[: len(text) // 2], chance)
    yield "5 % spam", some_of(texts, 0.05, lambda _: SPAM[chance.integers(len(SPAM))], chance)


def misspelt(text: str, chance: np.random.Generator) -> str:
    """Two letters of a hundred are others."""
    wrong = chance.random(len(text)) < 0.02
    return "".join(LETTERS[chance.integers(26)] if w and c.isalpha() else c for c, w in zip(text, wrong, strict=True))


def some_of(texts: list[str], share: float, change: Callable[[str], str], chance: np.random.Generator) -> list[str]:
    """The texts, a share of them changed."""
    return [change(text) if lot < share else text for text, lot in zip(texts, chance.random(len(texts)), strict=True)]


def documentation() -> list[str]:
    """Texts of 150 words about programs."""
    words = " ".join(pydoc.plain(pydoc.render_doc(importlib.import_module(name))) for name in MODULES).split()
    return [" ".join(words[start : start + 150]) for start in range(0, len(words) - 150, 150)]


def observed(texts: list[str]) -> Rows:
    """What is observed of plain texts."""
    return KIND.observe(KIND.encode({"text": texts}))


def reference_of(rows: Rows) -> Reference:
    """A reference whose texts came in this order."""
    return Reference.of(rows, KIND.observed, bucket=KIND.bucket, series=rows, together=KIND.together)


def some(rows: Rows, count: int, chance: np.random.Generator) -> Rows:
    """So many rows, drawn with repetition."""
    drawn = chance.integers(0, len(rows["words"]), count)
    return {name: values[drawn] for name, values in rows.items()}


if __name__ == "__main__":
    frame = pl.read_parquet(Path(sys.argv[1]))
    column = next(name for name in frame.columns if frame[name].dtype == pl.String)
    texts = frame[column].sample(fraction=1.0, shuffle=True, seed=0).to_list()[:14_000]
    before = observed(texts[:10_000])
    reference = reference_of(before)
    for what, changed in wrong(texts[10_000:]):
        rows, delays = observed(changed), []
        for seed in range(20):
            alarms = find_alarms(reference, reference.buckets(some(rows, 1500, np.random.default_rng(seed))))
            delays.append((alarms[0].bucket + 1) * KIND.bucket if alarms else np.inf)
        print(
            f"{what:24} median {np.median(delays):.0f} texts, at worst {max(delays):.0f}",
            flush=True,
        )
    rang, streams = 0, 300
    for seed in range(streams):
        chance = np.random.default_rng(seed)
        ours = reference_of(some(before, 10_000, chance))
        rang += bool(find_alarms(ours, ours.buckets(some(before, 25_000, chance))))
    print(f"without drift: {rang} of {streams} streams of 25,000 texts rang")
