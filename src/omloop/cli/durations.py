"""Lengths of time as people type them."""

import argparse

from omloop.core import seconds_of


def seconds(text: str) -> float:
    """A length of time in seconds, see `seconds_of`; for `type=` of an argument.

    >>> seconds("1.5h")
    5400.0
    """
    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
