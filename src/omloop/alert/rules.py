"""Rules over named signals, and times without alerts."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from omloop.core import ConfigError

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
MetricKind = Literal["number", "state"]


@dataclass(frozen=True)
class Signal:
    """What one metric showed at a look: a number, or for a state 1 (on) or 0 (off), and a word on it."""

    value: float
    detail: str = ""


Signals = Mapping[str, Signal]
"""A look's values by the metric's name, without unknown ones."""


@dataclass(frozen=True)
class Rule:
    """When to raise an alert: a number is `above` or `below` a threshold, or a state (with neither) is on.

    This must hold at every look for `for_s` seconds. It judges a number by its mean over the looks of the last
    `window_s` seconds, 0 for the last look alone. An alert resolves when the number is back at the threshold, or at
    `resolve`. `resolve` may lie further on the good side, so that a hovering number does not ring again and again.
    Raises ConfigError for a rule that contradicts itself.

    >>> rule = Rule("slow", "latency.p99_ms", above=50.0, resolve=40.0)
    >>> rule.rings(51.0), rule.rings(45.0), rule.well(45.0), rule.well(40.0)
    (True, False, False, True)
    """

    name: str
    metric: str
    above: float | None = None
    below: float | None = None
    resolve: float | None = None
    window_s: float = 0.0
    for_s: float = 0.0
    severity: Severity = "warning"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.-]{1,80}", self.name):
            raise ConfigError(f"'{self.name:.100}' is no name of a rule: use letters, digits, '-', '_' and '.'.")
        numbers = (self.above, self.below, self.resolve)
        if not all(math.isfinite(number) for number in numbers if number is not None):
            raise ConfigError("a threshold must be a finite number.")
        if self.above is not None and self.below is not None:
            raise ConfigError("it has both above and below. Write two rules, one for each.")
        if self.is_state and (self.resolve is not None or self.window_s):
            raise ConfigError(f"resolve and window belong to a number, and {self.metric} is judged as on or off.")
        if self.resolve is not None and self.rings(self.resolve):
            raise ConfigError(
                f"it would be resolved at {self.resolve:g} and raised there too ({self.condition}). "
                "Give resolve the threshold itself or a value on its good side, or leave it out."
            )

    @property
    def is_state(self) -> bool:
        """Whether the rule asks for a state and not for a number."""
        return self.above is None and self.below is None

    @property
    def condition(self) -> str:
        """The condition in words: `above 50`, or `on`."""
        if self.is_state:
            return "on"
        return f"above {self.above:g}" if self.above is not None else f"below {self.below:g}"

    def rings(self, value: float) -> bool:
        """Whether a value is one to raise an alert for."""
        if self.above is not None:
            return value > self.above
        return value < self.below if self.below is not None else value > 0

    def well(self, value: float) -> bool:
        """Whether a value is one to resolve an alert for."""
        if self.resolve is None:
            return not self.rings(value)
        return value <= self.resolve if self.above is not None else value >= self.resolve


@dataclass(frozen=True)
class Silence:
    """A silence from `start` to before `end` (seconds since 1970), for all rules or for some.

    `by` is who set it, empty for one from a file.

    Raises ConfigError when it is empty.
    """

    start: float
    end: float
    because: str
    rules: tuple[str, ...] = ()
    by: str = ""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ConfigError("it is empty: it ends before it begins.")

    def covers(self, rule: str, now: float) -> bool:
        """Whether it silences `rule` at the moment `now`."""
        return self.start <= now < self.end and (not self.rules or rule in self.rules)


DEFAULT_RULES = (
    Rule("drift", "drift"),
    Rule("loss", "loss", severity="critical"),
    Rule("broken", "broken", severity="critical"),
    Rule("retraining-failed", "retraining.failed"),
)
"""The default rules."""
