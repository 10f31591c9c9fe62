"""What both ways to int8 share: a folder to work in, and the refusal of graphs that gain nothing by it."""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
import onnxruntime
from onnxruntime.quantization import quant_pre_process

from omloop.core import ExportError, first_line

WARNINGS, ERRORS = 2, 3
"""Levels of ONNX Runtime's own log, the first its default."""


def quantise_graph(graph: bytes, quantise: Callable[[Path, Path], None]) -> bytes:
    """The graph that `quantise(ready, made)` writes of one whose operators are fused and whose shapes are known.

    Raises ExportError where ONNX Runtime refuses, and where nothing in the graph became int8.
    """
    with tempfile.TemporaryDirectory() as folder, _quiet():
        given, ready, made = (Path(folder) / f"{name}.onnx" for name in ("given", "ready", "made"))
        try:
            model = onnx.load_from_string(graph)
            # torch's exporter notes the shapes of weights too, which stay behind where a Gemm is turned around.
            del model.graph.value_info[:]
            onnx.save(model, given)
            quant_pre_process(given, ready, skip_symbolic_shape=True)
            quantise(ready, made)
        except ExportError:
            raise
        except Exception as error:  # it raises whatever a node makes it stumble over
            raise ExportError(f"ONNX Runtime cannot quantise the graph: {first_line(error)}.") from error
        if _int8_weights(made) <= _int8_weights(ready):
            raise ExportError("Nothing in the graph can be held as int8: it has no convolutions and no dense layers.")
        return made.read_bytes()


def _int8_weights(path: Path) -> int:
    kinds = (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
    return sum(weights.data_type in kinds and len(weights.dims) > 1 for weights in onnx.load(path).graph.initializer)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the advice to prepare the graph, which was done, and ONNX Runtime's warnings of what it tidies up."""
    root = logging.getLogger()
    root.addFilter(_no_advice)
    onnxruntime.set_default_logger_severity(ERRORS)
    try:
        yield
    finally:
        onnxruntime.set_default_logger_severity(WARNINGS)
        root.removeFilter(_no_advice)


def _no_advice(record: logging.LogRecord) -> bool:
    return "quantization" not in record.pathname
