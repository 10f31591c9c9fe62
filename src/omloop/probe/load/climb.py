"""Looking for the highest rate that holds."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from omloop.probe.load.load import MOST_RATE, Load

FACTOR = 1.5
"""A larger one takes fewer steps, and asks for more beyond what the server bears."""
MOST_STEPS = 16
"""1.5 to the 15th is 438 times the first rate."""
HALVINGS = 3
"""Of a gap of a half: the result is right to 6 %."""


@dataclass(frozen=True)
class RateStep:
    """One rate of the climb, its result, and why it did not hold, if it did not."""

    load: Load
    broken: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Requests a second in the plan."""
        return self.load.plan.rate


def climb(
    attempt: Callable[[float], Load], start: float, *, p99_s: float, most: float = MOST_RATE
) -> Iterator[RateStep]:
    """Try higher and higher rates, then between the last that held and the first that did not.

    The first rate is `start`; each next rate is `FACTOR` times the one before, up to `most`. Once a rate did not hold,
    the climb halves the gap `HALVINGS` times. There are `MOST_STEPS` steps at most, and only one when the
    first does not hold.
    """
    rate, held, broke, halvings = min(start, most), 0.0, math.inf, 0
    for _ in range(MOST_STEPS):
        found = attempt(rate)
        step = RateStep(found, found.broken(p99_s))
        yield step
        held, broke = (held, rate) if step.broken else (rate, broke)
        if not held or held == most or halvings == HALVINGS:
            return
        halvings += broke < math.inf
        rate = (held + broke) / 2 if broke < math.inf else min(most, rate * FACTOR)


def capacity(steps: Sequence[RateStep]) -> RateStep | None:
    """The step with the highest rate that held; None when none did."""
    return max((step for step in steps if not step.broken), key=lambda step: step.rate, default=None)
