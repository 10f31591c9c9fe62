"""The first step of a packaged estimator of pictures: from bytes to the matrix that it learned from."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

MATRIX = "matrix"


def takes_bytes(feed: Any) -> bool:
    """Whether a graph's input is bytes, as pictures are, which no estimator takes."""
    return bool(feed.dtype == np.uint8)


def from_bytes(model: Any, name: str, feed: Any, brightest: int = 255) -> Any:
    """Let a graph of one input called `matrix` take uint8 examples called `name`, shaped as `feed` is.

    It casts to float32, one row an example, and divides by the `brightest`. With 255 the kind's `matrix` does the same,
    so the two agree to the last bit.
    """
    graph = model.graph
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.array(brightest, np.float32), "brightest"),
            numpy_helper.from_array(np.array([0, int(np.prod(feed.shape[1:]))], np.int64), "one_row_an_example"),
        ]
    )
    steps = [
        helper.make_node("Cast", [name], ["greys"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["greys", "one_row_an_example"], ["rows_of_greys"]),
        helper.make_node("Div", ["rows_of_greys", "brightest"], [MATRIX]),
    ]
    nodes = [*steps, *graph.node]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.UINT8, [None, *feed.shape[1:]]))
    return model
