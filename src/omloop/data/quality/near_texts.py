"""Near duplicates among texts: those that share most of their sequences of five words.

The method is MinHash with banding, after Broder, On the resemblance and containment of documents (1997), with 32 hashes
in 8 bands of 4. If the sets of sequences overlap by 0.6 (Jaccard), it finds the pair with probability 0.67; with 0.8,
with 0.99. It then compares candidates in full, so it never finds a false pair.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.6
WORDS = 5
BANDS, ROWS = 8, 4
BLOCK = 2000

Hashes = NDArray[np.uint64]


def near_texts(later: Sequence[str], earlier: Sequence[str], *, level: float = LEVEL) -> dict[int, int]:
    """Which texts of `later` share at least `level` of their sequences with one of `earlier`: there -> here.

    The check leaves out texts of fewer than five words. Words are what stands between spaces, in lower case.

    >>> near_texts(["one two three four five six seven!"], ["nothing", "One two three four five six seven eight"])
    {}
    >>> near_texts(["one two three four five six seven"], ["nothing", "One two three four five six seven eight"])
    {0: 1}
    """
    vocabulary: dict[str, int] = {}
    old, new = _bands(earlier, vocabulary), _bands(later, vocabulary)
    found: dict[int, int] = {}
    for band in range(BANDS):
        order = np.argsort(old[:, band], kind="stable")
        known = old[order, band]
        places = np.searchsorted(known, new[:, band])
        alike = np.flatnonzero(np.append(known, np.uint64(0))[places] == new[:, band])
        for here, place in zip(alike.tolist(), places[alike].tolist(), strict=True):
            there = int(order[place])
            if here not in found and _overlap(later[here], earlier[there], vocabulary) >= level:
                found[here] = there
    return dict(sorted(found.items()))


def _overlap(one: str, other: str, vocabulary: dict[str, int]) -> float:
    """Jaccard similarity of two texts' sets of sequences."""
    first, second = (set(_sequences([text], vocabulary)[0].tolist()) for text in (one, other))
    return len(first & second) / max(len(first | second), 1) if first and second else 0.0


def _bands(texts: Sequence[str], vocabulary: dict[str, int]) -> Hashes:
    """One number a band for each text, shape (n, BANDS); equal numbers make two texts candidates."""
    blocks = [_signatures(texts[start : start + BLOCK], vocabulary) for start in range(0, len(texts), BLOCK)]
    signatures = np.concatenate([np.empty((0, BANDS * ROWS), np.uint64), *blocks])
    weights = _odd_numbers(2, ROWS)
    return np.asarray((signatures.reshape(-1, BANDS, ROWS) * weights).sum(axis=2, dtype=np.uint64))


def _signatures(texts: Sequence[str], vocabulary: dict[str, int]) -> Hashes:
    hashes, starts, rows = _sequences(texts, vocabulary)
    # A text without sequences keeps a signature of its own, which nothing else has.
    signatures = np.random.default_rng(len(vocabulary)).integers(0, 2**63, (len(texts), BANDS * ROWS), np.uint64)
    if len(hashes):
        for column, factor in enumerate(_odd_numbers(1, BANDS * ROWS)):
            signatures[rows, column] = np.minimum.reduceat(_mixed(hashes * factor), starts)
    return signatures


def _sequences(texts: Sequence[str], vocabulary: dict[str, int]) -> tuple[Hashes, NDArray[np.int64], NDArray[np.int64]]:
    """Hashes of all sequences, where each text's begin, and which texts have any."""
    words = [[vocabulary.setdefault(word, len(vocabulary)) for word in text.lower().split()] for text in texts]
    counts = np.array([max(len(found) - WORDS + 1, 0) for found in words], np.int64)
    rows = np.flatnonzero(counts)
    if not len(rows):
        return np.empty(0, np.uint64), rows, rows
    numbers = _mixed(np.concatenate([np.array(words[row], np.uint64) for row in rows]) + np.uint64(1))
    rolled = np.zeros(len(numbers) - WORDS + 1, np.uint64)
    for step, factor in enumerate(_odd_numbers(0, WORDS)):
        rolled += numbers[step : step + len(rolled)] * factor
    lengths = counts[rows] + WORDS - 1
    first = np.cumsum(lengths) - lengths
    within = np.ones(len(rolled), bool)
    for start in first[1:]:
        within[start - WORDS + 1 : start] = False  # a sequence never runs from one text into the next
    return _mixed(rolled[within]), np.cumsum(counts[rows]) - counts[rows], rows


def _mixed(numbers: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea, Flood, 2014): near numbers become far ones."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _odd_numbers(seed: int, count: int) -> Hashes:
    return np.random.default_rng(seed).integers(0, 2**63, count, np.uint64) * np.uint64(2) + np.uint64(1)
