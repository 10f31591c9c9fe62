"""int8 weights and int8 between them, with scales found on training examples beforehand: for convolutions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from omloop.core import ExportError
from omloop.optimise.quantise import quantise_graph
from omloop.optimise.variants import Feeds, VariantSpec

OPERATORS = ["Conv", "Gemm", "MatMul", "Add", "MaxPool", "GlobalAveragePool", "ReduceMean"]


def _static(graph: bytes, calibration: Sequence[Feeds]) -> bytes:
    """Weights a scale a channel, in pairs of nodes that quantise and dequantise (QDQ), which other engines read too."""

    def quantise(ready: Path, made: Path) -> None:
        _require_fitting(onnx.load(ready), calibration)
        quantize_static(
            ready,
            made,
            _Reader(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=OPERATORS,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )

    return quantise_graph(graph, quantise)


INT8 = VariantSpec(_static, precision="int8")
INT8_OPENVINO = VariantSpec(_static, "openvino", "int8")


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, calibration: Sequence[Feeds]) -> None:
        self._left = iter(calibration)

    def get_next(self) -> object:
        """The next feeds, or None."""
        return next(self._left, None)


def _require_fitting(model: onnx.ModelProto, calibration: Sequence[Feeds]) -> None:
    """Raise ExportError unless the graph takes every one of the calibration's feeds."""
    if not calibration:
        raise ExportError("There is nothing to calibrate int8 on. Give a few training examples.")
    for wanted in model.graph.input:
        tensor = wanted.type.tensor_type
        sides = [side.dim_value if side.HasField("dim_value") else None for side in tensor.shape.dim]
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        for feeds in calibration:
            given = feeds.get(wanted.name, np.empty(0, bool))
            fits = len(given.shape) == len(sides) and all(
                want in (None, side) for want, side in zip(sides, given.shape, strict=True)
            )
            if not fits or given.dtype != kind:
                raise ExportError(
                    f"The calibration's '{wanted.name}' is {given.dtype} of shape {given.shape}; the graph takes "
                    f"{kind} of shape ({', '.join('any' if side is None else str(side) for side in sides)})."
                )
