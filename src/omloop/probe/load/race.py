"""Which of several servers bears most: the race asks them in turn, each at rates around what it seems to bear.

Each follows its own staircase: a higher rate after a success, a lower rate after a failure, and a smaller step at each
turn. This is the up-and-down method (Dixon and Mood 1948, A method for obtaining and analyzing sensitivity data). It
repeats a failed rate once in the next round, because a busy moment of the machine is over by then. As the servers take
turns, a busy minute hits all alike.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TypeVar

from omloop.probe.load.load import MOST_RATE

FIRST, LEAST = 2.0, 1.1
"""The first step up or down, and the last: a smaller last one would tell more, and take more attempts."""
ENOUGH = 8
"""Attempts around what a server bears that are as many as anybody needs."""
FEW, BEHIND = 5, 0.75
"""A server drops out if, after a few attempts, it bears at most this share of what the best surely bears."""
NOISE = 0.05
"""A gain below this share is none."""

Name = TypeVar("Name")


@dataclass(frozen=True)
class Stairs:
    """The rates that the race tried at one server, with whether each held, and the next rate, in requests a second.

    `doubted` says that the next is one that did not hold a moment ago. `asked` counts all attempts.
    """

    rate: float
    step: float = FIRST
    tried: tuple[tuple[float, bool], ...] = ()
    doubted: bool = False
    asked: int = 0

    def after(self, held: bool) -> "Stairs":
        """The staircase once its rate has held, or has not."""
        if not (held or self.doubted):
            return replace(self, doubted=True, asked=self.asked + 1)
        step, before = self.step, [one for _, one in self.tried[-2:]]
        if before and before[-1] != held:
            step = max(LEAST, math.sqrt(step))
        elif before == [held, held]:  # it is far from where it turned
            step = min(FIRST, step**2)
        rate = min(MOST_RATE, self.rate * step if held else self.rate / step)
        return Stairs(rate, step, (*self.tried, (self.rate, held)), asked=self.asked + 1)

    @property
    def settled(self) -> Sequence[tuple[float, bool]]:
        """The attempts around what the server bears: from the last before the first turn on; none before it."""
        turns = [number for number, (one, other) in enumerate(pairwise(self.tried)) if one[1] != other[1]]
        return self.tried[turns[0] :] if turns else ()

    @property
    def bears(self) -> float:
        """The rate that holds as often as not: the median of the settled, within the span; 0 where nothing held."""
        low, high = self.span
        return min(high, max(low, median(rate for rate, _ in self.settled))) if self.settled else low

    @property
    def span(self) -> tuple[float, float]:
        """The lowest rate that did not hold and the highest that did, of the settled, in order."""
        if not self.settled:
            held = max((rate for rate, held in self.tried if held), default=0.0)
            return held, math.inf if held else self.rate
        held = max(rate for rate, held in self.settled if held)
        broke = min(rate for rate, held in self.settled if not held)
        return min(held, broke), max(held, broke)


def race(
    stairs: Mapping[Name, Stairs], attempt: Callable[[Name, float], bool], *, going: Callable[[], bool]
) -> Iterator[Mapping[Name, Stairs]]:
    """Ask each server in turn, for as long as it is `going` on, and give all results so far after each round.

    `attempt` asks one server at a rate, and says whether that held. Later rounds leave out servers that are clearly
    behind, and servers that had enough attempts.
    """
    found = dict(stairs)
    running = list(found)
    while running:
        for name in running:
            if not going():
                yield found
                return
            found[name] = found[name].after(attempt(name, found[name].rate))
        yield dict(found)
        surely = max(one.span[0] for one in found.values())
        close = [n for n in running if len(found[n].tried) < FEW or found[n].span[1] >= BEHIND * surely]
        enough = ENOUGH if len(close) > 1 else ENOUGH // 2
        running = [name for name in close[::-1] if len(found[name].settled) < enough]


def winner(found: Mapping[Name, Stairs]) -> tuple[Name, list[Name]]:
    """The first that bears as much as the best, but for noise, and all that do; `found` begins with the smallest."""
    best = max(found.values(), key=lambda one: one.bears)

    def as_good(one: Stairs) -> bool:
        return one.bears > 0 and (one.bears * (1 + NOISE) >= best.bears or one.span[1] >= best.span[0])

    equals = [name for name, one in found.items() if one is best or as_good(one)]
    return equals[0], equals
