"""What operators cost, by name."""

from collections.abc import Iterable
from typing import NamedTuple


class Costs(NamedTuple):
    """How often an operator ran, and how many seconds it took itself, without those that it called."""

    name: str
    calls: int
    seconds: float


def costliest(runs: Iterable[tuple[str, float]]) -> list[Costs]:
    """Sum up (operator, seconds) of single runs; the costliest operator comes first.

    >>> costliest([("Conv", 2.0), ("Relu", 0.5), ("Conv", 1.0)])
    [Costs(name='Conv', calls=2, seconds=3.0), Costs(name='Relu', calls=1, seconds=0.5)]
    """
    found: dict[str, tuple[int, float]] = {}
    for name, seconds in runs:
        calls, total = found.get(name, (0, 0.0))
        found[name] = (calls + 1, total + seconds)
    return sorted((Costs(name, *sums) for name, sums in found.items()), key=lambda one: -one.seconds)
