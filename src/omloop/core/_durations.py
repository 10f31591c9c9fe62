"""Lengths of time as people write them."""

import math
import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float:
    """A length of time in seconds; a bare number counts seconds. Raises ValueError for anything else, and for 0.

    >>> seconds_of("30s"), seconds_of("2m"), seconds_of("1.5h"), seconds_of("250ms"), seconds_of("7")
    (30.0, 120.0, 5400.0, 0.25, 7.0)
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|s|m|h)?", text.strip())
    value = float(found[1]) * _UNITS[found[2] or "s"] if found else 0.0
    if not 0 < value < math.inf:
        raise ValueError(f"'{text}' is no length of time; write it as 30s, 2m or 250ms")
    return value
