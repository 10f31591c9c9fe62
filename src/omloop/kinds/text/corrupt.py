"""Corruptions of texts, each a function of a text, a strength from 0 to 1 and a random generator."""

import math
import re
from collections.abc import Callable

import numpy as np

SPAM = "Congratulations! You have WON a free prize, click http://win.example/now to claim it!!! "
_LETTERS = list("abcdefghijklmnopqrstuvwxyz")
_MARKS = re.compile(r"[^\w\s]")


def typos(text: str, strength: float, chance: np.random.Generator) -> str:
    """Typing errors: at full strength they omit, double, replace or swap one in seven letters."""
    letters = list(text)
    slips = np.flatnonzero(chance.random(len(letters)) < strength / 7)
    for place in slips:
        slip, other = chance.integers(0, 4), chance.integers(0, 26)
        if slip == 3 and place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
        elif letters[place].isalpha():
            letters[place] = ("", letters[place] * 2, _LETTERS[other], letters[place])[slip]
    return "".join(letters)


def truncation(text: str, strength: float, chance: np.random.Generator) -> str:
    """Truncated: at full strength a twentieth of the text remains, and at least one character."""
    return text[: max(1, math.ceil(len(text) * (1 - 0.95 * strength)))]


def case(text: str, strength: float, chance: np.random.Generator) -> str:
    """Shouted: at full strength every word is in capitals."""
    words = re.split(r"(\s+)", text)
    return "".join(word.upper() if chance.random() < strength else word for word in words)


def punctuation(text: str, strength: float, chance: np.random.Generator) -> str:
    """Without its marks: at full strength each character that is no letter, digit or space becomes a space."""
    return _MARKS.sub(lambda mark: " " if chance.random() < strength else mark[0], text)


def spam(text: str, strength: float, chance: np.random.Generator) -> str:
    """Behind advertising: one line of it, at full strength six."""
    return SPAM * math.ceil(6 * strength) + text


CORRUPTIONS: dict[str, Callable[[str, float, np.random.Generator], str]] = {
    "typos": typos,
    "truncation": truncation,
    "case": case,
    "punctuation": punctuation,
    "spam": spam,
}
"""What a text can suffer, by name."""
