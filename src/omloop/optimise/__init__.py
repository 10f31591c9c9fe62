"""Packaging a trained model as an ONNX graph, and proof that it answers as the original does."""

from omloop.optimise.exporters import EXPORTERS
from omloop.optimise.parity import BATCHES, check_parity, require_verified

__all__ = ["BATCHES", "EXPORTERS", "check_parity", "require_verified"]
