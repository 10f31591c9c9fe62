"""The gate: whether a candidate should become champion, from their answers to the same rows."""

from omloop.promote.bootstrap import Gain, Metric, compare
from omloop.promote.gate import Case, Rules, judge

__all__ = ["Case", "Gain", "Metric", "Rules", "compare", "judge"]
