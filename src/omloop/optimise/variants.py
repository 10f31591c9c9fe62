"""The table of variants that a packaged graph can be given: what makes each, and which engine runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Backends

Feeds = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class VariantSpec:
    """A variant of a packaged graph: `make(graph, calibration)` gives its own graph, which `engine` runs at
    `precision`.

    `calibration` are feeds of training examples, in batches. What cannot be made raises ExportError.
    """

    make: Callable[[bytes, Sequence[Feeds]], bytes]
    engine: str = "onnxruntime"
    precision: str = "float32"


VARIANTS = Backends(
    "variant",
    {
        "bf16-openvino": "omloop.optimise.other_engine:BF16_OPENVINO",
        "fused": "omloop.optimise.fused:FUSED",
        "int8": "omloop.optimise.int8_static:INT8",
        "int8-dynamic": "omloop.optimise.int8_dynamic:INT8_DYNAMIC",
        "int8-openvino": "omloop.optimise.int8_static:INT8_OPENVINO",
        "openvino": "omloop.optimise.other_engine:OPENVINO",
    },
)
"""Each is a `VariantSpec`; installed packages add to them through the entry points `omloop.variant`."""
