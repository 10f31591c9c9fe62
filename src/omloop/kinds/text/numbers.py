"""A text as a flat row of named numbers: drift detection looks at them, whether or not the log keeps the text."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from omloop.kinds.text.grams import words_of

NUMBERS = (
    "characters",  # of the text
    "words",  # runs of letters and digits, and each ! and ?
    "mean_word_length",  # in characters; 0 without a word
    "upper_case",  # share of the letters; 0 without a letter
    "punctuation",  # share of the characters, symbols and emoji among them
    "digits",  # share of the characters
    "beyond_ascii",  # share of the letters that ASCII does not have
    "type_token_ratio",  # different words by words (Templin 1957); falls as a text grows longer
    "unfinished",  # 1 where no mark, bracket or emoji ends it, as in a text that was cut off, else 0
)
"""The names of the numbers of its shape, in order."""

WORDS = tuple(f"words_{number}" for number in range(1, 9))
"""Which words a text has, in any language: eight random projections.

The method is that of Achlioptas (2003, "Database-friendly random projections"). Each is the sum of +1 or -1 for every
word, divided by the root of their number. The signs come from the word's CRC-32. Another topic has other common words,
and so other means.
"""

_SIGNS = np.arange(len(WORDS), dtype=np.uint32)


def text_numbers(texts: Iterable[str]) -> NDArray[np.float64]:
    """The numbers called `NUMBERS` and `WORDS` of each text; shape (n, 17).

    >>> dict(zip(NUMBERS, text_numbers(["Good GOOD bad"])[0].round(2).tolist(), strict=False))["type_token_ratio"]
    0.67
    """
    return np.array([_numbers(text) for text in texts], np.float64).reshape(-1, len(NUMBERS) + len(WORDS))


def _numbers(text: str) -> tuple[float, ...]:
    letters = upper = digits = marks = foreign = 0
    for character, count in Counter(text).items():
        kind = _kind_of(character)
        if kind == "letter":
            letters += count
            upper += count if character.isupper() else 0
            foreign += 0 if character.isascii() else count
        elif kind == "digit":
            digits += count
        elif kind == "mark":
            marks += count
    words = words_of(text)
    return (
        len(text),
        len(words),
        sum(map(len, words)) / max(1, len(words)),
        upper / max(1, letters),
        marks / max(1, len(text)),
        digits / max(1, len(text)),
        foreign / max(1, letters),
        len(set(words)) / max(1, len(words)),
        float(_kind_of(text[-1:]) != "mark"),
        *_projected(words),
    )


def _projected(words: list[str]) -> list[float]:
    hashes = np.fromiter((crc32(word.encode(errors="replace")) for word in words), np.uint32, len(words))
    ones = (hashes[:, None] >> _SIGNS & 1).sum(axis=0, dtype=np.int64)
    projected: list[float] = ((2 * ones - len(words)) / max(1, len(words)) ** 0.5).tolist()
    return projected


@lru_cache(maxsize=4096)
def _kind_of(character: str) -> str:
    if character.isalpha():
        return "letter"
    if character.isdigit():
        return "digit"
    return "space" if character.isspace() else "mark"
