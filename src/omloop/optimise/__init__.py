"""Other forms of a packaged graph: made, measured, and one chosen by a budget."""

from omloop.optimise.choose import Budget, Choice, choose
from omloop.optimise.memory import resident_bytes
from omloop.optimise.other_engine import PLAIN
from omloop.optimise.timing import Timing, timed
from omloop.optimise.variants import FORMS, Form

__all__ = [
    "FORMS",
    "PLAIN",
    "Budget",
    "Choice",
    "Form",
    "Timing",
    "choose",
    "resident_bytes",
    "timed",
]
