"""Remembering results by the identity of the value that they come from."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Value = TypeVar("Value")
Made = TypeVar("Made")

MOST = 64
"""How many values it remembers, and so keeps alive."""


def memoise(make: Callable[[Value], Made]) -> Callable[[Value], Made]:
    """`make`, called once for each of the last `MOST` values; they must never change.

    It tells values apart by identity. `functools.lru_cache` compares by hash, and to hash a tuple of 100,000 words
    takes longer than a prediction.

    >>> words = ("b", "a")
    >>> ordered = memoise(sorted)
    >>> ordered(words) is ordered(words)
    True
    """
    known: OrderedDict[int, tuple[Value, Made]] = OrderedDict()

    @wraps(make)
    def remembering(value: Value) -> Made:
        found = known.get(id(value))
        if found is not None:  # the value is alive, so that no other has its identity
            return found[1]
        made = make(value)
        known[id(value)] = value, made
        while len(known) > MOST:
            known.popitem(last=False)
        return made

    return remembering
