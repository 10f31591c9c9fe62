"""Other variants of a packaged graph: made, measured, and one chosen by a budget."""

from omloop.optimise.choose import Budget, Choice, choose
from omloop.optimise.memory import resident_bytes
from omloop.optimise.other_engine import PLAIN
from omloop.optimise.timing import Timing, time_sessions
from omloop.optimise.variants import VARIANTS, VariantSpec

__all__ = [
    "PLAIN",
    "VARIANTS",
    "Budget",
    "Choice",
    "Timing",
    "VariantSpec",
    "choose",
    "resident_bytes",
    "time_sessions",
]
