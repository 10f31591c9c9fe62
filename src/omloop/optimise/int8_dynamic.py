"""int8 weights, with the scales of what flows between found anew at each run: for networks of dense layers.

Convolutions are left alone: ONNX Runtime's dynamic ones take several times as long as those in float32.
"""

from collections.abc import Sequence
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic

from omloop.optimise.quantise import quantise_graph
from omloop.optimise.variants import Feeds, VariantSpec

OPERATORS = ["MatMul", "Attention", "Gather", "EmbedLayerNormalization"]


def _dynamic(graph: bytes, calibration: Sequence[Feeds]) -> bytes:
    def quantise(ready: Path, made: Path) -> None:
        quantize_dynamic(ready, made, op_types_to_quantize=OPERATORS, weight_type=QuantType.QInt8)

    return quantise_graph(graph, quantise)


INT8_DYNAMIC = VariantSpec(_dynamic, precision="int8")
