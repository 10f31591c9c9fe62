"""Packaging a trained model as an ONNX graph, proof that it answers as the original does, and other forms of it."""

from omloop.optimise.as_it_is import PLAIN
from omloop.optimise.choose import Budget, Choice, choose
from omloop.optimise.diagnose import diagnose
from omloop.optimise.exporters import EXPORTERS
from omloop.optimise.forms import FORMS, Form
from omloop.optimise.measure import Timing, timed
from omloop.optimise.memory import resident_bytes
from omloop.optimise.parity import BATCHES, alike, check_parity, require_verified

__all__ = [
    "BATCHES",
    "EXPORTERS",
    "FORMS",
    "PLAIN",
    "Budget",
    "Choice",
    "Form",
    "Timing",
    "alike",
    "check_parity",
    "choose",
    "diagnose",
    "require_verified",
    "resident_bytes",
    "timed",
]
