"""What every way to calibrate probabilities is: the same sum in NumPy and as nodes of a graph."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray

from omloop.core import ExportError, NumberArray
from omloop.package.graph import FOLDED, finish_graph

LEAST_OPSET = 13
"""From this version of ONNX on a softmax is over one axis, and axes are inputs."""
PREFIX = "calibration_"
"""What the nodes and constants that are added begin with."""


class Calibrator(Protocol):
    """Turns a model's probabilities into others, of shape (n, classes) too."""

    @property
    def method(self) -> str:
        """Its name: temperature or isotonic."""

    @property
    def about(self) -> str:
        """The method with its numbers, in a few words."""

    def apply(self, outputs: NumberArray) -> NDArray[np.float64]:
        """The calibrated probabilities; each row's are 1 together."""

    def into(self, graph: onnx.GraphProto, answer: str) -> None:
        """Let a graph answer the calibrated probabilities under the same name."""


def calibrated_graph(graph: bytes, calibrator: Calibrator, answer: str) -> bytes:
    """The graph that answers what `calibrator` makes of its `answer`, under the same name and of the same shape.

    Raises ExportError for a graph of an older ONNX.
    """
    model = onnx.load_from_string(graph)
    opset = max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    if opset < LEAST_OPSET:
        raise ExportError(f"The graph is of ONNX's opset {opset}; calibrating takes {LEAST_OPSET}. Export it newer.")
    noted = {prop.key: prop.value for prop in model.metadata_props}.get(FOLDED, "")
    calibrator.into(model.graph, answer)
    return finish_graph(model, [*filter(None, noted.split("; ")), calibrator.about])


def renamed(graph: onnx.GraphProto, answer: str) -> str:
    """Rename the graph's answer `answer` and return the new name, so that a caller can put nodes behind it."""
    before = f"{PREFIX}before"
    for node in graph.node:
        node.output[:] = [before if name == answer else name for name in node.output]
        node.input[:] = [before if name == answer else name for name in node.input]
    kept = [one for one in graph.value_info if one.name != answer]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    return before


def constant(graph: onnx.GraphProto, name: str, values: Sequence[float] | NDArray[Any], dtype: Any = np.float32) -> str:
    """Add a constant to the graph and return its name there."""
    graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(values, dtype), f"{PREFIX}{name}"))
    return f"{PREFIX}{name}"
