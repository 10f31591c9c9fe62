"""Packaging a trained model as an ONNX graph, and proof that it answers as the original does."""

from omloop.package.diagnose import diagnose
from omloop.package.exporters import EXPORTERS
from omloop.package.parity import BATCHES, alike, check_parity, prove, remembered, require_verified

__all__ = [
    "BATCHES",
    "EXPORTERS",
    "alike",
    "check_parity",
    "diagnose",
    "prove",
    "remembered",
    "require_verified",
]
