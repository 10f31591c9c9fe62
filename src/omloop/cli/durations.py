"""Lengths of time as people type them."""

import argparse
import math
import re

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """A length of time in seconds; a bare number counts seconds. For `type=` of an argument.

    >>> seconds("30s"), seconds("2m"), seconds("1.5h"), seconds("250ms"), seconds("7")
    (30.0, 120.0, 5400.0, 0.25, 7.0)
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|s|m|h)?", text.strip())
    value = float(found[1]) * UNITS[found[2] or "s"] if found else 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no length of time; write it as 30s, 2m or 250ms")
    return value
