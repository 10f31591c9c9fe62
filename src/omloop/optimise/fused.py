"""A graph whose operators ONNX Runtime has fused beforehand, so that a server does not do it at each start."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from omloop.core import ExportError, first_line
from omloop.optimise.variants import Feeds, VariantSpec


def _fused(graph: bytes, calibration: Sequence[Feeds]) -> bytes:
    """The graph after the extended optimisations: those beyond are for this machine's kind of CPU alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fused.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(path)
        options.log_severity_level = 4
        try:
            onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
            return path.read_bytes()
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise ExportError(f"ONNX Runtime cannot optimise the graph: {first_line(error)}.") from error


FUSED = VariantSpec(_fused)
