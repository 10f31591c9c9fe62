"""The gate: whether a candidate should become champion, from their answers to the same rows."""

from omloop.promote.bootstrap import Gain, compare
from omloop.promote.case import Case, MetricFunction
from omloop.promote.gate import Rules, judge
from omloop.promote.losing import chance_of_losses
from omloop.promote.series import use_of

__all__ = [
    "Case",
    "Gain",
    "MetricFunction",
    "Rules",
    "chance_of_losses",
    "compare",
    "judge",
    "use_of",
]
