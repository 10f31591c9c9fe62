"""Words and short runs of words as hashed counts: a text of any length and language in a fixed number of buckets.

This is the hashing trick (Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009). It keeps
no vocabulary, so a word that training never saw needs no special place. Buckets are the same in every process and on
every machine.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

PADDING = 0
"""The bucket of no gram: what fills a row up to the longest of its batch, with count 0."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[!?]")
_SEED = 0x6F6D6C6F6F70
_TIMES = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters and digits, apostrophes inside them, and each `!` and `?`.

    >>> words_of("It isn't bad at all!")
    ['it', "isn't", 'bad', 'at', 'all', '!']
    """
    return _WORD.findall(text.lower())


def count_grams(
    texts: Iterable[str], grams: int, buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Count the runs of 1 to `grams` words of each text by bucket, from 1 to `buckets` - 1.

    Returns (rows, buckets, counts), each of shape (entries,), sorted by row and bucket.
    """
    hashes, rows = _hashed([words_of(text) for text in texts])
    keys = [rows[: len(run)][same] * buckets + run[same] for run, same in _runs(hashes, rows, grams, buckets)]
    found, counts = np.unique(np.concatenate(keys), return_counts=True)
    return found // buckets, found % buckets, counts.astype(np.float32)


def pad_entries(
    rows: NDArray[np.int64], buckets: NDArray[np.int64], counts: NDArray[np.float32], size: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The entries of `size` texts as two matrices of shape (size, longest), at least one column wide."""
    entries = np.bincount(rows, minlength=size)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(entries) - entries, entries)
    shape = (size, max(1, int(entries.max(initial=0))))
    wide, many = np.full(shape, PADDING, np.int64), np.zeros(shape, np.float32)
    wide[rows, place], many[rows, place] = buckets, counts
    return wide, many


def _hashed(texts: Sequence[list[str]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The CRC-32 of every word, and the row that it stands in."""
    words = " ".join([" ".join(text) for text in texts]).encode(errors="replace").split()
    hashes = np.fromiter(map(crc32, words), np.uint64, len(words))
    return hashes, np.repeat(np.arange(len(texts)), [len(text) for text in texts])


def _runs(
    hashes: NDArray[np.uint64], rows: NDArray[np.int64], grams: int, buckets: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """For each length, the bucket of the run that begins at each word, and whether it ends in the same text."""
    for length in range(1, grams + 1):
        starts = max(0, len(hashes) - length + 1)
        # The length is part of the seed: a word and a pair of words never meet by construction.
        state = np.full(starts, _SEED + length, np.uint64)
        for offset in range(length):
            state = (state ^ hashes[offset : offset + starts]) * _TIMES
            state ^= state >> _SHIFT
        bucket = (state % np.uint64(buckets - 1)).astype(np.int64) + 1
        yield bucket, rows[:starts] == rows[length - 1 : length - 1 + starts]
