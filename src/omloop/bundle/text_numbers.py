"""A text as a flat row of named numbers: what drift is looked for in, whether or not the text itself is kept."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.grams import words_of

NUMBERS = (
    "characters",  # of the text
    "words",  # runs of letters and digits, and each ! and ?
    "mean_word_length",  # in characters; 0 without a word
    "upper_case",  # share of the letters; 0 without a letter
    "punctuation",  # share of the characters, symbols and emoji among them
    "digits",  # share of the characters
    "beyond_ascii",  # share of the letters that ASCII does not have
    "type_token_ratio",  # different words by words (Templin 1957); falls as a text grows longer
)
"""The names of the numbers, in order."""


def text_numbers(texts: Iterable[str]) -> NDArray[np.float64]:
    """The numbers called `NUMBERS` of each text; shape (n, 8).

    >>> dict(zip(NUMBERS, text_numbers(["Good GOOD bad"])[0].round(2).tolist()))["type_token_ratio"]
    0.67
    """
    return np.array([_numbers(text) for text in texts], np.float64).reshape(-1, len(NUMBERS))


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
    )


@lru_cache(maxsize=4096)
def _kind_of(character: str) -> str:
    if character.isalpha():
        return "letter"
    if character.isdigit():
        return "digit"
    return "space" if character.isspace() else "mark"
